/** At expiry: nobody computes a value anew before it expired, then everybody who comes does. */
import type { EarlyRefresh } from './early-refresh.ts';

export const atExpiry: EarlyRefresh = {
  name: 'at-expiry',
  about: 'A value is computed anew once it expired, by everybody who comes before it is there.',
  source: 'Plain time to live',
  isRandom: false,
  isDue: (nowMicros, { expiryMicros }) => nowMicros >= expiryMicros,
};
