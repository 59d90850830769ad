/**
 * The door of a service: how many requests are worked on at once, who waits, who is sent away.
 *
 * Invariants: a request is inside, waits, or is told at once that it is not let in; the number
 * inside never exceeds the limit as it was when the last one entered.
 *
 * Sources: M/G/c/K stations; Little's law for the queue; Nichols & Jacobson, RFC 8289 (CoDel);
 * Netflix concurrency-limits for limits that move; SRE book, chapter 21, for criticality.
 */
import { over, word } from '../contracts/needs.ts';
import type { Need } from '../contracts/needs.ts';
import { Type, field } from '../contracts/schema.ts';
import type { Static } from '../contracts/schema.ts';
import { InvariantError } from '../kernel/errors.ts';
import {
  CONCURRENCY_LIMITS,
  codelDrops,
  codelEmpty,
  sheds,
  startCodel,
} from '../policies/concurrency/index.ts';
import type {
  CodelState,
  ConcurrencyLimit,
  ConcurrencySettings,
  ConcurrencyState,
} from '../policies/concurrency/index.ts';
import type { Stream } from '../kernel/random.ts';
import { enter, leave, newFlow } from './flow.ts';
import type { FlowCount } from './flow.ts';

const strict = { additionalProperties: false } as const;

/** Priorities that are told apart: 0 the most important. */
export const PRIORITIES = 8;

/** Limits that look at a setting. */
const reading = (name: keyof ConcurrencySettings): readonly string[] =>
  CONCURRENCY_LIMITS.filter(({ reads }) => reads.includes(name)).map((limit) => limit.name);

const ADMISSION_NEEDS: readonly Need[] = [
  {
    settings: ['limitPolicy', 'discipline', 'maxQueue', 'codel', 'shedAbove', 'dropExpired'],
    any: [over('concurrencyLimit')],
    why: 'without a limit nobody waits',
    hint: 'Set concurrencyLimit: so many requests are worked on at once.',
  },
  {
    settings: ['discipline', 'codel', 'dropExpired'],
    any: [over('maxQueue')],
    why: 'with maxQueue 0 nobody waits',
  },
  { settings: ['minLimit'], any: [word('limitPolicy', ...reading('minLimit'))] },
  { settings: ['maxLimit'], any: [word('limitPolicy', ...reading('maxLimit'))] },
  { settings: ['codelTargetMs', 'codelIntervalMs'], any: [word('codel', true)] },
];

export const admissionSchema = Type.Object(
  {
    concurrencyLimit: field.count({
      about: 'Requests worked on at once; where the limit moves, where it starts. 0: no limit.',
      default: 0,
      max: 1_000_000,
    }),
    limitPolicy: field.choice(
      CONCURRENCY_LIMITS.map(({ name }) => name),
      { about: 'Whether the limit moves with what it sees, and how.', default: 'fixed' },
    ),
    minLimit: field.count({
      about: 'A limit that moves never goes below it.',
      default: 1,
      min: 1,
      max: 1_000_000,
    }),
    maxLimit: field.count({
      about: 'A limit that moves never goes above it.',
      default: 200,
      min: 1,
      max: 1_000_000,
    }),
    discipline: field.choice(['fifo', 'lifo', 'priority'], {
      about: 'Who of those that wait is next; priority sheds the least important when it is full.',
      default: 'fifo',
    }),
    maxQueue: field.count({
      about: 'Requests that may wait; the next one is refused.',
      default: 1_024,
      max: 10_000_000,
      source: 'Envoy max_pending_requests',
    }),
    codel: field.flag({
      about: 'Drop from the queue when even the luckiest waited too long (RFC 8289).',
      default: false,
    }),
    codelTargetMs: field.millis({
      about: 'Of CoDel: a wait that is all right.',
      default: 5,
      min: 0.001,
    }),
    codelIntervalMs: field.millis({
      about: 'Of CoDel: how long it may be exceeded.',
      default: 100,
      min: 0.001,
    }),
    shedAbove: Type.Array(
      Type.Number({ minimum: 0, description: 'Work inside and waiting, over the limit.' }),
      {
        default: [],
        description: 'By priority, the utilisation from which on it is refused; none: never.',
      },
    ),
    dropExpired: field.flag({
      about: 'Do not begin what nobody waits for any more.',
      default: false,
    }),
  },
  { ...strict, default: {}, description: 'Who is let in.', needs: ADMISSION_NEEDS },
);
export type AdmissionConfig = Static<typeof admissionSchema>;

interface Level {
  readonly items: number[];
  head: number;
}

export interface Admission {
  inside: number;
  waiting: number;
  /** By priority; a discipline without priorities uses the first. */
  readonly levels: Level[];
  readonly limit: ConcurrencyState;
  readonly codel: CodelState;
  readonly queueFlow: FlowCount;
  refused: number;
  shed: number;
  expired: number;
}

const policyOf = (c: AdmissionConfig): ConcurrencyLimit<ConcurrencyState> => {
  const found = CONCURRENCY_LIMITS.find(({ name }) => name === c.limitPolicy);
  if (found === undefined) throw new InvariantError(`there is no limit ${c.limitPolicy}`);
  return found;
};

