/**
 * Atomic commitment alone, a rule of each file at a time: who votes when, who is told when, and
 * what everybody still knows after a crash. Each rule that can be switched off breaks something.
 */
import { describe, expect, it } from 'vitest';
import { COMMIT_RULES } from '../../../../src/sim/protocols/commit/rules.ts';
import type { CommitAblation } from '../../../../src/sim/protocols/commit/rules.ts';
import type { CommitFact } from '../../../../src/sim/protocols/commit/state.ts';
import { Shards, TXN } from './support/shards.ts';
import type { Envelope, ShardsOptions } from './support/shards.ts';

function shardsOf(options: Partial<ShardsOptions> = {}): Shards {
  const shards = new Shards({ protocol: '2pc', size: 3, participants: [2, 3], ...options });
  shards.begin();
  return shards;
}
const PAXOS = { protocol: 'paxos-commit', acceptors: [1, 2, 3] } as const;
const types = ({ network }: Shards): string[] => network.map(({ message }) => message.type);
const fates = ({ books }: Shards): readonly string[] => books.fates;
const told = ({ facts }: Shards): CommitFact['type'][] => facts.map(({ type }) => type);
const of =
  (type: string, to?: number) =>
  (envelope: Envelope): boolean =>
    envelope.message.type === type && (to === undefined || envelope.to === to);
/** Delivers everything until such a message is under way. */
function until(shards: Shards, type: string, count = 1): Shards {
  for (let i = 0; types(shards).filter((one) => one === type).length < count; i += 1) {
    if (i === 100) throw new Error(`no ${type} in ${types(shards).join(' ')}`);
    const at = shards.network.findIndex((one) => !of(type)(one));
    if (at >= 0) shards.deliver(at);
    else throw new Error(`not ${count} times ${type}`);
  }
  return shards;
}
const ALL_COMMIT = ['shard 2: commit', 'shard 3: commit', 'the client: commit'];
const ALL_ABORT = ['shard 2: abort', 'shard 3: abort', 'the client: abort'];

describe.each(['2pc', '3pc', 'paxos-commit'] as const)('%s', (protocol) => {
  const options = protocol === 'paxos-commit' ? PAXOS : { protocol };

  it('commits where all vote yes, and then nobody remembers more than the fate', () => {
    const shards = shardsOf(options);
    shards.settle();
    expect(fates(shards)).toEqual(ALL_COMMIT);
    for (const { machine, timers } of shards.shards) {
      expect([machine?.coordinated.size, machine?.participating.size]).toEqual([0, 0]);
      expect([machine?.leading.size, machine?.accepting.size]).toEqual([0, 0]);
      expect(timers).toEqual([]);
    }
  });

  it('aborts where one votes no, with the code of the no', () => {
    const shards = shardsOf({ ...options, refuse: [3] });
    shards.settle();
    expect(fates(shards)).toEqual(ALL_ABORT);
    expect(shards.machine(2).outcomes.get(TXN)?.code).toBe('40001');
  });

  it('aborts by itself where a vote does not come', () => {
    const shards = shardsOf(options);
    shards.crash(3);
    shards.wait();
    expect(fates(shards)).toEqual(['shard 2: abort', 'the client: abort']);
  });

  it('stamps the commit with the latest vote', () => {
    const shards = shardsOf(options);
    shards.settle();
    expect(shards.machine(2).outcomes.get(TXN)?.at).toEqual({ l: 30, c: 0 });
  });

  it('refuses a pivot that shows only when the votes are together', () => {
    const shards = shardsOf({ ...options, refusesPivots: true });
    shards.settle();
    expect(fates(shards)).toEqual(ALL_ABORT);
  });

  it('tells nobody of a commit before its stamp is past', () => {
    const shards = shardsOf({ ...options, commitWaitMicros: 50 });
    shards.settle();
    expect(fates(shards)).toEqual([]);
    shards.fire(1, 'commit-wait');
    shards.settle();
    expect(fates(shards)).toEqual(ALL_COMMIT);
  });

  it('takes every message a second time without doing anything twice', () => {
    const shards = shardsOf(options);
    const seen: Envelope[] = [];
    while (shards.network.length > 0) {
      seen.push(shards.network[0] as Envelope);
      shards.deliver(0);
    }
    const before = shards.facts.length;
    shards.network = seen;
    shards.settle();
    expect([fates(shards), shards.books.broken]).toEqual([ALL_COMMIT, null]);
    expect(told(shards).slice(before)).not.toContain('commit.split');
  });
});

