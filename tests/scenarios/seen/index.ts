/** Of every rule where it is seen to matter: the tests run it, and the page of rules names it. */
import { CONSENSUS } from './consensus.ts';
import { MESSAGING } from './messaging.ts';
import type { Sights } from './sight.ts';
import { STORES } from './stores.ts';
import { STREAMS } from './streams.ts';
import { TRAFFIC } from './traffic.ts';

export const SEEN: Sights = { ...CONSENSUS, ...STORES, ...MESSAGING, ...STREAMS, ...TRAFFIC };
