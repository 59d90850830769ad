/** The checks of the catalogue: an explicit list. */
import type { CheckDefinition } from './check.ts';
import { factCount } from './fact-count.ts';
import { linearizable } from './linearizable.ts';
import { raftSafety } from './raft-safety.ts';
import { slo } from './slo.ts';
import { always, eventually, sometimes } from './temporal.ts';

export const CHECKS: readonly CheckDefinition[] = [
  always,
  sometimes,
  eventually,
  slo,
  factCount,
  linearizable,
  raftSafety,
];
