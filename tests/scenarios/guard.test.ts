/** The scenario tests really run guarded: see tests/support/guard-sessions.ts. */
import { Session, makeSpec } from 'faultline';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { HostTouched } from '../support/determinism-guard.ts';

describe('the sessions of these tests', () => {
  it('cannot reach the clock of the host while they run', () => {
    const session = new Session(makeSpec(catalogue[0]!), { scenarios: catalogue });
    const tillNow = {
      get untilMicros() {
        return Date.now();
      },
    };
    expect(() => session.advance(tillNow)).toThrow(HostTouched);
    session.advance({ events: 100 });
    expect(session.eventNumber).toBe(100);
  });
});
