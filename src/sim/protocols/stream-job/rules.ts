/** The rules of stream jobs that can be switched off, to see what each is for. */

export type StreamAblation =
  | 'stream.watermark-minimum'
  | 'stream.idle-excluded'
  | 'stream.align-barriers'
  | 'stream.in-flight-in-snapshot'
  | 'stream.restore-offsets-with-state'
  | 'stream.commit-on-complete'
  | 'stream.commit-on-restore';

export interface StreamRule {
  readonly id: StreamAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

const CHECKPOINTS = 'Carbone et al., Lightweight Asynchronous Snapshots (2015)';
const COMMITS = 'Flink, TwoPhaseCommitSinkFunction';

export const STREAM_RULES: readonly StreamRule[] = [
  {
    id: 'stream.watermark-minimum',
    rule: 'The watermark of a task is the least of its inputs.',
    breaks: 'Completeness: with the greatest, all that the slower inputs bring comes too late.',
    source: 'Akidau et al., The Dataflow Model (2015); Flink, StatusWatermarkValve',
  },
  {
    id: 'stream.idle-excluded',
    rule: 'An input that is declared idle is not waited for.',
    breaks: 'Progress: one input that has nothing to say holds all windows open.',
    source: 'Flink, WatermarkStrategy.withIdleness',
  },
  {
    id: 'stream.align-barriers',
    rule: 'An input that has brought a barrier is not read until all others have brought theirs.',
    breaks: 'Once in the state: what comes after a barrier is in the snapshot, and comes again.',
    source: CHECKPOINTS,
  },
  {
    id: 'stream.in-flight-in-snapshot',
    rule: 'What the barrier of an unaligned checkpoint overtakes is part of the checkpoint.',
    breaks: 'Nothing lost: what was overtaken is neither in a state nor read again.',
    source: 'Chandy and Lamport, Distributed Snapshots (1985); FLIP-76',
  },
  {
    id: 'stream.restore-offsets-with-state',
    rule: 'A source that is restored reads on where the checkpoint of the states was.',
    breaks: 'State and offsets belong together: events are lost, or count again.',
    source: CHECKPOINTS,
  },
  {
    id: 'stream.commit-on-complete',
    rule: 'A transaction is committed once the checkpoint that closed it is complete.',
    breaks: 'Once in the output: what is committed before comes again if the checkpoint fails.',
    source: COMMITS,
  },
  {
    id: 'stream.commit-on-restore',
    rule: 'Transactions that a checkpoint names are committed when a sink is restored from it.',
    breaks: 'Nothing lost: the state has moved past rows that nobody ever sees.',
    source: COMMITS,
  },
];

export interface StreamRules {
  readonly watermarkMinimum: boolean;
  readonly idleExcluded: boolean;
  readonly alignBarriers: boolean;
  readonly inFlightInSnapshot: boolean;
  readonly restoreOffsets: boolean;
  readonly commitOnComplete: boolean;
  readonly commitOnRestore: boolean;
}

export function streamRules(off: readonly string[]): StreamRules {
  return Object.freeze({
    watermarkMinimum: !off.includes('stream.watermark-minimum'),
    idleExcluded: !off.includes('stream.idle-excluded'),
    alignBarriers: !off.includes('stream.align-barriers'),
    inFlightInSnapshot: !off.includes('stream.in-flight-in-snapshot'),
    restoreOffsets: !off.includes('stream.restore-offsets-with-state'),
    commitOnComplete: !off.includes('stream.commit-on-complete'),
    commitOnRestore: !off.includes('stream.commit-on-restore'),
  });
}
