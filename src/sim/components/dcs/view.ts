/** What people see of the store of a cluster's leader key. */
import type { View } from '../../node/behaviour.ts';

export interface DcsView extends View {
  readonly component: 'dcs';
  /** Who holds the key: a short name. */
  readonly leader: string | null;
  readonly token: number;
  /** Of the key, as its clock goes on now; null: nobody holds it. */
  readonly lease: { readonly endsAtMicros: number; readonly ttlMicros: number } | null;
  readonly optime: number;
  readonly sync: readonly string[];
}
