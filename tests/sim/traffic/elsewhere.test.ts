/** Whom a further try goes to. */
import { describe, expect, it } from 'vitest';
import { clientBench } from '../components/support/traffic-bench.ts';

describe('a further try that must go elsewhere', () => {
  const call = {
    timeoutMs: 100,
    maxAttempts: 4,
    backoff: { policy: 'none' },
    balance: { policy: 'maglev', hashOn: 'key' },
  };
  const targets = (more: object) =>
    clientBench({ servers: 3, call: { ...call, ...more }, play: () => null })
      .ms(5_000)
      .targets('http.request');

  it('goes to members that the call has not tried, as long as there are any', () => {
    const asked = targets({ retryElsewhere: true });
    expect(asked).toHaveLength(4);
    expect(new Set(asked.slice(0, 3)).size).toBe(3);
  });

  it('goes where the policy says, where that is not asked for', () => {
    expect(new Set(targets({})).size).toBe(1);
  });
});
