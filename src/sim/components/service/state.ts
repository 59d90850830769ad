/** A service's volatile state: jobs and threads in slots that are used again. */
import type { CallRef } from '../../node/behaviour.ts';
import { newAdmission } from '../../traffic/admission.ts';
import type { Admission } from '../../traffic/admission.ts';
import { newFlow } from '../../traffic/flow.ts';
import type { FlowCount } from '../../traffic/flow.ts';
import type { Upstream } from '../../traffic/upstream.ts';
import type { ServiceConfig } from './config.ts';
import type { Near } from './near.ts';
import type { Program } from './program.ts';

/** A request in the service, from its arrival until nothing runs for it any more. */
export interface Job {
  call: CallRef;
  route: string;
  write: boolean;
  key: number;
  /** The bits of this try: a further try draws anew. */
  seed: number;
  session: number;
  priority: number;
  arrivedMicros: number;
  /** When it was let in. */
  beganMicros: number;
  /** When whoever asked gives up. */
  deadlineMicros: number;
  /** Threads alive. */
  threads: number;
  isInside: boolean;
  isReplied: boolean;
  isDegraded: boolean;
  /** Writes to others that took effect, or may have, or are under way. */
  writes: number;
  /** What a limiter behind said: when to try again. */
  retryAfterMs?: number;
  /** Where the limit moves: how many were inside when it was let in, itself included. */
  insideAtStart?: number;
}

export interface Making {
  readonly lease: number;
  readonly beganMicros: number;
  /** The flight that others wait for, or ''. */
  readonly flight: string;
  /** Of several objects: all that were looked up, of which it makes those that were missing. */
  readonly objects?: readonly number[];
}

/** One line of work of a job: what it does now. */
export interface Thread {
  job: number;
  pc: number;
  /** Tells whether a parent is still the one that waits. */
  serial: number;
  parent: number;
  parentSerial: number;
  /** Of a parent: branches under way, those that ended well, and how many must. */
  left: number;
  got: number;
  need: number;
  /** The version of the object that was read or written last. */
  version: number;
  /** What it makes because a cache did not have it, the innermost last: a tier behind a tier. */
  readonly makings: Making[];
  /** The member that a branch calls, or -1. */
  member: number;
  /** Threads that this one works for, too: a batch. */
  readonly followers: number[];
  /** When it began to wait for another thread. */
  waitsSinceMicros: number;
  /** Of a list page, and which of them is at hand (-1: all): see `objects.ts`. */
  objects: readonly number[];
  place: number;
  /** What the objects at hand were read in. */
  versions: readonly number[];
}

export interface ServiceState {
  /** Its own configuration, frozen, without the rules of the door that are switched off. */
  readonly config: ServiceConfig;
  readonly program: Program;
  /** Gives up between two steps what nobody waits for. */
  readonly propagatesDeadline: boolean;
  /** Tells its draws from those of other groups. */
  readonly salt: number;
  readonly jobs: Job[];
  readonly freeJobs: number[];
  readonly threads: Thread[];
  readonly freeThreads: number[];
  readonly upstreams: Upstream[];
  readonly admission: Admission;
  /** Misses that somebody makes already: who waits for them. */
  readonly flights: Map<string, number[]>;
  /** Caches of its own, by instruction. */
  readonly near: Map<number, Near>;
  /** Batches that gather, by instruction. */
  readonly batches: Map<number, number[]>;
  readonly flow: FlowCount;
  /** Of those who wait for a flight, and of those in a batch: see `waiting.ts`. */
  readonly flightFlow: FlowCount;
  readonly batchFlow: FlowCount;
  isStarting: boolean;
  /** It is going to be told to end: it still takes requests, and says that it is not ready. */
  isLeaving: boolean;
  isDraining: boolean;
  /** After it has drained it starts again so much later; -1: never. */
  restartMs: number;
  ok: number;
  failed: number;
  refused: number;
  degraded: number;
  cacheHits: number;
  cacheMisses: number;
  pauses: number;
  /** The newest errors, by code. */
  readonly errors: Map<string, number>;
}

export const newState = (
  config: ServiceConfig,
  program: Program,
  salt: number,
  upstreams: Upstream[],
  isStarting: boolean,
  propagatesDeadline: boolean,
): ServiceState => ({
  config,
  program,
  propagatesDeadline,
  salt,
  jobs: [],
  freeJobs: [],
  threads: [],
  freeThreads: [],
  upstreams,
  admission: newAdmission(config.admission),
  flights: new Map(),
  near: new Map(),
  batches: new Map(),
  flow: newFlow(),
  flightFlow: newFlow(),
  batchFlow: newFlow(),
  isStarting,
  isLeaving: false,
  isDraining: false,
  restartMs: -1,
  ok: 0,
  failed: 0,
  refused: 0,
  degraded: 0,
  cacheHits: 0,
  cacheMisses: 0,
  pauses: 0,
  errors: new Map(),
});

export function takeJob(state: ServiceState, job: Job): number {
  const slot = state.freeJobs.pop();
  if (slot === undefined) return state.jobs.push(job) - 1;
  state.jobs[slot] = job;
  return slot;
}

export function takeThread(state: ServiceState, job: number, pc: number): number {
  const slot = state.freeThreads.pop();
  if (slot === undefined) {
    const thread: Thread = {
      job,
      pc,
      serial: 0,
      parent: -1,
      parentSerial: -1,
      left: 0,
      got: 0,
      need: 0,
      version: 0,
      makings: [],
      member: -1,
      followers: [],
      waitsSinceMicros: 0,
      objects: [],
      place: 0,
      versions: [],
    };
    return state.threads.push(thread) - 1;
  }
  const thread = state.threads[slot] as Thread;
  thread.job = job;
  thread.pc = pc;
  thread.serial += 1;
  thread.parent = -1;
  thread.version = 0;
  // To set the length of a list costs much, even where it is empty.
  if (thread.makings.length > 0) thread.makings.length = 0;
  thread.member = -1;
  if (thread.followers.length > 0) thread.followers.length = 0;
  if (thread.objects.length > 0) forgetObjects(thread);
  return slot;
}

/** Which objects a thread is about from now on, and which is at hand (-1: all). */
export function setObjects(t: Thread, objects: readonly number[], place: number): void {
  t.objects = objects;
  t.place = place;
  t.versions = NONE;
}
const NONE: readonly number[] = Object.freeze([]);

/** It is about the object of its request again. */
export const forgetObjects = (t: Thread): void => setObjects(t, NONE, 0);
