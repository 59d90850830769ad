/**
 * The frame: the only thing that a picture is made from. Plain, transferable data.
 *
 * A flight (a message under way) is sent once with both its times; a node's picture comes as a
 * keyframe per chunk and a delta whenever it changed. So every picture is a pure function of view
 * time: scrubbing, slow motion and reverse need no engine inside the chunks that are kept.
 */
import type { FactWeight } from '../contracts/facts.ts';
import type { FlightKind } from '../contracts/contract.ts';
import type { View } from '../node/behaviour.ts';
import type { Cores } from '../node/cpu.ts';

export const FLIGHT_KINDS: readonly FlightKind[] = [
  'request',
  'retry',
  'hedge',
  'response',
  'replication',
  'acknowledgement',
  'vote',
  'heartbeat',
  'control',
];

/** How a flight ends, known when it starts: index into this list. */
export const FLIGHT_FATES = ['delivered', 'lost', 'cut', 'duplicate'] as const;
export type FlightFate = (typeof FLIGHT_FATES)[number];

/** Columns of equal length `count`. Times are simulated microseconds. */
export interface FlightColumns {
  readonly count: number;
  /** Grows by one a flight over the whole run. */
  readonly id: Float64Array;
  /** The event during which it was sent: its cause. */
  readonly event: Float64Array;
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  /** Index into FLIGHT_KINDS. */
  readonly kind: Uint8Array;
  /** Index into FLIGHT_FATES. */
  readonly fate: Uint8Array;
  readonly sentMicros: Float64Array;
  /** When it arrives, or would have. */
  readonly dueMicros: Float64Array;
  /** What it says, in a few words. */
  readonly label: readonly string[];
}

export type NodeStatus = 'up' | 'down' | 'paused' | 'retired';

export interface TimerFrame {
  readonly kind: string;
  readonly key: number;
  readonly setMicros: number;
  readonly firesMicros: number;
}

export interface NodeFrame {
  readonly index: number;
  /** `group/ordinal/incarnation`. */
  readonly id: string;
  /** Short: `n3`. */
  readonly name: string;
  readonly group: string;
  readonly component: string;
  readonly badge: string;
  readonly zone: string;
  readonly status: NodeStatus;
  readonly roles: readonly string[];
  /** Component-specific: painters narrow it by `view.component`. Null while down. */
  readonly view: View | null;
  readonly timers: readonly TimerFrame[];
  /** Messages that wait for a paused node. */
  readonly waiting: number;
  readonly cores: Cores;
}

export interface NodeDelta {
  readonly micros: number;
  readonly event: number;
  readonly node: NodeFrame;
}

/** One line of the event feed. */
export interface FeedEntry {
  readonly micros: number;
  readonly event: number;
  readonly node: number;
  readonly type: string;
  readonly weight: FactWeight;
  /** A whole sentence: "n3 becomes leader of term 2". */
  readonly text: string;
}

/** A fault as it is in force: from the plan or from a person. */
export interface FaultFrame {
  readonly id: string;
  readonly type: string;
  /** "n1, n2 | n3, n4, n5 cut apart". */
  readonly label: string;
  readonly by: 'plan' | 'person';
  /** The nodes it touches, resolved when it was injected. */
  readonly nodes: readonly number[];
  /** For a cut: the islands. */
  readonly islands: readonly (readonly number[])[];
  /** Directed links that it cuts, where it is no clean split: [from, to]. */
  readonly cutLinks: readonly (readonly [number, number])[];
}

export interface FaultChange {
  readonly micros: number;
  readonly event: number;
  readonly change: 'start' | 'end';
  readonly fault: FaultFrame;
}

export type CheckVerdict = 'pass' | 'fail' | 'unknown';

export interface FindingFrame {
  readonly check: string;
  readonly micros: number;
  readonly event: number;
  /** One sentence. */
  readonly why: string;
  /** Events of the run that prove it. */
  readonly evidence: readonly number[];
  readonly nodes: readonly number[];
}

/** A property lamp. */
export interface CheckFrame {
  readonly id: string;
  readonly use: string;
  readonly about: string;
  /** As of now: a check that is judged at the end is `unknown` until then. */
  readonly verdict: CheckVerdict;
  /** "holds now", "never reached yet", "judged at the end". */
  readonly status: string;
  readonly expected: 'holds' | 'breaks';
  readonly findings: readonly FindingFrame[];
}

/** From a moment on, a check stands otherwise. */
export interface CheckChange extends Pick<CheckFrame, 'verdict' | 'status' | 'expected'> {
  readonly micros: number;
  readonly event: number;
  /** Its place in the checks of the chunk. */
  readonly check: number;
}

/** How often operations that did not end well ended for this cause. */
export interface ErrorCount {
  /** The error code of the last try; "fail" or "unknown" where the client names none. */
  readonly code: string;
  readonly count: number;
}

/** One window of client traffic. */
export interface MetricsFrame {
  readonly fromMicros: number;
  readonly toMicros: number;
  /** Operations that were begun in it. */
  readonly offered: number;
  /** Those that ended in it, by outcome; the good ones are the goodput. */
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  /** Of the operations that ended in it: tries after one that failed. */
  readonly retries: number;
  /** And tries beside one that was still out. */
  readonly hedges: number;
  /** Why those that did not end well did not, in the order of their codes. */
  readonly errors: readonly ErrorCount[];
  /** Of those that ended well, to three significant digits. */
  readonly p50Micros: number;
  readonly p95Micros: number;
  readonly p99Micros: number;
  readonly inFlight: number;
}

/** A number of one node that charts follow. */
export interface GaugeSeries {
  /** Series with one title are one chart. */
  readonly title: string;
  readonly about: string;
  /** What its points are: the mean of a value, a rate in 1/s, or the share of two counts. */
  readonly kind: 'level' | 'count' | 'share';
  readonly unit: string;
  readonly node: number;
  readonly name: string;
  readonly group: string;
}

/** The gauges over one window, which is one of client traffic too. */
export interface GaugeFrame {
  readonly fromMicros: number;
  readonly toMicros: number;
  /** Grows when nodes are spawned. */
  readonly series: readonly GaugeSeries[];
  /** One for each series; NaN where there is none: the node was down, or nothing was counted. */
  readonly values: Float64Array;
}

export interface Chunk {
  /** Raised at each branch; chunks of an older one are dropped. */
  readonly generation: number;
  readonly fromMicros: number;
  readonly toMicros: number;
  /** Events fromEvent + 1 ... toEvent were executed in this chunk. */
  readonly fromEvent: number;
  readonly toEvent: number;
  /** The time of each of those events. */
  readonly eventMicros: Float64Array;
  readonly keyframe: readonly NodeFrame[];
  readonly deltas: readonly NodeDelta[];
  readonly flights: FlightColumns;
  readonly feed: readonly FeedEntry[];
  /** Faults in force at the start of the chunk. */
  readonly faults: readonly FaultFrame[];
  readonly faultChanges: readonly FaultChange[];
  /** As of the end of the chunk. */
  readonly checks: readonly CheckFrame[];
  /** How each of them stood at the start of the chunk, and what changed in it. */
  readonly checkChanges: readonly CheckChange[];
  readonly metrics: readonly MetricsFrame[];
  readonly gauges: readonly GaugeFrame[];
  /**
   * Per step of the story: the moment it speaks of, or null while it has not come. A step that
   * waits for a predicate looks for it only after the step before it was reached.
   */
  readonly storyMicros: readonly (number | null)[];
  readonly traceHash: string;
  /** Why the run ended, or null. */
  readonly ended: string | null;
}