describe('a coordinator', () => {
  it('that is the only participant writes once and asks nobody', () => {
    const shards = shardsOf({ participants: [1] });
    expect(fates(shards)).toEqual(['shard 1: commit', 'the client: commit']);
    expect(types(shards)).toEqual([]);
    expect(shards.shard(1).disk.rows.get('k1')?.value).toBe(1);
  });

  it('tells nobody of a commit before the decision is on its disk', () => {
    const shards = until(shardsOf({ instantDisk: false }), 'commit.prepare', 2);
    shards.deliver(0);
    shards.deliver(0);
    for (const id of [2, 3]) shards.write(id);
    shards.deliver(0);
    shards.deliver(0);
    expect([types(shards), fates(shards)]).toEqual([[], []]);
    shards.write(1);
    expect(types(shards)).toEqual(['commit.decide', 'commit.decide']);
  });

  it('logs no abort: of what it does not know it says that it has aborted', () => {
    const shards = shardsOf({ refuse: [3] });
    shards.settle();
    expect(shards.shard(1).disk.decided.size).toBe(0);
    const other = until(shardsOf(), 'commit.vote', 2);
    other.crash(1);
    other.restart(1);
    other.wait();
    expect(fates(other)).toEqual(['shard 2: abort', 'shard 3: abort']);
  });

  it('tells again what it decided before a crash, until all have done it', () => {
    const shards = until(shardsOf(), 'commit.decide', 2);
    shards.network = [];
    shards.crash(1);
    expect(shards.shard(1).disk.decided.has(TXN)).toBe(true);
    shards.restart(1);
    shards.settle();
    expect(fates(shards)).toEqual(ALL_COMMIT);
    expect(shards.shard(1).timers).toEqual([]);
  });

  it('says nothing to who asks while it has not decided', () => {
    const shards = until(shardsOf(), 'commit.vote', 2);
    shards.fire(2, 'inquire');
    shards.deliver(shards.network.findIndex(of('commit.inquire')));
    expect(types(shards)).toEqual(['commit.vote', 'commit.vote']);
  });
});

describe('a participant', () => {
  it('votes yes when its promise is on disk, and not before', () => {
    const shards = shardsOf({ instantDisk: false });
    shards.deliver(0);
    expect(types(shards)).toEqual(['commit.prepare']);
    shards.write(2);
    expect(types(shards)).toEqual(['commit.prepare', 'commit.vote']);
    expect(shards.shard(2).disk.prepared.has(TXN)).toBe(true);
  });

  it('votes no at once, and needs no disk for that', () => {
    const shards = shardsOf({ instantDisk: false, refuse: [2] });
    shards.deliver(0);
    expect(types(shards)).toEqual(['commit.prepare', 'commit.vote']);
  });

  it('is bound by its yes: in two-phase commit it waits, and says that it is blocked', () => {
    const shards = until(shardsOf(), 'commit.vote', 2);
    shards.crash(1);
    shards.wait();
    expect(shards.inDoubt()).toEqual([2, 3]);
    expect(told(shards)).toContain('commit.blocked');
  });

  it('keeps its promise over a crash, and asks at once', () => {
    const shards = until(shardsOf(), 'commit.decide', 2);
    shards.settle(of('commit.decide', 3));
    shards.crash(3);
    shards.restart(3);
    expect(types(shards)).toEqual(['commit.inquire']);
    shards.settle();
    expect(fates(shards)).toEqual(ALL_COMMIT);
    expect(shards.shard(3).disk.rows.get('k3')).toEqual({
      value: 3,
      at: { l: 30, c: 0 },
      writer: TXN,
    });
  });

  it('says that it is done only when that is on its disk, also when it is told twice', () => {
    const shards = shardsOf({ instantDisk: false });
    shards.settle(of('commit.decide'));
    shards.fire(1, 'resend');
    shards.deliver(shards.network.findIndex(of('commit.decide', 2)));
    shards.fire(1, 'resend');
    shards.deliver(shards.network.findIndex(of('commit.decide', 2)));
    expect(types(shards).filter((one) => one === 'commit.done')).toEqual([]);
    shards.write(2);
    expect(types(shards)).toContain('commit.done');
    expect(shards.books.broken).toBeNull();
  });

  it('tells of it where another was told otherwise', () => {
    const shards = shardsOf();
    shards.settle();
    const fate = { commit: false, at: { l: 0, c: 0 }, hasIn: false, hasOut: false, code: '08006' };
    shards.step(2, {
      type: 'message',
      from: 3,
      message: { type: 'commit.decide', txn: TXN, fate },
    });
    expect(told(shards)).toContain('commit.split');
  });
});

