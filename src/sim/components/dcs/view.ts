/** What people see of the store of a cluster's leader key. */
import type { View } from '../../node/behaviour.ts';

export interface DcsView extends View {
  readonly component: 'dcs';
  /** Who holds the key: a short name. */
  readonly leader: string | null;
  readonly token: number;
  /** How long the key stays unless it is renewed. */
  readonly leftMicros: number;
  readonly optime: number;
  readonly sync: readonly string[];
}
