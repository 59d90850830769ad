/** Writes that a client sends again, outside a session and within one. */
import { describe, expect, it } from 'vitest';
import type { KvSessionWrite, KvWrite } from '../../../../src/sim/contracts/kv-session.ts';
import { get, put } from '../support/bench.ts';
import { RaftBench } from './support/group.ts';

const DONE = { outcome: 'ok', value: { type: 'kv.done', applied: true } };
const EXPIRED = { outcome: 'unknown', error: { code: 'session-expired' } };
const plus = (key: string, by = 1): KvWrite => ({
  type: 'kv.update',
  key,
  update: { do: 'increment', by },
});

function open(bench: RaftBench, leader: string): number {
  const { result } = bench.answer('a1', leader, { type: 'kv-session.open' });
  if (result.outcome !== 'ok') throw new Error('no session was opened');
  return (result.value as unknown as { readonly session: number }).session;
}

const within = (
  session: number,
  sequence: number,
  write: KvWrite,
  firstPending = sequence,
): KvSessionWrite => ({ type: 'kv-session.write', session, sequence, firstPending, write });

const counted = (bench: RaftBench, leader: string, key = 'x'): unknown => {
  const { result } = bench.answer('a1', leader, get(key));
  return result.outcome === 'ok' ? (result.value as { readonly value?: unknown }).value : null;
};

/**
 * The leader commits an increment, and its answer is lost with it: it crashes at once. The client
 * sends the same again to the next leader, and reads.
 */
function repeated(kind: 'plain' | 'session', ablations: readonly string[] = []): unknown {
  const bench = new RaftBench({ ablations });
  const leader = bench.elect();
  const session = kind === 'session' ? open(bench, leader) : 0;
  const write = kind === 'session' ? within(session, 1, plus('x')) : plus('x');
  const before = bench.state(leader).raft.commitIndex;
  bench.inject('lost', { type: 'one-way', from: leader, to: 'a1' });
  const tag = bench.ask('a1', leader, write, 500);
  bench.until(() => bench.state(leader).raft.commitIndex > before);
  bench.inject('down', { type: 'crash', target: leader });
  bench.until(() => bench.end('a1', tag) !== undefined);
  expect(bench.end('a1', tag)?.result.outcome).toBe('unknown');
  bench.undo('lost').until(() => bench.leaders().some((name) => name !== leader));
  const [next = ''] = bench.leaders();
  expect(bench.answer('a1', next, write).result).toEqual(DONE);
  return counted(bench, next);
}

describe('an increment whose answer is lost, sent again', () => {
  it('counts twice outside a session', () => {
    expect(repeated('plain')).toBe(2);
  });

  it('counts once within one', () => {
    expect(repeated('session')).toBe(1);
  });

  it('counts twice within one where the rule is off', () => {
    expect(repeated('session', ['raft.dedupe'])).toBe(2);
  });
});

describe('a session', () => {
  it('answers what it has answered, also for a comparison that failed', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    const session = open(bench, leader);
    const cas: KvWrite = { type: 'kv.cas', key: 'x', expected: 1, value: 2 };
    const failed = { outcome: 'ok', value: { type: 'kv.done', applied: false } };
    expect(bench.answer('a1', leader, within(session, 1, cas)).result).toEqual(failed);
    bench.answer('a1', leader, put('x', 1));
    expect(bench.answer('a1', leader, within(session, 1, cas)).result).toEqual(failed);
    expect(bench.answer('a1', leader, within(session, 2, cas)).result).toEqual(DONE);
    expect(counted(bench, leader)).toBe(2);
  });

  it('does not apply a late copy of a command whose answer the client has', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    const session = open(bench, leader);
    bench.answer('a1', leader, within(session, 1, plus('x')));
    bench.answer('a1', leader, within(session, 2, plus('x')));
    expect(bench.state(leader).sessions.get(session)?.answers.size).toBe(1);
    expect(bench.answer('a1', leader, within(session, 1, plus('x'))).result).toMatchObject(EXPIRED);
    expect(counted(bench, leader)).toBe(2);
  });

  /** One command, answered; then all crash, with snapshots in place of the log; then it again. */
  function acrossSnapshots(ablations: readonly string[]): unknown {
    const config = { snapshotThreshold: 3, trailingEntries: 0 };
    const bench = new RaftBench({ config, ablations });
    const leader = bench.elect();
    const session = open(bench, leader);
    bench.answer('a1', leader, within(session, 1, plus('x')));
    for (let i = 0; i < 8; i += 1) bench.answer('a1', leader, put('y', i));
    expect(bench.state(leader).raft.log.compactedIndex).toBeGreaterThan(session + 1);
    bench.inject('all', { type: 'crash', target: 'n' }).after(10).undo('all').after(1);
    const next = bench.elect();
    expect(bench.answer('a1', next, within(session, 1, plus('x'))).result).toEqual(DONE);
    return counted(bench, next);
  }

  it('survives crashes of all and snapshots in place of the log', () => {
    expect(acrossSnapshots([])).toBe(1);
  });

  it('counts twice across a snapshot that does not hold its answers', () => {
    expect(acrossSnapshots(['raft.snapshot-keeps-answers'])).toBe(2);
  });

  it('ends by the time in the log, at the same entry everywhere, whatever the clocks', () => {
    const bench = new RaftBench({ config: { sessionTimeoutMs: 1_000 } });
    const leader = bench.elect();
    const [idle, busy] = [open(bench, leader), open(bench, leader)];
    const [follower = ''] = bench.others(leader);
    bench.inject('fast', { type: 'clock-jump', target: follower, byMs: 60_000 });
    for (let sequence = 1; sequence <= 3; sequence += 1) {
      bench.after(600);
      expect(bench.answer('a1', leader, within(busy, sequence, plus('x'))).result).toEqual(DONE);
    }
    bench.after(100);
    for (const name of bench.servers)
      expect([...bench.state(name).sessions.keys()]).toEqual([busy]);
    expect(bench.answer('a1', leader, within(idle, 1, plus('x'))).result).toMatchObject(EXPIRED);
    expect(counted(bench, leader)).toBe(3);
  });

  it('that nobody opened is told so, and what is no plain write is refused', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    expect(bench.answer('a1', leader, within(99, 1, plus('x'))).result).toMatchObject(EXPIRED);
    const add: KvWrite = { type: 'kv.update', key: 'x', update: { do: 'add', element: 1 } };
    for (const request of [add, within(99, 1, add)]) {
      expect(bench.answer('a1', leader, request).result).toMatchObject({
        outcome: 'fail',
        error: { code: 'not-supported' },
      });
    }
  });
});
