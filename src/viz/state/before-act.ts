/** What an act changes before the engine has taken it in: all of it is put back if it refuses. */
import type { Branch } from './branch.ts';
import type { Ledger } from './ledger.ts';
import type { AppState } from './model.ts';
import type { Player } from './player.ts';
import type { Position } from './position.ts';
import type { Timeline } from './timeline.ts';

export interface BeforeAct {
  readonly branch: Branch;
  readonly branches: Branch[];
  readonly timeline: Timeline;
  readonly ledger: Ledger;
  readonly shown: Position;
  readonly position: Position;
  readonly playing: boolean;
  readonly state: Pick<AppState, 'branches' | 'branch' | 'proof' | 'sameness'>;
}

export function beforeAct(all: readonly Branch[], player: Player, state: AppState): BeforeAct {
  const { branch, position, playing } = player;
  const { branches, branch: shownBranch, proof, sameness } = state;
  return {
    branch,
    branches: [...all],
    timeline: branch.timeline.copy(),
    ledger: branch.ledger,
    shown: branch.shown,
    position,
    playing,
    state: { branches, branch: shownBranch, proof, sameness },
  };
}

/** The branch that was acted in, as it was. */
export function branchBefore({ branch, timeline, ledger, shown }: BeforeAct): Branch {
  branch.timeline.restore(timeline);
  branch.ledger = ledger;
  branch.shown = shown;
  return branch;
}
