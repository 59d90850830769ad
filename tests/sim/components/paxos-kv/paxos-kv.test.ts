/** When a Multi-Paxos server answers, from which state, and what its quorums must be. */
import type { Plan } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { PaxosKvFact } from '../../../../src/sim/components/paxos-kv/facts.ts';
import type { PaxosKvState } from '../../../../src/sim/components/paxos-kv/state.ts';
import type { PaxosDisk } from '../../../../src/sim/protocols/multi-paxos/state.ts';
import { open } from '../../session/support/runs.ts';
import { Bench, cas, get, put } from '../support/bench.ts';
import { specOf } from '../../../support/plans.ts';

/** How long an fsync takes. */
const FSYNC_MS = 3;

interface PaxosPlan {
  readonly servers?: number;
  readonly config?: object;
  readonly ablations?: readonly string[];
}

class PaxosBench extends Bench {
  constructor({ servers = 3, config = {}, ablations = [] }: PaxosPlan = {}) {
    super({
      groups: [
        {
          name: 'n',
          component: 'paxos-kv',
          count: servers,
          config: { ...config },
          disk: { fsync: { kind: 'constant', ms: FSYNC_MS } },
        },
        { name: 'a', component: 'asker', count: 1, links: { servers: 'n' } },
      ],
      ablations,
    });
  }

  state(name: string): PaxosKvState {
    return this.node(name).state as PaxosKvState;
  }

  get servers(): readonly string[] {
    return this.parts.host.nodes
      .filter((node) => node.behaviour.component === 'paxos-kv')
      .map((node) => node.identity.name);
  }

  leaders(): readonly string[] {
    return this.servers.filter(
      (name) => this.node(name).state !== null && this.state(name).paxos.role === 'leader',
    );
  }

  /** Runs until one leads who did not before, and returns its name. */
  elect(not = ''): string {
    this.until(() => this.leaders().some((name) => name !== not));
    return this.leaders().find((name) => name !== not) as string;
  }

  others(than: string): string[] {
    return this.servers.filter((name) => name !== than);
  }

  /** A leader that the other servers cannot reach, nor it them; the asker reaches all. */
  cutOff(): string {
    const leader = this.elect();
    this.answer('a1', leader, put('x', 1));
    this.after(50).inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    return leader;
  }
}

const done = (applied = true) => ({ outcome: 'ok', value: { type: 'kv.done', applied } });
const value = (is: number | null) => ({ outcome: 'ok', value: { type: 'kv.value', value: is } });

describe('a write', () => {
  it('takes four ways over the network and one fsync', () => {
    const bench = new PaxosBench();
    const leader = bench.elect();
    const asked = bench.after(410).run.now;
    const { micros, result } = bench.answer('a1', leader, put('x', 1));
    expect(result).toEqual(done());
    expect(micros - asked).toBe((4 + FSYNC_MS) * 1_000);
  });

  it('is answered only when a quorum of disks holds it', () => {
    const bench = new PaxosBench({ servers: 5 });
    const leader = bench.elect();
    let answers = 0;
    bench.onPacket = ({ message, from }) => {
      if (message.type !== 'kv.done') return;
      answers += 1;
      const { paxos, store } = bench.state(bench.nameOf(from));
      expect(store.get('x')).toBe(answers);
      const held = bench.servers.filter((name) => {
        const disk = bench.node(name).disk?.durable as PaxosDisk;
        return disk.accepted.get(paxos.chosen) !== undefined;
      });
      expect(held.length).toBeGreaterThanOrEqual(3);
    };
    for (let n = 1; n <= 5; n++) bench.answer('a1', leader, put('x', n));
    expect(answers).toBe(5);
  });

  it('is not answered while no quorum holds it', () => {
    const bench = new PaxosBench();
    const leader = bench.cutOff();
    const tag = bench.ask('a1', leader, put('x', 2), 60_000);
    bench.after(100);
    expect(bench.end('a1', tag)).toBeUndefined();
    expect(bench.state(leader).store.get('x')).toBe(1);
  });

  it('is applied by every server in the end, in the order of the slots', () => {
    const bench = new PaxosBench({ servers: 5 });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    bench.answer('a1', leader, put('y', 2));
    bench.after(500);
    const stores = bench.servers.map((name) => [...bench.state(name).store]);
    const both = [
      ['x', 1],
      ['y', 2],
    ];
    expect(stores).toEqual(Array.from({ length: 5 }, () => both));
  });

  it('under way when another takes over is lost in doubt, not refused', () => {
    const bench = new PaxosBench();
    const leader = bench.cutOff();
    const tag = bench.ask('a1', leader, put('x', 2), 60_000);
    const next = bench.elect(leader);
    expect(bench.answer('a1', next, put('x', 3)).result).toEqual(done());
    bench.undo('cut');
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result).toMatchObject({
      outcome: 'unknown',
      error: { code: 'lost-leadership' },
    });
    bench.after(500);
    for (const name of bench.servers) expect(bench.state(name).store.get('x')).toBe(3);
  });
});

describe('a comparison', () => {
  it('is judged in the order of the slots: of two with one expectation the first wins', () => {
    const bench = new PaxosBench();
    const leader = bench.elect();
    const tags = [1, 2].map((n) => bench.ask('a1', leader, cas('x', null, n)));
    bench.after(100);
    expect(tags.map((tag) => bench.end('a1', tag)?.result)).toEqual([done(true), done(false)]);
    expect(bench.answer('a1', leader, get('x')).result).toEqual(value(1));
  });
});

