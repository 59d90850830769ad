/**
 * Short sequences worked through by hand from the definition of each policy.
 *
 * A letter is a request, and on a miss the key is put. Outcomes: `+` a hit, `.` a miss with room,
 * a letter: the key that went.
 */
import { describe, expect, it } from 'vitest';
import { EVICTION_POLICIES } from '../../../../src/sim/policies/eviction/index.ts';
import type { EvictionSettings } from '../../../../src/sim/policies/eviction/index.ts';

interface Row {
  readonly capacity: number;
  readonly settings?: EvictionSettings;
  readonly requests: string;
  readonly outcomes: string;
}

const ROWS: Readonly<Record<string, Row>> = {
  fifo: { capacity: 3, requests: 'abcada', outcomes: '...+ab' },
  lru: { capacity: 3, requests: 'abcadab', outcomes: '...+b+c' },
  // Counts a 3, b 2, c 1: c goes for d, d for c, c for d. Then b and c have 2: b was used earlier.
  lfu: { capacity: 3, requests: 'abcaabdcdde', outcomes: '...+++cdc+b' },
  // d: a loses its bit and goes round, b goes. e takes c, b takes a, whose bit is gone.
  clock: { capacity: 3, requests: 'abcadeb', outcomes: '...+bca' },
  // d: a loses its bit where it stands, b goes; the hand goes on to c and d, past a's new bit.
  sieve: { capacity: 3, requests: 'abcadeaf', outcomes: '...+bc+d' },
  // Kin 1, Kout 2. a comes back into Am; b is forgotten when d is remembered; d comes into Am.
  '2q': { capacity: 4, requests: 'abcdeafgbdha', outcomes: '....abcdefg+' },
  // a and b are protected; c's second hit pushes a out onto probation, where e takes it.
  slru: { capacity: 3, requests: 'abcabdcce', outcomes: '...++cd+a' },
  // b, lost from T1, makes p 1, so a goes; a, lost from T2, makes it 0 again, so c goes.
  arc: { capacity: 2, requests: 'abacbad', outcomes: '..+bacb' },
  // One LIR (a). b comes back within the stack: it is LIR, a HIR. a out of the stack stays HIR.
  lirs: { capacity: 3, requests: 'abcdbadea', outcomes: '...bc++ad' },
  // Small 2, main 2, ghosts 2. a goes to main for its two hits, b and c by way of the ghosts.
  's3-fifo': {
    capacity: 4,
    settings: { smallShare: 0.5, ghostShare: 0.5 },
    requests: 'abcdaaebfcg',
    outcomes: '....++bcdea',
  },
  // Window 1, probation 1, protected 1. c loses against a (1 to 1); asked for thrice it beats b.
  'w-tinylfu': { capacity: 3, requests: 'abcdacce', outcomes: '...c+d+b' },
  random: { capacity: 1, requests: 'abbca', outcomes: '.a+bc' },
};

describe('eviction by hand', () => {
  it('each policy has a row', () => {
    expect(Object.keys(ROWS)).toEqual(EVICTION_POLICIES.map((policy) => policy.name));
  });

  it.each(EVICTION_POLICIES.map((policy) => [policy.name, policy] as const))(
    '%s',
    (name, policy) => {
      const { capacity, settings, requests, outcomes } = ROWS[name]!;
      const state = policy.start(capacity, settings);
      const got = [...requests].map((letter) => {
        const key = letter.charCodeAt(0);
        if (policy.touch(state, key)) return '+';
        const gone = policy.insert(state, key);
        return gone < 0 ? '.' : String.fromCharCode(gone);
      });
      expect(got.join('')).toBe(outcomes);
    },
  );
});