const limitSettings = (c: AdmissionConfig): ConcurrencySettings => ({
  ...policyOf(c).defaults,
  initialLimit: Math.max(1, c.concurrencyLimit),
  minLimit: Math.min(c.minLimit, Math.max(1, c.concurrencyLimit)),
  maxLimit: Math.max(c.maxLimit, c.concurrencyLimit),
});

export const newAdmission = (c: AdmissionConfig): Admission => ({
  inside: 0,
  waiting: 0,
  levels: Array.from({ length: PRIORITIES }, () => ({ items: [], head: 0 })),
  limit: policyOf(c).start(limitSettings(c)),
  codel: startCodel(),
  queueFlow: newFlow(),
  refused: 0,
  shed: 0,
  expired: 0,
});

/** How many may be inside now. */
export const limitNow = (a: Admission, c: AdmissionConfig): number =>
  c.concurrencyLimit === 0 ? Infinity : policyOf(c).limit(a.limit);

const levelOf = (c: AdmissionConfig, priority: number): number =>
  c.discipline === 'priority' ? Math.min(PRIORITIES - 1, Math.max(0, priority)) : 0;

/** 'in': begin now; 'wait': it is queued; 'no': refused. `shed` is a job that had to make room. */
export interface Verdict {
  readonly door: 'in' | 'wait' | 'no';
  readonly shed: number;
}
const IN: Verdict = Object.freeze({ door: 'in', shed: -1 });
const WAIT: Verdict = Object.freeze({ door: 'wait', shed: -1 });
const NO: Verdict = Object.freeze({ door: 'no', shed: -1 });

/** A request is at the door. */
export function arrive(
  a: Admission,
  c: AdmissionConfig,
  job: number,
  priority: number,
  nowMicros: number,
): Verdict {
  const limit = limitNow(a, c);
  if (c.shedAbove.length > 0) {
    const thresholds = c.shedAbove;
    if (sheds({ thresholds }, priority, (a.inside + a.waiting) / limit)) {
      a.shed += 1;
      return NO;
    }
  }
  if (a.waiting === 0 && a.inside < limit) {
    a.inside += 1;
    return IN;
  }
  const level = levelOf(c, priority);
  if (a.waiting < c.maxQueue) {
    push(a, level, job, nowMicros);
    return WAIT;
  }
  const shed = c.discipline === 'priority' ? lessImportant(a, level) : -1;
  if (shed < 0) {
    a.refused += 1;
    return NO;
  }
  a.shed += 1;
  push(a, level, job, nowMicros);
  return { door: 'wait', shed };
}

function push(a: Admission, level: number, job: number, nowMicros: number): void {
  (a.levels[level] as Level).items.push(job);
  a.waiting += 1;
  enter(a.queueFlow, nowMicros);
}

/** Takes the newest of the least important that wait, if they are less important than `level`. */
function lessImportant(a: Admission, level: number): number {
  for (let l = PRIORITIES - 1; l > level; l--) {
    const { items, head } = a.levels[l] as Level;
    if (items.length <= head) continue;
    a.waiting -= 1;
    return items.pop() as number;
  }
  return -1;
}

/** Whom the queue gives out next, or -1. The caller tells `dequeued` when it had come. */
export function next(a: Admission, c: AdmissionConfig): number {
  if (a.waiting === 0) {
    if (c.codel) codelEmpty(a.codel);
    return -1;
  }
  if (a.inside >= limitNow(a, c)) return -1;
  for (const level of a.levels) {
    if (level.items.length <= level.head) continue;
    a.waiting -= 1;
    if (c.discipline === 'lifo') return level.items.pop() as number;
    const job = level.items[level.head++] as number;
    if (level.head > 1_024 && level.head * 2 > level.items.length) {
      level.items.splice(0, level.head);
      level.head = 0;
    }
    return job;
  }
  throw new InvariantError('the queue says that somebody waits, and nobody does');
}

/** A job left the queue; whether CoDel drops it. */
export function dequeued(
  a: Admission,
  c: AdmissionConfig,
  enteredMicros: number,
  nowMicros: number,
): boolean {
  leave(a.queueFlow, enteredMicros, nowMicros);
  if (!c.codel) return false;
  const settings = {
    targetMicros: c.codelTargetMs * 1_000,
    intervalMicros: c.codelIntervalMs * 1_000,
  };
  return codelDrops(a.codel, settings, nowMicros, nowMicros - enteredMicros, a.waiting);
}

/**
 * A job that was inside is done; what a moving limit learns from it.
 * @param inflight how many were inside when it was let in, itself included
 */
export function done(
  a: Admission,
  c: AdmissionConfig,
  tookMicros: number,
  inflight: number,
  isDropped: boolean,
  draw: Stream,
): void {
  if (c.limitPolicy !== 'fixed' && c.concurrencyLimit > 0) {
    policyOf(c).onSample(a.limit, limitSettings(c), tookMicros, inflight, isDropped, draw);
  }
  a.inside -= 1;
}
