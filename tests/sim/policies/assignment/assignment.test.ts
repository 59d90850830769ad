/** Assignments worked out by hand, one rule each. */
import { describe, expect, it } from 'vitest';
import { ASSIGNORS, NO_GENERATION } from '../../../../src/sim/policies/assignment/index.ts';
import type { GroupMember, GroupTopic } from '../../../../src/sim/policies/assignment/index.ts';
import { StickyMoves } from '../../../../src/sim/policies/assignment/sticky-moves.ts';

interface Given extends Partial<Omit<GroupMember, 'topics' | 'owned'>> {
  /** "t u" */
  readonly topics: string;
  /** "t0 t2": partitions of topics of one letter. */
  readonly owned?: string;
}

const words = (text: string) => text.split(' ').filter((word) => word !== '');

function memberOf(id: string, given: Given): GroupMember {
  const { topics, owned = '', generation = NO_GENERATION, rack = null } = given;
  return {
    id,
    topics: words(topics),
    owned: words(owned).map((word) => ({ topic: word[0]!, partition: Number(word.slice(1)) })),
    generation,
    rack,
    groupInstanceId: given.groupInstanceId ?? null,
  };
}

/** @param racks of the replicas of each partition of each topic: "a b,a" are two partitions */
function assign(
  name: string,
  members: Readonly<Record<string, Given>>,
  topics: Readonly<Record<string, number | string>>,
): Record<string, string> {
  const given = Object.entries(topics).map(([topic, spec]): GroupTopic => {
    if (typeof spec === 'number') return { name: topic, partitions: spec, replicaRacks: [] };
    const replicaRacks = spec.split(',').map(words);
    return { name: topic, partitions: replicaRacks.length, replicaRacks };
  });
  const assignor = ASSIGNORS.find((each) => each.name === name)!;
  const list = Object.entries(members).map(([id, member]) => memberOf(id, member));
  return Object.fromEntries(
    [...assignor.assign(list, given)].map(([id, owned]) => [
      id,
      owned.map(({ topic, partition }) => `${topic}${partition}`).join(' '),
    ]),
  );
}

describe('claims', () => {
  it('of two members in one generation are worth nothing', () => {
    const members = {
      a: { topics: 't', owned: 't1', generation: 1 },
      b: { topics: 't', owned: 't1', generation: 1 },
    };
    expect(assign('sticky', members, { t: 2 })).toEqual({ a: 't0', b: 't1' });
    expect(assign('cooperative-sticky', members, { t: 2 })).toEqual({ a: 't0', b: '' });
  });

  it('of a later generation count', () => {
    const members = {
      a: { topics: 't', owned: 't0 t1', generation: 1 },
      b: { topics: 't', owned: 't0', generation: 2 },
    };
    expect(assign('cooperative-sticky', members, { t: 2 })).toEqual({ a: 't1', b: 't0' });
  });

  it('of partitions that are no more are passed over', () => {
    const members = { a: { topics: 't', owned: 't0 t7 u0', generation: 1 }, b: { topics: 't' } };
    expect(assign('sticky', members, { t: 2 })).toEqual({ a: 't0', b: 't1' });
  });
});

describe('sticky, with unequal subscriptions,', () => {
  const group = {
    a: { topics: 't', owned: 't0 t1 t2', generation: 3 },
    b: { topics: 't', owned: 't0', generation: 1 },
    c: { topics: 'u' },
    d: { topics: 't', owned: 't0', generation: 2 },
  };

  it('gives a partition back to the latest of its earlier owners', () => {
    const given = assign('sticky', group, { t: 3, u: 1 });
    expect(given).toEqual({ a: 't2', b: 't1', c: 'u0', d: 't0' });
  });

  it('but not to one that no longer subscribes', () => {
    const changed = { ...group, d: { ...group.d, topics: 'u' } };
    const given = assign('sticky', changed, { t: 3, u: 1 });
    expect(given).toEqual({ a: 't1 t2', b: 't0', c: 'u0', d: '' });
  });

  it('serves topics of few subscribers first', () => {
    const members = { a: { topics: 't u' }, b: { topics: 't' } };
    expect(assign('sticky', members, { t: 2, u: 2 })).toEqual({ a: 'u0 u1', b: 't0 t1' });
  });
});

describe('sticky, where somebody no longer subscribes to what it owns,', () => {
  it('moves old partitions as well as new ones', () => {
    // u0 and v0 are nobody's and go to b, which leaves c without any: t0 comes first.
    const members = {
      a: { topics: 't v w', owned: 't0 u0 w0', generation: 1 },
      b: { topics: 'u v w' },
      c: { topics: 't u w', owned: 'v0', generation: 1 },
    };
    const given = assign('sticky', members, { t: 1, u: 1, v: 1, w: 1 });
    expect(given).toEqual({ a: 'w0', b: 'u0 v0', c: 't0' });
  });

  it('sends back what has just come, rather than another of the same topic', () => {
    // t3 goes to b; once c has taken two of a's, b gives a one of t: t3 again, not t0.
    const members = {
      a: { topics: 't u', owned: 't3 t4 u0 u1 u2', generation: 1 },
      b: { topics: 't' },
      c: { topics: 'u', owned: 't0 t1 t2', generation: 1 },
    };
    const given = assign('sticky', members, { t: 5, u: 3 });
    expect(given).toEqual({ a: 't3 t4 u2', b: 't0 t1 t2', c: 'u0 u1' });
  });
});

