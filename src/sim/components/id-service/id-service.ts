/**
 * A worker that makes unique ids from its wall clock, its number and a sequence, and asks nobody.
 *
 * Invariants: requests are answered in the order in which they came; while the clock guard holds,
 * the ids of one life of the worker rise strictly. What it gave out before a crash it has
 * forgotten: then only the clock keeps it from giving the same again.
 *
 * Source: Twitter's snowflake (2010), IdWorker.scala
 */
import type { FactTable } from '../../contracts/facts.ts';
import { ids } from '../../contracts/ids.ts';
import type { IdsId, IdsNext } from '../../contracts/ids.ts';
import { micros } from '../../kernel/time.ts';
import { plural } from '../../kernel/plural.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, View } from '../../node/behaviour.ts';
import { NO_ID_YET, idText, nextId } from '../../policies/ids/index.ts';
import type { LastId } from '../../policies/ids/index.ts';
import { checkIdService, idServiceConfig } from './config.ts';
import type { IdServiceConfig } from './config.ts';

type Ctx = Context<IdServiceConfig>;

const MILLI = 1_000;

export interface IdServiceState {
  /** Part of each of its ids. */
  readonly worker: number;
  last: LastId;
  /** Requests that wait for the clock, the oldest first. */
  waiting: readonly CallRef[];
  /** Whether the clock shows less than it did at the last id. */
  isBack: boolean;
  made: number;
  refused: number;
}

export interface IdServiceView extends View {
  readonly component: 'id-service';
  readonly worker: number;
  readonly lastId: string | null;
  readonly waiting: number;
  /** How far the clock is behind the last id; 0: it is not. */
  readonly behindMillis: number;
  readonly made: number;
  readonly refused: number;
}

export type IdServiceFact =
  | { readonly type: 'ids.clock-back'; readonly behindMillis: number }
  | { readonly type: 'ids.clock-caught-up'; readonly worker: number }
  | { readonly type: 'ids.sequence-spent'; readonly perMillisecond: number };

const facts: FactTable<IdServiceFact> = {
  'ids.clock-back': {
    weight: 'major',
    sentence: (f) => `sees that its clock is ${f.behindMillis} ms behind its last id`,
  },
  'ids.clock-caught-up': {
    weight: 'minor',
    sentence: (f) => `makes ids of worker ${f.worker} again: its clock has caught up`,
  },
  'ids.sequence-spent': {
    weight: 'minor',
    sentence: (f) => `has given out all ${plural(f.perMillisecond, 'id')} of this millisecond`,
  },
};

const sinceEpoch = (wallMicros: number, config: IdServiceConfig): number =>
  Math.floor(wallMicros / MILLI) + Math.floor(config.sinceEpochMs);

/** False: it has to wait. */
function answer(state: IdServiceState, ctx: Ctx, call: CallRef): boolean {
  const { config } = ctx;
  const guard = !ctx.ablations.includes('ids.clock-guard');
  const now = sinceEpoch(ctx.wall(), config);
  const rules = { sequenceBits: config.sequenceBits, 'ids.clock-guard': guard };
  const next = nextId(state.last, now, rules);
  if (next.kind === 'id') {
    if (state.isBack)
      ctx.tell<IdServiceFact>({ type: 'ids.clock-caught-up', worker: state.worker });
    state.isBack = false;
    state.last = next.last;
    state.made += 1;
    const id = idText({ ...next.last, worker: state.worker });
    ctx.reply<IdsId>(call, { type: 'ids.id', id });
    return true;
  }
  if (next.kind === 'back' && !state.isBack) {
    state.isBack = true;
    const behindMillis = next.untilMillis - now;
    ctx.tell<IdServiceFact>({ type: 'ids.clock-back', behindMillis });
  }
  if (next.kind === 'out-of-range' || (next.kind === 'back' && config.whenBack === 'refuse')) {
    state.refused += 1;
    ctx.refuse(call, 'invalid-system-clock');
    return true;
  }
  if (next.kind === 'spent') {
    const perMillisecond = 1 << config.sequenceBits;
    ctx.tell<IdServiceFact>({ type: 'ids.sequence-spent', perMillisecond });
  }
  const wallThen = (next.untilMillis - Math.floor(config.sinceEpochMs)) * MILLI;
  ctx.setTimer('clock', 0, micros(Math.max(1, wallThen - ctx.wall())));
  return false;
}

/** Whoever came first is answered first; the others wait behind it. */
function answerWaiting(state: IdServiceState, ctx: Ctx): void {
  const { waiting } = state;
  let done = 0;
  for (const call of waiting) {
    if (!answer(state, ctx, call)) break;
    done += 1;
  }
  state.waiting = waiting.slice(done);
}

export const idService = defineBehaviour<
  IdServiceState,
  IdServiceConfig,
  IdsNext,
  IdServiceView,
  IdServiceFact
>({
  component: 'id-service',
  about: 'Makes unique ids of its wall clock, its number and a sequence, and asks nobody.',
  source: 'Twitter snowflake (2010): 41 bits of milliseconds, 10 of the worker, 12 of the sequence',
  leavesOut: [
    'How a worker comes by its number: Twitter reserves it in ZooKeeper, and looks at the clocks ' +
      'of the others before it starts.',
    'A memory that outlives the process: a clock that is set back while it is down goes unseen.',
  ],
  badge: 'ID',
  serves: [ids],
  links: {},
  config: idServiceConfig,
  check: checkIdService,
  facts,
  rules: ['ids.clock-guard'],
  roleNames: { worker: 'Makes ids.' },
  start(ctx) {
    const ordinal = ctx.members('peers').indexOf(ctx.self);
    const { firstWorker, numbers } = ctx.config;
    return {
      worker: numbers === 'shared' ? firstWorker : firstWorker + ordinal,
      last: NO_ID_YET,
      waiting: [],
      isBack: false,
      made: 0,
      refused: 0,
    };
  },
  on: {
    'ids.next'(state, ctx, _message, _from, call) {
      state.waiting = [...state.waiting, call];
      answerWaiting(state, ctx);
    },
  },
  onTimer: answerWaiting,
  gauges: [
    {
      title: 'Waiting',
      about: 'Requests that wait until the clock shows a time with room for an id.',
      kind: 'level',
      of: (state) => state.waiting.length,
    },
    {
      title: 'Refused',
      about: 'Requests at which the clock showed a time that may make no id.',
      kind: 'count',
      of: (state) => state.refused,
    },
  ],
  roles: () => ['worker'],
  view: ({ worker, last, waiting, made, refused }, _nameOf, { config, wallMicros }) => {
    const lastId = made === 0 ? null : idText({ ...last, worker });
    const behindMillis = Math.max(0, last.millis - sinceEpoch(wallMicros, config));
    return {
      component: 'id-service',
      worker,
      lastId,
      waiting: waiting.length,
      behindMillis: made === 0 ? 0 : behindMillis,
      made,
      refused,
      fields: [
        { label: 'Worker', value: worker },
        { label: 'Last id', value: lastId },
        { label: 'Clock behind it', value: made === 0 ? 0 : behindMillis, unit: 'ms' },
        { label: 'Waiting', value: waiting.length },
        { label: 'Made', value: made },
        { label: 'Refused', value: refused },
      ],
    };
  },
});
