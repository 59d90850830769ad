/** A group whose members change while it serves, and whose leader hands over its office. */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { Act, Plan } from 'faultline';
import type { RaftAdminChange } from '../../../../src/sim/contracts/raft-admin.ts';
import { get, put } from '../support/bench.ts';
import { RaftBench } from './support/group.ts';
import { specOf } from '../../../support/plans.ts';

const OK = { outcome: 'ok', value: { type: 'raft-admin.done' } };
const DONE = { outcome: 'ok', value: { type: 'kv.done', applied: true } };

type Kind = RaftAdminChange['changes'][number]['type'];
const WORDS: Readonly<Record<string, Kind>> = {
  add: 'add-voter',
  learn: 'add-learner',
  remove: 'remove',
};

/** `add n4, remove n1`. */
function change(bench: RaftBench, text: string, more: object = {}): RaftAdminChange {
  const changes = text.split(', ').map((one) => {
    const [word = '', name = ''] = one.split(' ');
    return { type: WORDS[word] as Kind, peer: bench.index(name) };
  });
  return { type: 'raft-admin.change', transition: 'auto', changes, ...more };
}

/** Five servers of whom three vote, and the leader of the three. */
function spare(more: object = {}): { bench: RaftBench; leader: string } {
  const bench = new RaftBench({ servers: 5, config: { initialVoters: 3, ...more } });
  return { bench, leader: bench.elect() };
}

describe('spare servers', () => {
  it('have no vote, stand for nothing and hear of nothing until they are added', () => {
    const { bench, leader } = spare();
    bench.answer('a1', leader, put('x', 1));
    bench.after(2_000);
    for (const name of ['n4', 'n5']) {
      expect(bench.state(name).raft).toMatchObject({ role: 'follower', term: 0, commitIndex: 0 });
      expect(bench.answer('a1', name, get('x')).result).toMatchObject({
        outcome: 'fail',
        error: { code: 'not-leader', detail: { leader: null } },
      });
    }
    expect(bench.votersOf(leader)).toEqual(['n1', 'n2', 'n3']);
  });

  it('stay spare when they start again, and founders stay founders', () => {
    const { bench } = spare();
    bench.inject('crash', { type: 'crash', target: 'n' }).after(10).undo('crash').after(1);
    expect(bench.votersOf('n4')).toEqual([]);
    expect(bench.votersOf(bench.elect())).toEqual(['n1', 'n2', 'n3']);
  });
});

describe('a change of members', () => {
  it('adds a server, that learns first: it is a voter once it has caught up', () => {
    const { bench, leader } = spare({ snapshotThreshold: 5, trailingEntries: 0 });
    for (let i = 0; i < 12; i += 1) bench.answer('a1', leader, put(`k${i % 3}`, i));
    const { result } = bench.answer('a1', leader, change(bench, 'add n4', { catchUp: true }));
    expect(result).toEqual(OK);
    bench.after(100);
    expect(bench.votersOf('n4')).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect(bench.state('n4').store.get('k2')).toBe(11);
    const told = bench.tells('raft.members-changed', leader).map(({ fact }) => fact);
    expect(told.map(({ voters, learners }) => [voters, learners])).toEqual([
      ['n1 n2 n3', 'n4'],
      ['n1 n2 n3 n4', ''],
    ]);
    // What the log no longer holds came as a snapshot.
    expect(bench.tells('raft.snapshot-installed', 'n4')).toHaveLength(1);
    expect(bench.tells('raft.snapshot-taken', leader).length).toBeGreaterThan(0);
  });

  it('replaces two of three at once, through a joint configuration', () => {
    const { bench, leader } = spare();
    bench.answer('a1', leader, put('x', 1));
    const [first = '', second = ''] = bench.others(leader).filter((name) => name < 'n4');
    const asked = change(bench, `add n4, add n5, remove ${first}, remove ${second}`);
    expect(bench.answer('a1', leader, asked).result).toEqual(OK);
    bench.after(200);
    const told = bench.tells('raft.members-changed', leader).map(({ fact }) => fact);
    const after = [leader, 'n4', 'n5'].join(' ');
    expect(told.map(({ voters, outgoing }) => [voters, outgoing])).toEqual([
      [after, 'n1 n2 n3'],
      [after, ''],
    ]);
    // The new majority decides alone, and has what the old one had.
    bench.inject('crash', { type: 'crash', target: [first, second, leader] });
    bench.until(() => bench.leaders().some((name) => name !== leader));
    const [next = ''] = bench.leaders();
    expect(['n4', 'n5']).toContain(next);
    expect(bench.answer('a1', next, get('x')).result).toMatchObject({ value: { value: 1 } });
  });

  it('that removes the leader ends its office; it never stands again', () => {
    const { bench, leader } = spare();
    expect(bench.answer('a1', leader, change(bench, `remove ${leader}`)).result).toEqual(OK);
    bench.until(() => bench.leaders().some((name) => name !== leader));
    const [next = ''] = bench.leaders();
    bench.after(2_000);
    expect(bench.votersOf(next)).toEqual(bench.others(leader).filter((name) => name < 'n4'));
    expect(bench.leaders()).toEqual([next]);
    expect(bench.state(leader).raft.role).toBe('follower');
    expect(bench.answer('a1', next, put('x', 1)).result).toEqual(DONE);
  });

  it('is refused with a reason where it cannot be', () => {
    const { bench, leader } = spare();
    const [other = ''] = bench.others(leader);
    const refused = (to: string, asked: RaftAdminChange) => bench.answer('a1', to, asked).result;
    expect(refused(other, change(bench, 'add n4'))).toMatchObject({
      outcome: 'fail',
      error: { code: 'not-leader', detail: { leader: bench.index(leader) } },
    });
    const leave = { ...change(bench, 'add n4'), changes: [] };
    expect(refused(leader, leave)).toMatchObject({
      outcome: 'fail',
      error: { code: 'not-possible', detail: { why: 'the configuration is not joint' } },
    });
    // One that is under way bars the next; a majority is cut off, so that it stays under way.
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    const tag = bench.ask('a1', leader, change(bench, 'add n4'));
    bench.after(20);
    expect(refused(leader, change(bench, 'add n5'))).toMatchObject({
      error: { code: 'busy', detail: { why: 'another-is-pending' } },
    });
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result.outcome).toBe('unknown');
  });

  it('whose new member never catches up tells so when the leader is deposed', () => {
    const { bench, leader } = spare();
    bench.inject('down', { type: 'crash', target: 'n4' });
    const tag = bench.ask('a1', leader, change(bench, 'add n4', { catchUp: true }), 30_000);
    bench.after(100);
    expect(bench.state(leader).catchingUp).toBeGreaterThanOrEqual(0);
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result).toMatchObject({
      outcome: 'unknown',
      error: { code: 'lost-leadership' },
    });
    expect(bench.state(leader).proposing.size).toBe(0);
  });
});