describe('moves of a rebalance', () => {
  const [a, b, c] = [0, 1, 2] as const;
  const sameTopic = [0, 0, 0];

  it('go back rather than both ways', () => {
    const moves = new StickyMoves(sameTopic);
    moves.record(0, a, b);
    expect(moves.inPlaceOf(1, b, a)).toBe(0);
    expect(moves.inPlaceOf(1, b, c)).toBe(1);
  });

  it('of another topic do not count', () => {
    const moves = new StickyMoves([0, 1]);
    moves.record(0, a, b);
    expect(moves.inPlaceOf(1, b, a)).toBe(1);
  });

  it('are forgotten once taken back', () => {
    const moves = new StickyMoves(sameTopic);
    moves.record(0, a, b);
    moves.record(0, b, a);
    expect(moves.inPlaceOf(1, b, a)).toBe(1);
    expect(moves.inPlaceOf(1, a, a)).toBe(1);
  });

  it('count from where a partition was in the beginning', () => {
    const moves = new StickyMoves(sameTopic);
    moves.record(0, a, b);
    moves.record(0, b, c);
    expect(moves.inPlaceOf(1, c, a)).toBe(0);
    expect(moves.inPlaceOf(1, c, b)).toBe(1);
    moves.record(1, b, a);
    expect(moves.inPlaceOf(0, c, b)).toBe(1);
  });
});

describe('racks', () => {
  it('let partitions with few near members go first', () => {
    const members = { a: { topics: 't', rack: 'x' }, b: { topics: 't', rack: 'y' } };
    expect(assign('sticky', members, { t: 'x y,x' })).toEqual({ a: 't1', b: 't0' });
  });

  it('take a far partition from who owns it', () => {
    const members = {
      a: { topics: 't', rack: 'x', owned: 't1', generation: 1 },
      b: { topics: 't', rack: 'y', owned: 't0', generation: 1 },
    };
    expect(assign('sticky', members, { t: 'x,y' })).toEqual({ a: 't0', b: 't1' });
    expect(assign('cooperative-sticky', members, { t: 'x,y' })).toEqual({ a: '', b: '' });
  });

  it('do not matter where all partitions are in the same ones', () => {
    const members = { a: { topics: 't', rack: 'z' }, b: { topics: 't', rack: 'x' } };
    expect(assign('range', members, { t: 'x,x,x,x' })).toEqual({ a: 't0 t1', b: 't2 t3' });
    expect(assign('range', members, { t: 'x,x,x,y' })).toEqual({ a: 't2 t3', b: 't0 t1' });
  });

  it('come after co-partitioning', () => {
    const members = { a: { topics: 't u', rack: 'x' }, b: { topics: 't u', rack: 'y' } };
    const given = assign('range', members, { t: 'y,x', u: 'x,y' });
    expect(given).toEqual({ a: 't0 u0', b: 't1 u1' });
  });
});

describe('static members', () => {
  it('keep their place under a new member id', () => {
    const before = { c1: { topics: 't', groupInstanceId: 'i1' }, c2: { topics: 't' } };
    const after = { c9: { topics: 't', groupInstanceId: 'i1' }, c2: { topics: 't' } };
    expect(assign('range', before, { t: 3 })).toEqual({ c1: 't0 t1', c2: 't2' });
    expect(assign('range', after, { t: 3 })).toEqual({ c9: 't0 t1', c2: 't2' });
  });
});

describe('the broker', () => {
  it('gives larger shares to the first members, and what is new before what is old', () => {
    const members = {
      a: { topics: 't', owned: 't2', generation: 1 },
      b: { topics: 't', owned: 't0 t1 t3', generation: 1 },
      c: { topics: 't' },
    };
    const given = assign('uniform', members, { t: 5 });
    expect(given).toEqual({ a: 't2 t4', b: 't0 t1', c: 't3' });
  });
});

describe.each(ASSIGNORS.map(({ name }) => name))('%s', (name) => {
  it('of a group without members, or without topics, gives nothing', () => {
    expect(assign(name, {}, { t: 3 })).toEqual({});
    expect(assign(name, { a: { topics: 't' } }, {})).toEqual({ a: '' });
    expect(assign(name, { a: { topics: '' } }, { t: 3 })).toEqual({ a: '' });
  });
});
