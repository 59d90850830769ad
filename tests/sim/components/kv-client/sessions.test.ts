/** Clients that try again whatever happened, on a network that loses answers. */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { Plan } from 'faultline';
import type { RaftKvState } from '../../../../src/sim/components/raft-kv/state.ts';
import { specOf } from '../../../support/plans.ts';

const planOf = (sessions: boolean, server: object = {}): Plan => ({
  title: 'Again and again',
  summary: 'Clients that try again on a network that loses packets.',
  durationMs: 4_000,
  network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 }, lossProbability: 0.1 },
  groups: [
    { name: 'n', component: 'raft-kv', count: 3, config: { ...server } },
    {
      name: 'c',
      component: 'kv-client',
      count: 3,
      links: { servers: 'n' },
      config: {
        sessions,
        keys: 1,
        readShare: 0.3,
        thinkMs: 10,
        tryTimeoutMs: 40,
        retryUnknown: true,
      },
    },
  ],
  faults: [],
  checks: [
    { id: 'linearizable', use: 'linearizable' },
    { id: 'safety', use: 'raft-safety' },
  ],
  story: [],
});

function run(seed: number, sessions: boolean, ablations: readonly string[] = [], server = {}) {
  const session = new Session(specOf(planOf(sessions, server), { ablations, seed }));
  const report = session.run();
  const states = session.world.nodes.flatMap(({ group, state }) =>
    group === 'n' && state !== null ? [state as RaftKvState] : [],
  );
  return { results: report.checks.map(({ result }) => result), report, states };
}

const SEEDS = [1, 2, 3, 4, 5, 6];
const broken = (sessions: boolean, ablations: readonly string[] = []): number =>
  SEEDS.filter((seed) => run(seed, sessions, ablations).results[0] === 'fail').length;

describe('writes that are tried again', () => {
  it('take effect twice outside a session: a value comes back after another was written', () => {
    expect(broken(false)).toBeGreaterThan(3);
  });

  it('take effect once within one', () => {
    for (const seed of SEEDS) {
      const { results, report, states } = run(seed, true);
      expect(results, `seed ${seed}`).toEqual(['pass', 'pass']);
      expect(report.metrics.ok).toBeGreaterThan(100);
      // One session of each logical client, and no answer kept but the last.
      const sizes = states.map(({ sessions }) => [...sessions.values()].map((s) => s.answers.size));
      for (const each of sizes) expect(Math.max(...each)).toBe(1);
    }
  });

  it('take effect twice within one where the rule is off', () => {
    expect(broken(true, ['raft.dedupe'])).toBeGreaterThan(3);
  });

  it('are the same run after going back, sessions and answers included', () => {
    const spec = run(1, true, [], { snapshotThreshold: 20, trailingEntries: 5 }).report.spec;
    const session = new Session(spec, { checkpoints: true });
    const whole = session.run();
    session.seek({ micros: 1_500_000 });
    const again = session.run();
    expect([again.traceHash, again.stateHash]).toEqual([whole.traceHash, whole.stateHash]);
  });

  it('end as unknown when the session has ended, and another one follows', () => {
    const { results, report, states } = run(1, true, [], { sessionTimeoutMs: 15 });
    expect(results).toEqual(['pass', 'pass']);
    expect(report.metrics.unknown).toBeGreaterThan(0);
    const commands = states[0]?.raft.log.toArray().map(({ command }) => command) ?? [];
    const opened = commands.filter((command) => {
      const { request } = (command ?? {}) as { readonly request?: { readonly type: string } };
      return request?.type === 'kv-session.open';
    });
    expect(opened.length).toBeGreaterThan(3);
  });
});