describe('a transfer of leadership', () => {
  it('takes less than an election timeout, and is answered', () => {
    const { bench, leader } = spare();
    const [target = ''] = bench.others(leader);
    const before = bench.run.now;
    const to = bench.index(target);
    expect(bench.answer('a1', leader, { type: 'raft-admin.transfer', to } as never).result).toEqual(
      OK,
    );
    bench.until(() => bench.leaders().includes(target));
    expect(bench.run.now - before).toBeLessThan(50_000);
    expect(bench.tells('raft.transfer', leader).map(({ fact }) => fact.to)).toEqual([target]);
    expect(bench.answer('a1', target, put('x', 1)).result).toEqual(DONE);
  });

  it('to one who does not answer is given up after an election timeout', () => {
    const { bench, leader } = spare();
    const [target = ''] = bench.others(leader);
    bench.inject('down', { type: 'crash', target });
    const to = bench.index(target);
    const asked = { type: 'raft-admin.transfer', to } as const;
    // It is caught up, so it is told; nobody stands.
    expect(bench.answer('a1', leader, asked).result).toMatchObject({
      outcome: 'unknown',
      error: { code: 'transfer-aborted' },
    });
    expect(bench.tells('raft.transfer-aborted', leader)).toHaveLength(1);
    expect(bench.answer('a1', leader, put('x', 1)).result).toEqual(DONE);
  });

  it('to one without a vote is refused', () => {
    const { bench, leader } = spare();
    const asked = { type: 'raft-admin.transfer', to: bench.index('n5') } as const;
    expect(bench.answer('a1', leader, asked).result).toMatchObject({
      outcome: 'fail',
      error: { code: 'not-possible', detail: { why: 'no-voter' } },
    });
  });
});

/** Three servers and clients, as a person sees them: by session and acts. */
function session(): Session {
  const document: Plan = {
    title: 'A group that grows',
    summary: 'A server joins.',
    durationMs: 6_000,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: [
      { name: 'n', component: 'raft-kv', count: 3 },
      { name: 'c', component: 'kv-client', count: 2, links: { servers: 'n' } },
    ],
    faults: [],
    checks: [
      { id: 'safety', use: 'raft-safety' },
      { id: 'linearizable', use: 'linearizable' },
    ],
    story: [],
  };
  return new Session(specOf(document));
}

function leaderOf(run: Session): string {
  const { nodes } = run.world;
  return nodes.find((node) => node.roles().includes('leader'))?.name ?? '';
}

describe('a server that is put into the run', () => {
  it('waits, is added by an action, survives a crash, and the checks know it', () => {
    const run = session();
    const act = (done: Act): void => void run.intervene(done);
    run.advance({ untilMicros: 1_000_000 });
    act({ do: 'spawn', group: 'n' });
    run.advance({ untilMicros: 2_000_000 });
    const joined = run.world.nodes.find((node) => node.name === 'n4');
    expect(joined?.roles()).toEqual(['follower']);
    const leader = leaderOf(run);
    act({ do: 'action', node: leader, action: 'add-server', args: { server: 'n4' } });
    run.advance({ untilMicros: 3_000_000 });
    // All start again from their disks: founders know three, the log says four.
    act({ do: 'inject', id: 'cut', fault: { type: 'crash', target: 'n' } });
    run.advance({ untilMicros: 3_200_000 });
    act({ do: 'undo', id: 'cut' });
    run.advance({ untilMicros: 4_500_000 });
    const next = leaderOf(run);
    const to = next === 'n4' ? 'n1' : 'n4';
    act({ do: 'action', node: next, action: 'transfer-leadership', args: { server: to } });
    run.advance({ untilMicros: 5_000_000 });
    expect(leaderOf(run)).toBe(to);
    const report = run.run();
    expect(report.checks.map(({ result }) => result)).toEqual(['pass', 'pass']);
    const facts = new Map(report.metrics.facts.map(({ type, count }) => [type, count]));
    expect(facts.get('raft.members-changed')).toBe(2);
    expect(facts.get('raft.transfer')).toBe(1);
  });

  it('is refused an action that names nobody', () => {
    const run = session();
    run.advance({ untilMicros: 1_000_000 });
    const act: Act = {
      do: 'action',
      node: leaderOf(run),
      action: 'remove-server',
      args: { server: 'n9' },
    };
    expect(() => run.intervene(act)).toThrow(/no server "n9"/);
  });
});
