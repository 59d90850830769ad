/** What a crash leaves of a Raft server, what its rules are for, and what a checkpoint keeps. */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { DiskPlan, Plan, Report } from 'faultline';
import { stateHash } from '../../../../src/sim/kernel/state-hash.ts';
import { RAFT_RULES } from '../../../../src/sim/protocols/raft/rules.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { get, put } from '../support/bench.ts';
import { RaftBench } from './support/group.ts';
import { specOf } from '../../../support/plans.ts';

const value = (is: number | null) => ({ outcome: 'ok', value: { type: 'kv.value', value: is } });

function crashAll(bench: RaftBench, forMs: number): string {
  bench.inject('crash', { type: 'crash', target: 'n' });
  bench.after(forMs).undo('crash').after(1);
  return bench.elect();
}

describe('a crash of every server', () => {
  it('loses no acknowledged write where fsync is on', () => {
    forSeeds(10, import.meta.url, (seed, random) => {
      const bench = new RaftBench({ seed });
      const leader = bench.elect();
      bench.after(random.between(0, 100));
      bench.answer('a1', leader, put('x', 1));
      bench.answer('a1', leader, put('y', 2));
      const next = crashAll(bench, 10);
      expect(bench.answer('a1', next, get('x')).result).toEqual(value(1));
      expect(bench.answer('a1', next, get('y')).result).toEqual(value(2));
    });
  });

  it('leaves the log on disk and no store: that is applied anew', () => {
    const bench = new RaftBench({ servers: 1 });
    bench.answer('a1', bench.elect(), put('x', 1));
    bench.inject('crash', { type: 'crash', target: 'n1' });
    expect(bench.node('n1').state).toBe(null);
    bench.undo('crash').after(1);
    expect(bench.state('n1').store.size).toBe(0);
    expect(bench.state('n1').raft).toMatchObject({ commitIndex: 0, role: 'follower' });
    expect(bench.state('n1').raft.log.entry(2)?.command).toEqual(put('x', 1));
    bench.elect();
    expect([...bench.state('n1').store]).toEqual([['x', 1]]);
  });

  it('keeps term and vote, so that no server votes twice', () => {
    const bench = new RaftBench();
    bench.elect();
    const kept = bench.servers.map((name) => {
      const { term, votedFor } = bench.state(name).raft;
      return { term, votedFor };
    });
    expect(kept.some(({ votedFor }) => votedFor !== null)).toBe(true);
    bench.inject('crash', { type: 'crash', target: 'n' }).undo('crash').after(1);
    bench.servers.forEach((name, i) => expect(bench.state(name).raft).toMatchObject(kept[i] ?? {}));
  });

  it('loses acknowledged writes where fsync is off and they were not written back', () => {
    const bench = new RaftBench({ disk: { fsyncOn: false } });
    bench.answer('a1', bench.elect(), put('x', 1));
    expect(bench.answer('a1', crashAll(bench, 10), get('x')).result).toEqual(value(null));
  });

  it('keeps them with fsync off where they were written back before', () => {
    const bench = new RaftBench({ disk: { fsyncOn: false } });
    bench.answer('a1', bench.elect(), put('x', 1));
    bench.after(6_000);
    expect(bench.answer('a1', crashAll(bench, 10), get('x')).result).toEqual(value(1));
  });
});

/**
 * Two of three servers lose power right after an acknowledged write; the third, which has it in
 * memory, stands still until they are back and have elected a leader without it.
 */
function majorityCrash(disk: DiskPlan): unknown {
  const bench = new RaftBench({ disk });
  const leader = bench.elect();
  const [third = '', second = ''] = bench.others(leader);
  expect(bench.answer('a1', leader, put('x', 1)).result.outcome).toBe('ok');
  bench.inject('still', { type: 'pause', target: third });
  bench
    .inject('power', { type: 'crash', target: [leader, second] })
    .after(10)
    .undo('power');
  bench.until(() => bench.leaders().some((name) => name !== third));
  const [next = ''] = bench.leaders().filter((name) => name !== third);
  return bench.answer('a1', next, get('x')).result;
}

describe('a crash of a majority', () => {
  it('takes an acknowledged write with it where fsync is off, and none where it is on', () => {
    expect(majorityCrash({ fsyncOn: false })).toEqual(value(null));
    expect(majorityCrash({})).toEqual(value(1));
  });
});

describe('group commit', () => {
  it('makes all entries durable with one fsync that came while another ran', () => {
    const bench = new RaftBench({ servers: 1, disk: { fsync: { kind: 'constant', ms: 10 } } });
    const leader = bench.elect();
    bench.after(50);
    const began = bench.run.now;
    const steps = [...bench.state(leader).raft.log.toArray()].length;
    const ask = (n: number): number => bench.ask('a1', leader, put('x', n));
    const first = ask(0);
    bench.after(2);
    const rest = Array.from({ length: 20 }, (_, i) => ask(i + 1));
    const took = [first, ...rest].map((tag) => {
      bench.until(() => bench.end('a1', tag) !== undefined);
      return (bench.end('a1', tag)?.micros ?? 0) - began;
    });
    // A millisecond there, the fsync, a millisecond back; the others share the one after it.
    expect(took).toEqual([12_000, ...rest.map(() => 22_000)]);
    expect(bench.state(leader).raft.log.lastIndex).toBe(steps + 21);
  });
});

