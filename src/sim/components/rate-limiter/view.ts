/** What people see of a rate limiter. */
import type { Gauge, NameOf, Sight, ViewField } from '../../node/behaviour.ts';
import { courseOfLimiter, courseOfWindow } from '../../traffic/limit-course.ts';
import type { LevelPoint } from '../../traffic/limit-course.ts';
import { limiterNamed } from '../../traffic/limit-policy.ts';
import { tryGauges, upstreamView } from '../../traffic/upstream-view.ts';
import type { UpstreamView } from '../../traffic/upstream-view.ts';
import type { RateLimiterConfig } from './config.ts';
import { upstreamsOf } from './state.ts';
import type { Mark, RateLimiterState } from './state.ts';

export interface RateLimiterView {
  readonly component: 'rate-limiter';
  /** Of the busiest key at its newest decision: 0 at rest, 1 nothing may pass; null: not known. */
  readonly level: number | null;
  readonly levelAtMicros: number;
  /** How the level of that key goes on if nothing more is asked; empty: not known. */
  readonly course: readonly LevelPoint[];
  readonly admitted: number;
  readonly refused: number;
  readonly undecided: number;
  readonly isRefusing: boolean;
  readonly isStoreLost: boolean;
  /** The newest decisions, the newest last. */
  readonly marks: readonly Mark[];
  readonly storeCalls: number;
  readonly underWay: number;
  readonly upstream: UpstreamView;
  /** Null where it keeps the counts itself. */
  readonly store: UpstreamView | null;
  readonly fields: readonly ViewField[];
}

function courseOf(
  { busiest, limiters, settings }: RateLimiterState,
  sight: Sight<RateLimiterConfig>,
): readonly LevelPoint[] {
  if (busiest.key < 0) return [];
  const { where, policy } = sight.config;
  if (where !== 'local') return courseOfWindow(busiest, settings, sight);
  const own = limiters.get(busiest.key) ?? null;
  return courseOfLimiter(limiterNamed(policy), own, settings, sight);
}

export function view(
  state: RateLimiterState,
  _nameOf: NameOf,
  sight: Sight<RateLimiterConfig>,
): RateLimiterView {
  const { busiest, proxy, target, admitted, refused, undecided, storeCalls } = state;
  const level = busiest.key < 0 ? null : busiest.level;
  return {
    component: 'rate-limiter',
    level,
    levelAtMicros: busiest.atMicros,
    course: courseOf(state, sight),
    admitted,
    refused,
    undecided,
    isRefusing: state.isRefusing,
    isStoreLost: state.isStoreLost,
    marks: state.marks.slice(),
    storeCalls,
    underWay: proxy.flow.inside,
    upstream: upstreamView(target),
    store: state.store === null ? null : upstreamView(state.store),
    fields: [
      { label: 'Level', value: level === null ? null : Math.round(level * 100), unit: '%' },
      { label: 'Admitted', value: admitted },
      { label: 'Refused', value: refused },
      { label: 'Undecided', value: undecided },
      { label: 'Store calls', value: storeCalls },
      { label: 'Under way', value: proxy.flow.inside },
    ],
  };
}

/** Came in, and neither refused nor on its way to the target. */
const undelivered = ({ proxy, target }: RateLimiterState): number =>
  proxy.flow.inside - target.flow.inside;

export const GAUGES: readonly Gauge<RateLimiterState>[] = [
  {
    title: 'Admitted',
    about: 'Requests that the limiter let through.',
    kind: 'count',
    of: (state) => state.admitted,
  },
  {
    title: 'Over the limit',
    about: 'Requests that the limiter refused, or would have.',
    kind: 'count',
    of: (state) => state.refused,
  },
  {
    title: 'Under way',
    about: 'Requests that came in and are not answered.',
    kind: 'level',
    of: (state) => state.proxy.flow.inside,
  },
  {
    title: 'Waiting for the store',
    about: 'Requests of which it is not decided yet whether they may pass.',
    kind: 'level',
    of: (state) => (state.store === null ? 0 : undelivered(state)),
  },
  {
    title: 'Held back',
    about: 'Requests that may pass and wait until they are due.',
    kind: 'level',
    of: (state) => (state.store === null ? undelivered(state) : 0),
  },
  {
    title: 'Undecided',
    about: 'Requests that passed, or not, because the store did not answer.',
    kind: 'count',
    of: (state) => state.undecided,
  },
  ...tryGauges(upstreamsOf),
];
