/** Parameters of a scenario that would change nothing together are refused, with their place. */
import { ScenarioError, simulate } from 'faultline';
import { describe, expect, it } from 'vitest';
import availability from '../../scenarios/cap/availability.ts';

describe('cap/availability', () => {
  it('refuses a cause that one machine shares with no other', () => {
    const look = (): unknown =>
      simulate(availability, { params: { shape: 'one', together: true } });
    expect(look).toThrow(ScenarioError);
    expect(look).toThrow('together changes nothing');
  });
});