/** Clients before three servers that all crash at once. */
function judged(disk: DiskPlan, ablations: readonly string[] = []): Report {
  const plan: Plan = {
    title: 'Power cut',
    summary: 'All servers crash at once.',
    durationMs: 4_000,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: [
      { name: 'n', component: 'raft-kv', count: 3, disk },
      {
        name: 'c',
        component: 'kv-client',
        count: 2,
        links: { servers: 'n' },
        config: { keys: 2, thinkMs: 10 },
      },
    ],
    faults: [{ fault: { type: 'crash', target: 'n' }, atMs: 1_500, forMs: 100 }],
    checks: [
      { id: 'linearizable', use: 'linearizable' },
      { id: 'safety', use: 'raft-safety' },
    ],
    story: [],
  };
  const session = new Session(specOf(plan, { ablations }));
  return session.run();
}

const verdicts = (report: Report): Map<string, string> =>
  new Map(report.checks.map(({ check, result }) => [check, result]));

describe('the checks of a run in which every server crashes', () => {
  it('hold with fsync on', () => {
    expect([...verdicts(judged({}))]).toEqual([
      ['linearizable', 'pass'],
      ['safety', 'pass'],
    ]);
  });

  it('break with fsync off: what was acknowledged is lost', () => {
    const found = verdicts(judged({ fsyncOn: false }));
    expect(found.get('linearizable')).toBe('fail');
    expect(found.get('safety')).toBe('fail');
  });

  it('break with the rule off that a reply waits for the disk', () => {
    const disk: DiskPlan = { fsync: { kind: 'constant', ms: 40 } };
    const off = judged(disk, ['raft.persist-before-reply']);
    expect(off.modified).toEqual(['raft.persist-before-reply']);
    expect(verdicts(off).get('safety')).toBe('fail');
    const on = judged(disk);
    expect(on.modified).toEqual([]);
    expect(verdicts(on).get('safety')).toBe('pass');
  });
});

describe('a rule that is switched off', () => {
  it.each(RAFT_RULES.map(({ id }) => id))('reaches the protocol of every server: %s', (id) => {
    const flags = (ablations: readonly string[]) => {
      const bench = new RaftBench({ ablations }).ms(1);
      const all = bench.servers.map((name) => bench.state(name).config.rules);
      expect(new Set(all.map((rules) => JSON.stringify(rules))).size).toBe(1);
      return { ...all[0] } as Record<string, boolean>;
    };
    const [on, off] = [flags([]), flags([id])];
    expect(on['unmodified']).toBe(true);
    expect(off['unmodified']).toBe(false);
    const changed = Object.keys(on).filter((rule) => on[rule] !== off[rule]);
    expect(changed).toHaveLength(2);
    const name = id
      .replace('raft.', '')
      .replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    expect(changed).toContain(name);
  });

  it('changes what happens: without its no-op a new leader has an empty log', () => {
    for (const [ablations, expected] of [
      [[], 1],
      [['raft.leader-no-op'], 0],
    ] as const) {
      const bench = new RaftBench({ ablations });
      bench.until(() => bench.leaders().length > 0);
      bench.after(40);
      expect(bench.state(bench.leaders()[0] as string).raft.log.lastIndex).toBe(expected);
    }
  });

  it('of another component leaves Raft as it is', () => {
    const bench = new RaftBench({ ablations: ['retry.jitter'] }).ms(1);
    expect(bench.state('n1').config.rules.unmodified).toBe(true);
  });
});

describe('the settings of a Raft server', () => {
  it('bound when a server first stands for election', () => {
    forSeeds(20, import.meta.url, (seed) => {
      const config = { electionTimeoutMinMs: 500, electionTimeoutMaxMs: 600 };
      const bench = new RaftBench({ seed, config }).ms(1_000);
      const first = bench.tells('raft.campaign')[0]?.atMicros ?? NaN;
      expect(first).toBeGreaterThanOrEqual(500_000);
      expect(first).toBeLessThanOrEqual(600_000);
    });
  });
});

describe('restoring a Raft server in the middle of writes and reads', () => {
  it('gives the same run again, however often', () => {
    forSeeds(5, import.meta.url, (seed, random) => {
      const bench = new RaftBench({ seed });
      const leader = bench.elect();
      for (let n = 0; n < 5; n++) {
        bench.ask('a1', leader, put('x', n));
        bench.ask('a1', leader, get('x'));
        bench.after(random.between(0, 2));
      }
      bench.run.advance(Infinity, 1 + random.int(5));
      const look = (): unknown => [
        bench.traceHash,
        bench.run.eventNumber,
        bench.servers.map((name) => {
          const node = bench.node(name);
          return [stateHash(node.behaviour.plain?.(node.state)), bench.viewOf(name)];
        }),
      ];
      const image = bench.run.save();
      const { writes, reads } = bench.state(leader);
      expect(writes.size + reads.size).toBeGreaterThan(0);
      const here = look();
      bench.after(300);
      const end = look();
      expect(end).not.toEqual(here);
      for (let again = 0; again < 2; again++) {
        bench.run.restore(image);
        expect(look()).toEqual(here);
        bench.after(300);
        expect(look()).toEqual(end);
      }
    });
  });
});