describe('the termination of three-phase commit', () => {
  it('aborts where nobody is precommitted', () => {
    const shards = until(shardsOf({ protocol: '3pc', synchronous: true }), 'commit.vote', 2);
    shards.crash(1);
    shards.wait();
    expect(fates(shards)).toEqual(['shard 2: abort', 'shard 3: abort']);
  });

  it('commits where one is precommitted, when the others are, too', () => {
    const shards = until(shardsOf({ protocol: '3pc', synchronous: true }), 'commit.precommit', 2);
    shards.deliver(0);
    shards.crash(1);
    for (const _round of [1, 2]) {
      shards.fire(2, 'inquire');
      shards.settle();
    }
    expect(fates(shards)).toEqual([]);
    // Whoever is left alone now comes to the same end.
    expect(shards.machine(3).participating.get(TXN)?.phase).toBe('precommitted');
    shards.crash(2);
    shards.wait();
    expect(fates(shards)).toEqual(['shard 3: commit']);
  });

  it('gives no say to one that was down in between: it waits to be told', () => {
    const shards = until(shardsOf({ protocol: '3pc', synchronous: true }), 'commit.precommit', 2);
    shards.deliver(0);
    shards.crash(1);
    shards.crash(2);
    shards.restart(2);
    shards.settle();
    for (const _round of [1, 2, 3]) shards.fire(2, 'inquire');
    expect([fates(shards), told(shards).at(-1)]).toEqual([[], 'commit.blocked']);
    shards.wait();
    expect(fates(shards)).toEqual(['shard 2: abort', 'shard 3: abort']);
  });
});

