/** What the coordinator of a stream job tells. */
import type { FactTable } from '../../contracts/facts.ts';

export type JobFact =
  | { readonly type: 'job.deploying'; readonly attempt: number; readonly checkpoint: number }
  | { readonly type: 'job.running'; readonly attempt: number }
  /** Null: because of its checkpoints. */
  | { readonly type: 'job.failed'; readonly attempt: number; readonly task: number | null }
  | {
      readonly type: 'checkpoint.completed';
      readonly checkpoint: number;
      readonly durationMicros: number;
    }
  | {
      readonly type: 'checkpoint.expired';
      readonly checkpoint: number;
      /** Nodes that did not acknowledge it. */
      readonly missing: readonly number[];
    };

export const jobFacts: FactTable<JobFact> = {
  'job.deploying': {
    weight: 'major',
    sentence: (f) =>
      f.checkpoint === 0
        ? `deploys attempt ${f.attempt} with nothing`
        : `deploys attempt ${f.attempt} from checkpoint ${f.checkpoint}`,
  },
  'job.running': { weight: 'major', sentence: (f) => `has attempt ${f.attempt} running` },
  'job.failed': {
    weight: 'major',
    sentence: (f, nameOf) =>
      f.task === null
        ? `fails attempt ${f.attempt}: too many checkpoints have failed`
        : `fails attempt ${f.attempt}: ${nameOf(f.task)} is not there`,
  },
  'checkpoint.completed': {
    weight: 'minor',
    sentence: (f) =>
      `has checkpoint ${f.checkpoint} after ${Math.round(f.durationMicros / 1_000)} ms`,
  },
  'checkpoint.expired': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `gives checkpoint ${f.checkpoint} up: ${f.missing.map(nameOf).join(', ')} did not ` +
      'acknowledge it in time',
  },
};