describe('a server that does not lead', () => {
  it.each([
    ['a read', get('x')],
    ['a write', put('x', 1)],
    ['a comparison', cas('x', null, 1)],
  ])('refuses %s and names the leader', (_what, request) => {
    const bench = new PaxosBench();
    const leader = bench.elect();
    bench.after(300);
    for (const follower of bench.others(leader)) {
      expect(bench.answer('a1', follower, request).result).toMatchObject({
        outcome: 'fail',
        error: { code: 'not-leader', detail: { leader: bench.index(leader) } },
      });
    }
  });
});

describe('a read', () => {
  /** From the asking to the answer, at a quiet leader. */
  function readMicros(readMode: string): number {
    const bench = new PaxosBench({ config: { readMode } });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    const asked = bench.after(410).run.now;
    const { micros, result } = bench.answer('a1', leader, get('x'));
    expect(result).toEqual(value(1));
    return micros - asked;
  }

  it('costs a round to a quorum by read-index, a slot by log-read, and nothing locally', () => {
    expect(readMicros('read-index')).toBe(4_000);
    expect(readMicros('log-read')).toBe((4 + FSYNC_MS) * 1_000);
    expect(readMicros('local')).toBe(2_000);
  });

  /** What a leader that was cut off answers after another one wrote 3, if it answers. */
  function staleRead(readMode: string) {
    const bench = new PaxosBench({ config: { readMode } });
    const leader = bench.cutOff();
    const next = bench.elect(leader);
    bench.answer('a1', next, put('x', 3));
    const tag = bench.ask('a1', leader, get('x'), 60_000);
    bench.after(10);
    return bench.end('a1', tag)?.result;
  }

  it('of a leader that is cut off is stale locally, and waits by the other two', () => {
    expect(staleRead('local')).toEqual(value(1));
    expect(staleRead('read-index')).toBeUndefined();
    expect(staleRead('log-read')).toBeUndefined();
  });
});

describe('a new leader', () => {
  it('has what an earlier one may have had chosen chosen again, before its own', () => {
    const bench = new PaxosBench();
    const leader = bench.elect();
    // Its acceptors take the write; that they did does not come back.
    bench.inject('deaf', { type: 'one-way', from: { except: leader, from: 'n' }, to: leader });
    const tag = bench.ask('a1', leader, put('x', 7), 2_000);
    bench.after(20).inject('crash', { type: 'crash', target: leader });
    const next = bench.elect(leader);
    const [turn] = bench.told<Extract<PaxosKvFact, { type: 'paxos.leader' }>>('paxos.leader', next);
    expect(turn?.fact.recovered).toBe(1);
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result.outcome).toBe('unknown');
    expect(bench.answer('a1', next, get('x')).result).toEqual(value(7));
  });

  it('keeps what all had chosen through a crash of all', () => {
    const bench = new PaxosBench();
    bench.answer('a1', bench.elect(), put('x', 5));
    bench.inject('all', { type: 'crash', target: 'n' }).after(10).undo('all').after(1);
    expect(bench.answer('a1', bench.elect(), get('x')).result).toEqual(value(5));
  });
});

describe('quorums', () => {
  it('that need not meet elect, where that rule is off', () => {
    const config = { phase1Quorum: 2, phase2Quorum: 2 };
    const off = ['paxos.quorum-intersection'];
    expect(new PaxosBench({ servers: 4, config, ablations: off }).elect()).toMatch(/^n\d$/u);
  });

  it('of two to write among four let writes go on with two down, and no new leader come', () => {
    const bench = new PaxosBench({ servers: 4, config: { phase1Quorum: 3, phase2Quorum: 2 } });
    const leader = bench.elect();
    const [one = '', two = '', three = ''] = bench.others(leader);
    bench
      .inject('one', { type: 'crash', target: one })
      .inject('two', { type: 'crash', target: two });
    expect(bench.answer('a1', leader, put('x', 1)).result).toEqual(done());
    bench.inject('lead', { type: 'crash', target: leader }).after(5_000);
    expect(bench.state(three).paxos.role).not.toBe('leader');
    bench.undo('one').undo('two');
    expect(bench.answer('a1', bench.elect(), get('x')).result).toEqual(value(1));
  });

  it('still meet when somebody adds a server: phase 1 needs as many more', () => {
    const plan: Plan = {
      title: '',
      summary: '',
      durationMs: 5_000,
      network: {},
      groups: [
        {
          name: 'n',
          component: 'paxos-kv',
          count: 4,
          config: { phase1Quorum: 3, phase2Quorum: 2 },
        },
      ],
      faults: [],
      checks: [{ id: 'agree', use: 'paxos-safety' }],
      story: [],
    };
    const session = open(specOf(plan));
    session.advance({ untilMicros: 1_000_000 });
    session.intervene({ do: 'spawn', group: 'n' });
    session.advance();
    expect(session.ended).toBe('duration');
    const added = session.world.nodes.at(-1);
    expect((added?.state as PaxosKvState).config).toMatchObject({
      phase1Quorum: 4,
      phase2Quorum: 2,
    });
  });
});
