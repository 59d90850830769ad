/** A scripted server b1 behind limiters r1, ..., perhaps with a store k1, asked by callers. */
import type { GroupPlan } from 'faultline';
import type { RateLimiterState } from '../../../../../src/sim/components/rate-limiter/state.ts';
import type { RateLimiterView } from '../../../../../src/sim/components/rate-limiter/view.ts';
import { TrafficBench } from '../../support/traffic-bench.ts';
import type { Play } from '../../support/traffic-partners.ts';

export interface LimitedPlan {
  readonly config?: object;
  readonly limiters?: number;
  /** Settings of the store; without them there is none. */
  readonly store?: object;
  readonly play?: Play;
  readonly more?: readonly GroupPlan[];
  readonly seed?: number;
  readonly ablations?: readonly string[];
}

export class Limited extends TrafficBench {
  seen(name = 'r1'): RateLimiterView {
    return this.view(name) as RateLimiterView;
  }

  limiter(name = 'r1'): RateLimiterState {
    return this.node(name).state as RateLimiterState;
  }

  /** What refused requests were told, in milliseconds. */
  retryAfter(tag: number): number | undefined {
    const result = this.reply(tag)?.result;
    if (result === undefined || result.outcome === 'ok') return undefined;
    return (result.error.detail as { retryAfterMs: number } | undefined)?.retryAfterMs;
  }

  /** Of these requests, how many ended so. */
  ended(tags: readonly number[], code: string): number {
    return tags.filter((tag) => this.code(tag) === code).length;
  }
}

export function limited(plan: LimitedPlan): Limited {
  const store: GroupPlan[] =
    plan.store === undefined
      ? []
      : [{ name: 'k', component: 'limit-store', count: 1, config: { ...plan.store } }];
  return new Limited({
    groups: [
      { name: 'b', component: 'scripted-server', count: 1 },
      ...store,
      {
        name: 'r',
        component: 'rate-limiter',
        count: plan.limiters ?? 1,
        links: plan.store === undefined ? { target: 'b' } : { target: 'b', store: 'k' },
        config: { ...plan.config },
      },
      { name: 'a', component: 'caller', count: 1, links: { servers: 'r' } },
      ...(plan.more ?? []),
    ],
    ...(plan.play === undefined ? {} : { play: plan.play }),
    seed: plan.seed ?? 1,
    ablations: plan.ablations ?? [],
  });
}
