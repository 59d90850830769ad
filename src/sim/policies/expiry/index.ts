/** When cached values expire and are computed anew: an explicit list. */
import { atExpiry } from './at-expiry.ts';
import type { EarlyRefresh } from './early-refresh.ts';
import { xfetch } from './xfetch.ts';

export type { EarlyRefresh, Freshness } from './early-refresh.ts';
export { ttlMicros } from './ttl.ts';

export const EARLY_REFRESHES: readonly EarlyRefresh[] = [atExpiry, xfetch];

export const EARLY_REFRESH_NAMES: readonly string[] = EARLY_REFRESHES.map(({ name }) => name);
