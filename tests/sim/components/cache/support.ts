/** Caches, and what they are asked. */
import type { CacheGet, CacheSet, CacheValue, CacheWrite, GroupPlan, Message } from 'faultline';
import type { CacheView } from '../../../../src/sim/components/cache/view.ts';
import { AskBench } from '../support/ask-bench.ts';
import { constant, db } from '../database/support.ts';

export const cache = (config: object = {}, more: Partial<GroupPlan> = {}): GroupPlan => ({
  name: 'ca',
  component: 'cache',
  count: 1,
  config: config as { readonly [name: string]: unknown },
  ...more,
});
export const alone = (config: object = {}, seed = 1): AskBench =>
  new AskBench({ groups: [cache(config)], seed });

/** A cache before a database whose reads take 10 ms and whose writes take 20 ms. */
export const before = (config: object, more: object = {}): AskBench =>
  new AskBench({
    groups: [
      db(
        { read: { time: constant(10) }, write: { time: constant(20) }, rows: 1_000 },
        { cores: 8 },
      ),
      cache(config, { links: { origin: 'db' } }),
    ],
    ...more,
  });

export const get = (key: number, seed = 7): CacheGet => ({ type: 'cache.get', key, seed });
export const set = (key: number, version: number, lease = 0, costMs = 0): CacheSet => ({
  type: 'cache.set',
  key,
  version,
  lease,
  costMs,
});
export const write = (key: number): CacheWrite => ({ type: 'cache.write', key, seed: 7 });
export const remove = (key: number, version = -1) =>
  ({ type: 'cache.delete', key, version }) as const;
export const done = (applied: boolean) => ({ type: 'cache.done', applied }) as const;
export const value = (state: CacheValue['state'], version: number) =>
  ({ type: 'cache.value', state, version, lease: 0 }) as const;

export const view = (b: AskBench): CacheView => b.view<CacheView>('ca1');
/** Looks an object up: "hit 3", and the lease. */
export function look(b: AskBench, key: number): { readonly is: string; readonly lease: number } {
  const reply: Message | string = b.answer('ca1', get(key));
  if (typeof reply === 'string') return { is: reply, lease: 0 };
  const { state, version, lease } = reply as CacheValue;
  return { is: `${state} ${version}`, lease };
}
