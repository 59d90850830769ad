/** One branch of a run: its specification, its timeline and how far it was looked at. */
import type { RunSpec } from '../../sim/index.ts';
import type { Ledger } from './ledger.ts';
import { EMPTY_LEDGER, cutLedger } from './ledger.ts';
import type { BranchSummary } from './model.ts';
import type { Position } from './position.ts';
import { START } from './position.ts';
import { Timeline } from './timeline.ts';

export interface Branch {
  readonly id: number;
  readonly name: string;
  parent: number | null;
  readonly forkedAt: Position | null;
  readonly timeline: Timeline;
  spec: RunSpec | null;
  ledger: Ledger;
  /** The furthest moment that was shown of it. */
  shown: Position;
}

export const originalBranch = (): Branch => ({
  id: 0,
  name: 'Original',
  parent: null,
  forkedAt: null,
  timeline: new Timeline(),
  spec: null,
  ledger: EMPTY_LEDGER,
  shown: START,
});

/** A branch that shares its parent's past up to `position`. */
export function forkBranch(parent: Branch, id: number, name: string, position: Position): Branch {
  const timeline = parent.timeline.copy();
  timeline.cut(position);
  return {
    id,
    name,
    parent: parent.id,
    forkedAt: position,
    timeline,
    spec: parent.spec,
    ledger: cutLedger(parent.ledger, position),
    shown: position,
  };
}

export const summaryOf = (branch: Branch): BranchSummary => ({
  id: branch.id,
  name: branch.name,
  parent: branch.parent,
  forkedAt: branch.forkedAt,
});
