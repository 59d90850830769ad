/** What people see of a sentinel. */
import type { View } from '../../node/behaviour.ts';
import type { FailoverPhase } from '../../protocols/sentinel/state.ts';

export interface WatchedView {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly isDown: boolean;
  /** For how long it has left a ping unanswered. */
  readonly silentMicros: number;
  /** What it says that it is; null: it has not been asked yet. */
  readonly role: 'primary' | 'replica' | null;
  readonly offset: number | null;
}

export interface SentinelView extends View {
  readonly component: 'sentinel';
  /** Whom it names to clients. */
  readonly primary: string;
  readonly servers: readonly WatchedView[];
  readonly isObjectivelyDown: boolean;
  readonly currentEpoch: number;
  readonly configEpoch: number;
  /** Its vote in the current epoch; null: it has none. */
  readonly vote: string | null;
  /** Of those asked, itself among them, who has voted for it in this epoch, by name. */
  readonly votes: readonly string[];
  readonly votesNeeded: number;
  readonly phase: FailoverPhase | null;
  readonly promoted: string | null;
  readonly isTilted: boolean;
}
