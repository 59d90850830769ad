/**
 * Checks of what clients saw, in runs: each passes where all is well, and finds the bug that is
 * planted by switching off one rule, or by a watcher that goes on from the wrong place.
 */
import { describe, expect, it } from 'vitest';
import { Session, simulate } from 'faultline';
import type { Plan } from 'faultline';
import quorumOverlap from '../../../scenarios/cap/quorum-overlap.ts';
import { person } from '../../../scenarios/quorum-parts.ts';
import { watchedLog, watcher } from './support/watched-log.ts';
import { planOf, scenarioOf, specOf } from '../../support/plans.ts';

function judged(document: Plan, ablations: readonly string[] = []) {
  const { checks, findings } = new Session(specOf(document, { ablations })).run();
  return { verdicts: checks.map(({ result }) => result), findings };
}

const plan = (given: Pick<Plan, 'groups' | 'checks'> & Partial<Plan>): Plan =>
  planOf({
    durationMs: 6_000,
    network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 10 } },
    ...given,
  });

describe('pram', () => {
  const overlap = (ablations: readonly string[]) =>
    simulate(quorumOverlap, {
      variant: 'write-back',
      ablations,
      planOverride: { checks: [{ id: 'pram', use: 'pram' }], story: [] },
    });

  it('holds where readers write back what they saw', () => {
    expect(overlap([]).checks.map(({ result }) => result)).toEqual(['pass']);
  });

  it('breaks where they only say so: one write is seen, then the one before it', () => {
    const { checks, findings } = overlap(['quorum.read-repair-writeback']);
    expect(checks.map(({ result }) => result)).toEqual(['fail']);
    expect(findings[0]?.why.replace(/\/[\d/#]+/g, '')).toBe(
      'No order of the writes gives reader all that it read. ' +
        'reader read k0 = nothing, although what it knew held the newer 32. reader read k0 = 32, ' +
        'which writer wrote. reader read k0 = 32, and then read k0 = nothing.',
    );
    expect(findings[0]?.evidence).toHaveLength(6);
  });
});

describe('set-full', () => {
  /** n3 is cut off while "eggs" is added; whoever asks n3 has what it was told afterwards. */
  const cart = (linearizable: boolean): Plan =>
    plan({
      checks: [{ id: 'set', use: 'set-full', args: { linearizable } }],
      faults: [
        {
          id: 'away',
          atMs: 1_000,
          forMs: 1_000,
          fault: { type: 'partition', groups: [['n3', 'bob']] },
        },
      ],
      groups: [
        {
          name: 'n',
          component: 'quorum-store',
          count: 3,
          config: {
            conflicts: 'or-set',
            readConsistency: 'one',
            writeConsistency: 'one',
            readRepair: 'off',
            hintDispatchMs: 500,
          },
        },
        person('ann', 1, [
          { atMs: 500, do: 'add', key: 'cart', value: 'milk' },
          { atMs: 1_500, do: 'add', key: 'cart', value: 'eggs' },
        ]),
        person('bob', 3, [
          { atMs: 900, do: 'get-all', key: 'cart' },
          { atMs: 5_500, do: 'get-all', key: 'cart' },
        ]),
        person('eve', 1, [{ atMs: 1_800, do: 'get-all', key: 'cart' }]),
      ],
    });

  it('holds where hints are handed over', () => {
    expect(judged(cart(true)).verdicts).toEqual(['pass']);
  });

  it('breaks where they are not: an element that was acknowledged and seen is missing', () => {
    const { verdicts, findings } = judged(cart(false), ['quorum.hinted-handoff']);
    expect(verdicts).toEqual(['fail']);
    expect(findings.map(({ why }) => why)).toEqual([
      expect.stringMatching(
        /^Of cart: "eggs" was acknowledged to ann\S* at 1\.5\S+ s, and bob\S* missed it at 5\.5/,
      ),
    ]);
    expect(findings[0]?.evidence).toHaveLength(6);
  });
});

describe('long-fork', () => {
  const read = (key: string, afterMs: number) => ({ do: 'read', key, afterMs, value: 0 });
  /** Two readers, each of whom looks at one row early and at the other one late. */
  const forked = (isolation: string): Plan =>
    plan({
      network: { latency: { kind: 'constant', ms: 1 } },
      checks: [{ id: 'fork', use: 'long-fork' }],
      groups: [
        { name: 'store', component: 'txn-store', count: 1, config: { isolation } },
        ...[
          ['ann', [read('x', 0), read('y', 400)]],
          ['bob', [read('y', 0), read('x', 400)]],
          ['carol', [read('x', 600), read('y', 0)]],
        ].map(([name, steps]) => client(String(name), 500, steps)),
        client('zoe', 700, [{ do: 'write', key: 'x', value: 1, afterMs: 0 }]),
        client('yan', 705, [{ do: 'write', key: 'y', value: 1, afterMs: 0 }]),
      ],
    });
  const client = (name: string, atMs: number, steps: unknown) => ({
    name,
    component: 'txn-client',
    count: 1,
    links: { store: 'store' },
    config: { workload: 'listed', transactions: [{ atMs, steps }] },
  });

  it('holds under snapshot isolation', () => {
    expect(judged(forked('snapshot')).verdicts).toEqual(['pass']);
  });

  it.each([
    ['read committed', 'read-committed', []],
    ['snapshots that are taken anew for each read', 'snapshot', ['mvcc.one-snapshot']],
  ] as const)('breaks under %s', (_, isolation, off) => {
    const { verdicts, findings } = judged(forked(isolation), off);
    expect(verdicts).toEqual(['fail']);
    expect(findings.map(({ why }) => why)).toEqual([
      expect.stringMatching(
        /^ann\S* read y = \d+ and not yet x; bob\S* read x = \d+ and not yet y\.$/,
      ),
    ]);
    expect(findings[0]?.evidence).toHaveLength(4);
  });
});

describe('watch', () => {
  const scenario = (resume: string) =>
    scenarioOf(
      {
        durationMs: 1_500,
        checks: [{ id: 'watch', use: 'watch' }],
        faults: [
          {
            id: 'cut',
            atMs: 700,
            forMs: 200,
            fault: { type: 'partition', groups: [['w1'], ['log', 'w2']] },
          },
        ],
        groups: [
          { name: 'log', component: 'watched-log', count: 1 },
          {
            name: 'w',
            component: 'watcher',
            count: 2,
            links: { log: 'log' },
            config: { resume },
          },
        ],
      },
      { registers: { components: [watchedLog, watcher] } },
    );

  const run = (resume: string) => {
    const { checks, findings } = simulate(scenario(resume));
    return { verdict: checks[0]?.result, findings };
  };

  it('holds through a cut where the watcher goes on from where it was', () => {
    expect(run('where-it-was').verdict).toBe('pass');
  });

  it.each([
    [
      'from-now',
      /^gap: w\/1\S* was told .* after revision 68, and never of 483 as revision 69 and 22 more,/,
    ],
    ['from-the-beginning', /^duplicate: w\/1\S* was told 7 as revision 1 at \S+ s, once more\./],
  ])('breaks where it goes on %s', (resume, why) => {
    const { verdict, findings } = run(resume);
    expect(verdict).toBe('fail');
    expect(findings.map((finding) => finding.why)).toEqual([expect.stringMatching(why)]);
  });
});
