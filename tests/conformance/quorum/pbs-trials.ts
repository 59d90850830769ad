/**
 * The experiment of PBS through running quorum stores: a write of a new key, and reads of it so
 * long after the write was acknowledged. The coordinator is no replica of the key, so that each of
 * the N replicas is one drawn leg away; the network itself takes no time.
 */
import { Type, defineBehaviour, kv, ms } from 'faultline';
import type { Context, KvGet, KvPut, KvReply, MonoMicros } from 'faultline';
import { createQuorumConfig } from '../../../src/sim/protocols/quorum/config.ts';
import type { QuorumConfig } from '../../../src/sim/protocols/quorum/config.ts';
import { preferenceList, tokenOf } from '../../../src/sim/protocols/quorum/preference-list.ts';
import type { Distribution } from '../../../src/sim/policies/distribution.ts';
import { Live } from '../traffic/support/live.ts';

export interface Experiment {
  readonly n: number;
  readonly r: number;
  readonly w: number;
  readonly legs: {
    readonly write: Distribution;
    readonly acknowledgement: Distribution;
    readonly read: Distribution;
    readonly response: Distribution;
  };
  /** When to read, in milliseconds after the acknowledgement. */
  readonly readsAtMs: readonly number[];
  readonly trials: number;
  readonly seed: number;
}

export interface Outcome {
  /** Sorted, in milliseconds. */
  readonly writesMs: number[];
  readonly readsMs: number[];
  /** By time of reading: how many of the trials read what was written. */
  readonly fresh: number[];
}

interface Trials {
  readonly ring: QuorumConfig;
  begun: number;
  readonly startedMicros: Map<number, MonoMicros>;
  readonly writesMs: number[];
  readonly readsMs: number[];
  readonly fresh: number[];
  ended: number;
}

const config = Type.Object({
  n: Type.Integer(),
  trials: Type.Integer(),
  readsAtMs: Type.Array(Type.Number()),
});
interface Config {
  readonly n: number;
  readonly trials: number;
  readonly readsAtMs: readonly number[];
}
type Ctx = Context<Config>;

/** Nobody is given up: the longest legs of a heavy tail are part of the distribution. */
const PATIENCE_MS = 600_000;
const GAP_MS = 1;

const keyOf = (trial: number): string => `k${trial}`;

function ask(state: Trials, ctx: Ctx, trial: number, tag: number, request: KvGet | KvPut): void {
  const list = preferenceList(state.ring, tokenOf(keyOf(trial)), ctx.config.n + 1);
  state.startedMicros.set(tag, ctx.mono());
  ctx.call(list[ctx.config.n]!, request, { timeout: ms(2 * PATIENCE_MS), tag });
}

const read = (state: Trials, ctx: Ctx, tag: number): void => {
  const trial = Math.floor(tag / (ctx.config.readsAtMs.length + 1));
  ask(state, ctx, trial, tag, { type: 'kv.get', key: keyOf(trial) });
};

const driver = defineBehaviour<Trials, Config, never, { component: string; fields: [] }>({
  component: 'pbs-driver',
  about: 'Writes new keys, and reads each at set times after its acknowledgement.',
  source: 'Bailis et al., PBS (VLDB 2012), 5',
  leavesOut: [],
  badge: 'PB',
  serves: [],
  links: { servers: { about: 'The stores.', contract: kv } },
  config,
  facts: {},
  roleNames: {},
  start(ctx) {
    const peers = ctx.members('servers');
    ctx.setTimer('write', 0, ms(GAP_MS));
    return {
      ring: createQuorumConfig({ id: peers[0]!, peers, replicationFactor: ctx.config.n }),
      begun: 0,
      startedMicros: new Map(),
      writesMs: [],
      readsMs: [],
      fresh: ctx.config.readsAtMs.map(() => 0),
      ended: 0,
    };
  },
  on: {},
  onTimer(state, ctx, kind, key) {
    if (kind === 'read') return read(state, ctx, key);
    const trial = state.begun++;
    const tag = trial * (ctx.config.readsAtMs.length + 1);
    ask(state, ctx, trial, tag, { type: 'kv.put', key: keyOf(trial), value: trial });
    if (state.begun < ctx.config.trials) ctx.setTimer('write', 0, ms(GAP_MS));
  },
  onResult(state, ctx, tag, result) {
    if (result.outcome !== 'ok') throw new Error(`an operation ended as ${result.error.code}`);
    const { readsAtMs } = ctx.config;
    const trial = Math.floor(tag / (readsAtMs.length + 1));
    const nth = tag % (readsAtMs.length + 1);
    const took = (ctx.mono() - state.startedMicros.get(tag)!) / 1_000;
    state.startedMicros.delete(tag);
    if (nth === 0) {
      state.writesMs.push(took);
      readsAtMs.forEach((atMs, i) => {
        if (atMs === 0) read(state, ctx, tag + 1 + i);
        else ctx.setTimer('read', tag + 1 + i, ms(atMs));
      });
      return;
    }
    state.readsMs.push(took);
    const reply = result.value as KvReply;
    if (reply.type === 'kv.value' && reply.value === trial) state.fresh[nth - 1]! += 1;
    state.ended += 1;
  },
  roles: () => [],
  view: () => ({ component: 'pbs-driver', fields: [] }),
});

export function runExperiment(experiment: Experiment): Outcome {
  const { n, r, w, legs, readsAtMs, trials, seed } = experiment;
  const live = new Live({
    seed,
    components: [driver],
    groups: [
      {
        name: 'n',
        component: 'quorum-store',
        count: n + 1,
        config: {
          replicationFactor: n,
          r,
          w,
          legs,
          readRepair: 'off',
          hintedHandoff: false,
          suspectAfterMs: PATIENCE_MS,
          writeTimeoutMs: PATIENCE_MS,
          readTimeoutMs: PATIENCE_MS,
        },
      },
      {
        name: 'driver',
        component: 'pbs-driver',
        count: 1,
        links: { servers: 'n' },
        config: { n, trials, readsAtMs },
      },
    ],
  });
  const state = () => live.state<Trials>('driver1');
  const all = trials * readsAtMs.length;
  for (let untilMs = trials * GAP_MS; state() === null || state().ended < all; untilMs += 1_000) {
    live.to(untilMs);
    if (untilMs > trials * GAP_MS + 2 * PATIENCE_MS) throw new Error('operations were lost');
  }
  const { writesMs, readsMs, fresh } = state();
  writesMs.sort((a, b) => a - b);
  readsMs.sort((a, b) => a - b);
  return { writesMs, readsMs, fresh };
}
