/**
 * What flows between the tasks of a stream job, and what of a task a checkpoint keeps.
 *
 * A channel goes from one task to another and numbers what it carries, from 0 in each attempt of
 * the job. Whoever takes something that is out of turn, or that is there already, knows it by that
 * number, so that nothing gets lost, doubled or out of order on the way.
 *
 * Source: Apache Flink, network stack: StreamElement, CheckpointBarrier, credit-based flow control
 * Differs: a sender waits until what it sent last is taken, and a receiver that is full takes its
 * time to say so, where Flink grants credit for single buffers.
 */
import { defineContract } from './contract.ts';

export interface StreamEvent {
  /** No other event has it. */
  readonly id: number;
  readonly key: string;
  /** When it happened, in milliseconds: its event time. */
  readonly at: number;
  readonly value: number;
}

/** What a window came to. */
export interface WindowRow {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly sum: number;
  /** Of the events that it is the sum of: real rows do not say. */
  readonly ids: readonly number[];
  /** It replaces a row of the same window: an event came late, and was still allowed to. */
  readonly isUpdate: boolean;
}

export type StreamElement =
  | { readonly kind: 'record'; readonly event: StreamEvent }
  | { readonly kind: 'watermark'; readonly at: number }
  | { readonly kind: 'status'; readonly isIdle: boolean }
  | { readonly kind: 'barrier'; readonly checkpoint: number }
  | { readonly kind: 'row'; readonly row: WindowRow }
  /** An event that came too late, in the side output. */
  | { readonly kind: 'late'; readonly event: StreamEvent };

/** How far a source has read a partition. */
export interface SplitState {
  readonly partition: number;
  /** Of the next event; -1: wherever the partition ends. */
  readonly offset: number;
  /** The latest event time. */
  readonly latest: number;
}
export interface PaneState {
  readonly window: { readonly start: number; readonly end: number };
  readonly total: { readonly sum: number; readonly ids: readonly number[] };
  readonly hasResult: boolean;
}
/** A transaction that is closed, and not known to be committed. */
export interface PendingTransaction {
  readonly id: string;
  readonly checkpoint: number;
}
/** What a task knows by itself. */
export type OwnState =
  | { readonly role: 'source'; readonly splits: readonly SplitState[] }
  | {
      readonly role: 'window';
      readonly clock: number;
      readonly quietUntil: number;
      readonly panes: readonly (readonly [key: string, panes: readonly PaneState[]])[];
    }
  | { readonly role: 'sink'; readonly pending: readonly PendingTransaction[] };

/** By place of the input or output. */
export type InFlight = readonly (readonly [place: number, elements: readonly StreamElement[]])[];

/** Immutable: whoever restores it copies what it will change. */
export interface TaskSnapshot {
  readonly own: OwnState;
  /** Of an unaligned checkpoint: what its barrier has overtaken in the inputs. */
  readonly inputs: InFlight;
  /** And in the outputs. */
  readonly outputs: InFlight;
}

export interface StreamPush {
  readonly type: 'stream.push';
  readonly attempt: number;
  /** The number of the first element. */
  readonly first: number;
  readonly elements: readonly StreamElement[];
}
/** Of an unaligned checkpoint: it does not wait behind what was sent before it. */
export interface StreamBarrier {
  readonly type: 'stream.barrier';
  readonly attempt: number;
  readonly checkpoint: number;
  /** The number of the first element behind it. */
  readonly before: number;
}
export interface StreamTaken {
  readonly type: 'stream.taken';
  /** The number of the element that is next. */
  readonly next: number;
}
export type StreamMessage = StreamPush | StreamBarrier | StreamTaken;

export const stream = defineContract<StreamMessage>({
  name: 'stream',
  about: 'A task of a stream job hands records, watermarks and barriers to the next.',
  source: 'Apache Flink, network stack: credit-based flow control; checkpoint barriers',
  overConnections: true,
  messages: {
    'stream.push': {
      role: 'request',
      flight: (m) => (m.elements.some(({ kind }) => kind === 'barrier') ? 'control' : 'request'),
      digest: (m) => (Math.imul(m.attempt, 31) + Math.imul(m.first, 7) + m.elements.length) | 0,
      label: (m) => labelOf(m.elements),
    },
    'stream.barrier': {
      role: 'request',
      flight: 'control',
      digest: (m) => (Math.imul(m.checkpoint, 31) + m.before) | 0,
      label: (m) => `barrier ${m.checkpoint}, ahead of all`,
    },
    'stream.taken': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.next,
      label: (m) => `taken up to ${m.next}`,
    },
  },
  errors: [
    {
      code: 'not-deployed',
      definite: true,
      means: 'the task does not belong to this attempt of the job',
    },
  ],
});

function labelOf(elements: readonly StreamElement[]): string {
  const [only] = elements;
  if (only === undefined || elements.length > 1) return `${elements.length} elements`;
  switch (only.kind) {
    case 'record':
      return `event of ${only.event.at} ms`;
    case 'watermark':
      return 'watermark';
    case 'status':
      return only.isIdle ? 'idle' : 'active';
    case 'barrier':
      return `barrier ${only.checkpoint}`;
    case 'row':
      return `window from ${only.row.start} ms of ${only.row.key}`;
    case 'late':
      return `late event of ${only.event.at} ms`;
  }
}