describe('Paxos Commit', () => {
  it('tells a vote to the acceptors, and a leader counts it when a majority has it', () => {
    const shards = shardsOf(PAXOS);
    for (const _prepare of [2, 3]) shards.deliver(0);
    const others = shards.network.filter(of('commit.accepted'));
    shards.network = shards.network.filter(of('commit.accept', 1));
    shards.settle();
    expect(fates(shards)).toEqual([]);
    expect(shards.machine(1).leading.get(TXN)?.tally.get(2)?.by).toEqual(new Set([1]));
    // Each participant is an acceptor of its own vote.
    shards.network = others;
    shards.settle();
    expect(fates(shards)).toEqual(ALL_COMMIT);
  });

  it('has an acceptor take part in no ballot below the one that it promised', () => {
    const shards = until(shardsOf(PAXOS), 'commit.accept', 4);
    const votes = shards.network.filter(of('commit.accept', 1));
    shards.network = [];
    const ask = { type: 'commit.ask-promise', txn: TXN, ballot: 67 } as const;
    shards.step(1, { type: 'message', from: 3, message: ask });
    shards.network = votes;
    shards.deliver(0);
    expect(types(shards)).toEqual(['commit.accept']);
    expect(shards.machine(1).accepting.get(TXN)?.votes.size).toBe(0);
    expect(shards.shard(1).disk.accepting.get(TXN)?.promised).toBe(67);
  });

  it('has a new leader propose what may have been chosen, and no where nothing was seen', () => {
    const shards = until(shardsOf(PAXOS), 'commit.accept', 4);
    shards.settle(({ message, from }) => message.type === 'commit.accept' && from === 3);
    shards.crash(1);
    shards.fire(2, 'inquire');
    shards.deliver(shards.network.findIndex(of('commit.ask-promise', 3)));
    shards.deliver(shards.network.findIndex(of('commit.promise', 2)));
    const proposal = shards.network.find(of('commit.accept', 3))?.message;
    // Shard 3 is an acceptor of its own vote.
    expect(proposal).toMatchObject({
      votes: [
        [2, { yes: true }],
        [3, { yes: true }],
      ],
    });
    shards.wait();
    expect(fates(shards)).toEqual(['shard 2: commit', 'shard 3: commit', 'the client: commit']);
  });

  it('uses other ballots on each shard, each higher than all that it has seen', () => {
    const shards = until(shardsOf(PAXOS), 'commit.accept', 4);
    shards.network = [];
    shards.fire(2, 'inquire');
    shards.fire(3, 'inquire');
    const ballots = shards.facts.flatMap((one) =>
      one.type === 'commit.took-over' ? [one.ballot] : [],
    );
    expect(new Set(ballots).size).toBe(2);
    shards.settle();
    shards.crash(1);
    const other = until(shardsOf(PAXOS), 'commit.accept', 4);
    other.fire(3, 'inquire');
    other.network = other.network.filter(of('commit.ask-promise', 2));
    other.deliver(0);
    other.network = [];
    other.fire(2, 'inquire');
    expect(other.machine(2).leading.get(TXN)?.ballot).toBeGreaterThan(64 + 3);
  });

  it('ends without its coordinator while a majority of the acceptors runs', () => {
    const shards = until(shardsOf(PAXOS), 'commit.accept', 4);
    shards.settle(of('commit.accepted'));
    shards.crash(1);
    shards.wait();
    expect([fates(shards), shards.inDoubt()]).toEqual([ALL_COMMIT, []]);
    const two = until(shardsOf(PAXOS), 'commit.accept', 4);
    two.settle(of('commit.accepted'));
    two.crash(1);
    two.crash(2);
    two.wait();
    expect([fates(two), two.inDoubt()]).toEqual([[], [3]]);
  });

  it('answers with the fate who asks an acceptor that has forgotten the votes', () => {
    const shards = shardsOf(PAXOS);
    shards.settle();
    const ask = { type: 'commit.ask-promise', txn: TXN, ballot: 67 } as const;
    shards.step(2, { type: 'message', from: 3, message: ask });
    expect(types(shards)).toEqual(['commit.decide']);
  });
});

describe('without a rule', () => {
  /** Both ways; the story ends in the property that `breaks` names only without the rule. */
  const STORIES: { readonly [rule in CommitAblation]: (off: readonly CommitAblation[]) => Shards } =
    {
      'commit.prepare-logged': (off) => {
        const shards = until(shardsOf({ off, instantDisk: false }), 'commit.prepare', 2);
        shards.deliver(0);
        shards.deliver(0);
        shards.write(2);
        shards.crash(3);
        shards.restart(3);
        shards.settle();
        shards.wait();
        return shards;
      },
      'commit.decision-logged': (off) => {
        const shards = until(shardsOf({ off, instantDisk: false }), 'commit.prepare', 2);
        shards.deliver(0);
        shards.deliver(0);
        for (const id of [2, 3]) shards.write(id);
        shards.deliver(0);
        shards.deliver(0);
        shards.network = shards.network.filter(of('commit.decide', 2));
        if (shards.network.length > 0) shards.deliver(0);
        shards.crash(1);
        shards.restart(1);
        shards.wait();
        return shards;
      },
      'commit.wait-when-prepared': (off) => {
        const shards = until(shardsOf({ off }), 'commit.decide', 2);
        shards.deliver(0);
        shards.fire(3, 'inquire');
        shards.wait();
        return shards;
      },
      'commit.majority-of-acceptors': (off) => {
        const shards = shardsOf({ off, ...PAXOS });
        for (const _prepare of [2, 3]) shards.deliver(0);
        shards.network = shards.network.filter(of('commit.accept', 1));
        shards.deliver(0);
        shards.deliver(0);
        shards.fire(2, 'inquire');
        shards.wait();
        return shards;
      },
    };

  it.each(COMMIT_RULES)('$id: $breaks', ({ id, breaks }) => {
    expect(STORIES[id]([]).books.broken).toBeNull();
    const { broken } = STORIES[id]([id]).books;
    expect(broken).toMatch(/^(Atomicity|Durability):/);
    expect(breaks).toMatch(/^Atomicity:/);
  });
});
