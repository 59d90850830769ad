/** What every assignor keeps, in random groups that change round after round. */
import { describe, expect, it } from 'vitest';
import { ASSIGNORS, NO_GENERATION } from '../../../../src/sim/policies/assignment/index.ts';
import type {
  Assignor,
  GroupAssignment,
  GroupMember,
  GroupTopic,
} from '../../../../src/sim/policies/assignment/index.ts';
import { randomOf, seedsOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

const RACKS = ['a', 'b', 'c'];
const assignorOf = (name: string): Assignor => ASSIGNORS.find((given) => given.name === name)!;
const key = (topic: string, partition: number) => `${topic}-${partition}`;

interface Shape {
  readonly alike: boolean;
  readonly racks: boolean;
}

function topicsOf(random: Random, shape: Shape): GroupTopic[] {
  return Array.from({ length: random.between(1, 4) }, (_none, index) => {
    const partitions = random.between(1, 9);
    const spread = (_: unknown, p: number) => [RACKS[p % 3]!, RACKS[(p + random.int(2)) % 3]!];
    const replicaRacks = shape.racks ? Array.from({ length: partitions }, spread) : [];
    return { name: `t${index}`, partitions, replicaRacks };
  });
}

function memberOf(random: Random, shape: Shape, id: number, topics: GroupTopic[]): GroupMember {
  const names = topics.map(({ name }) => name);
  const some = names.filter(() => random.chance(60));
  return {
    id: `m${id}`,
    topics: shape.alike ? names : some,
    owned: [],
    generation: NO_GENERATION,
    rack: shape.racks && random.chance(80) ? random.pick(RACKS) : null,
    groupInstanceId: random.chance(30) ? `i${100 - id}` : null,
  };
}

/** The members as they come to the next rebalance: with what they were given. */
function afterwards(members: readonly GroupMember[], given: GroupAssignment, generation: number) {
  return members.map((member) => ({ ...member, owned: given.get(member.id)!, generation }));
}

const claimsOf = (members: readonly GroupMember[]) =>
  members.flatMap(({ id, owned }) => owned.map((o) => [key(o.topic, o.partition), id] as const));

interface Round {
  readonly members: readonly GroupMember[];
  readonly topics: readonly GroupTopic[];
  readonly given: GroupAssignment;
}

/** Each round members come, go, fall back to an older generation, and are assigned anew. */
function play(assignor: Assignor, seed: number, shape: Shape): Round[] {
  const random = randomOf(seed);
  const topics = topicsOf(random, shape);
  let next = random.between(1, 5);
  let members = Array.from({ length: next }, (_n, id) => memberOf(random, shape, id, topics));
  const rounds: Round[] = [];
  for (let generation = 1; generation <= 5; generation++) {
    const given = assignor.assign(members, topics);
    rounds.push({ members, topics, given });
    members = afterwards(members, given, generation);
    if (random.chance(40) && members.length > 1) members.splice(random.int(members.length), 1);
    if (random.chance(50)) members = [...members, memberOf(random, shape, next++, topics)];
    if (random.chance(20)) members[0] = { ...members[0]!, generation: generation - 1 };
    if (!shape.alike && random.chance(30)) {
      const changed = memberOf(random, shape, 0, topics);
      members[0] = { ...members[0]!, topics: changed.topics };
    }
  }
  return rounds;
}

const SHAPES: readonly Shape[] = [
  { alike: true, racks: false },
  { alike: true, racks: true },
  { alike: false, racks: false },
  { alike: false, racks: true },
];
const plays = (assignor: Assignor, shapes = SHAPES) =>
  seedsOf(60).flatMap((seed) =>
    shapes.flatMap((shape) => play(assignor, seed, shape).map((round) => ({ seed, ...round }))),
  );
const sizes = (given: GroupAssignment) => [...given.values()].map(({ length }) => length);

describe.each(ASSIGNORS.map((assignor) => [assignor.name, assignor] as const))(
  '%s',
  (name, it_) => {
    it('gives every partition that is wanted to one subscriber, once, or withholds it', () => {
      const wrong: string[] = [];
      for (const { seed, members, topics, given } of plays(it_)) {
        const owners = new Map<string, string>();
        for (const [id, list] of given) {
          const subscription = members.find((member) => member.id === id)!.topics;
          for (const { topic, partition } of list) {
            const slot = key(topic, partition);
            if (owners.has(slot)) wrong.push(`seed ${seed}: ${slot} has two owners`);
            if (!subscription.includes(topic))
              wrong.push(`seed ${seed}: ${id} does not read ${slot}`);
            owners.set(slot, id);
          }
        }
        const wanted = topics.filter(({ name: topic }) =>
          members.some((member) => member.topics.includes(topic)),
        );
        const all = wanted.flatMap(({ name: topic, partitions }) =>
          Array.from({ length: partitions }, (_none, p) => key(topic, p)),
        );
        const claimed = new Set(claimsOf(members).map(([slot]) => slot));
        const withheld = all.filter((slot) => !owners.has(slot));
        const mayWithhold = name === 'cooperative-sticky';
        for (const slot of withheld) {
          if (!mayWithhold || !claimed.has(slot)) wrong.push(`seed ${seed}: nobody has ${slot}`);
        }
      }
      expect(wrong).toEqual([]);
    });

    it('does not depend on the order of members and topics', () => {
      for (const { seed, members, topics, given } of plays(it_)) {
        const again = it_.assign(members.toReversed(), topics.toReversed());
        expect([...again], `seed ${seed}`).toEqual([...given]);
      }
    });
  },
);

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);

/** The rebalances that follow a round in which nobody comes or goes. */
function cooperate({ members, topics, given }: Round, times: number): GroupAssignment[] {
  const results: GroupAssignment[] = [];
  for (let time = 0; time < times; time++) {
    const before = results.at(-1) ?? given;
    const claims = afterwards(members, before, 10 + time);
    results.push(assignorOf('cooperative-sticky').assign(claims, topics));
  }
  return results;
}

const EVEN = ['roundrobin', 'sticky', 'uniform'];

describe('with equal subscriptions', () => {
  it.each(EVEN)('%s gives shares that differ by at most one', (name) => {
    for (const { seed, given } of plays(assignorOf(name), SHAPES.slice(0, 2))) {
      const counts = sizes(given);
      expect(Math.max(...counts) - Math.min(...counts), `seed ${seed}`).toBeLessThanOrEqual(1);
    }
  });

  it('sticky keeps as much as even shares allow', () => {
    for (const { seed, members, given } of plays(assignorOf('sticky'), SHAPES.slice(0, 1))) {
      const latest = new Map<string, GroupMember[]>();
      for (const member of members) {
        for (const { topic, partition } of member.owned) {
          const slot = key(topic, partition);
          const before = latest.get(slot) ?? [];
          const best = Math.max(member.generation, ...before.map((other) => other.generation));
          const claims = [...before, member].filter((other) => other.generation === best);
          latest.set(slot, claims);
        }
      }
      const counts = new Map<string, number>(members.map(({ id }) => [id, 0]));
      let kept = 0;
      for (const [slot, claims] of latest) {
        if (claims.length > 1) continue;
        const [{ id }] = claims as [GroupMember];
        counts.set(id, counts.get(id)! + 1);
        if (given.get(id)!.some((o) => key(o.topic, o.partition) === slot)) kept += 1;
      }
      const total = sum(sizes(given));
      const low = Math.floor(total / members.length);
      const overfull = [...counts.values()].filter((count) => count > low).length;
      const most = sum([...counts.values()].map((count) => Math.min(count, low)));
      expect(kept, `seed ${seed}`).toBe(most + Math.min(overfull, total % members.length));
    }
  });
});

describe('with unequal subscriptions', () => {
  it.each(['sticky', 'uniform'])('%s leaves no move that would help', (name) => {
    const wrong: string[] = [];
    for (const { seed, members, given } of plays(assignorOf(name), SHAPES.slice(2))) {
      for (const [id, list] of given) {
        for (const topic of new Set(list.map((one) => one.topic))) {
          const others = members.filter((member) => member.topics.includes(topic));
          const least = Math.min(...others.map((other) => given.get(other.id)!.length));
          if (list.length - least > 1) wrong.push(`seed ${seed}: ${id} could give of ${topic}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('a group that does not change', () => {
  it.each(['sticky', 'uniform'])('%s moves nothing', (name) => {
    for (const { seed, members, topics, given } of plays(assignorOf(name), [
      SHAPES[0]!,
      SHAPES[2]!,
    ])) {
      const again = assignorOf(name).assign(afterwards(members, given, 9), topics);
      expect([...again], `seed ${seed}`).toEqual([...given]);
    }
  });

  it('cooperative sticky has given everything, and rests, after one rebalance more', () => {
    for (const round of plays(assignorOf('cooperative-sticky'), SHAPES.slice(0, 1))) {
      const [second, third] = cooperate(round, 2) as [GroupAssignment, GroupAssignment];
      expect([...third], `seed ${round.seed}`).toEqual([...second]);
      const all = round.topics.reduce((sum, { partitions }) => sum + partitions, 0);
      expect(sum(sizes(second)), `seed ${round.seed}`).toBe(all);
    }
  });

  it('cooperative sticky comes to an end, unless racks and subscriptions both differ', () => {
    // Only who gave something up asks for another rebalance, so here the group rests.
    const wrong: string[] = [];
    for (const round of plays(assignorOf('cooperative-sticky'), SHAPES.slice(0, 3))) {
      const wanted = sum(sizes(assignorOf('sticky').assign(round.members, round.topics)));
      const left = cooperate(round, 4).map((given) => wanted - sum(sizes(given)));
      if (!left.includes(0)) wrong.push(`seed ${round.seed}: ${left.join()} withheld`);
    }
    expect(wrong).toEqual([]);
  });

  it('cooperative sticky gives nothing that another says it owns', () => {
    for (const { seed, members, given } of plays(assignorOf('cooperative-sticky'))) {
      const generation = new Map(members.map((member) => [member.id, member.generation]));
      for (const [slot, claimant] of claimsOf(members)) {
        const [topic, partition] = slot.split('-') as [string, string];
        const reader = [...given].find(([, list]) =>
          list.some((o) => o.topic === topic && o.partition === Number(partition)),
        );
        if (reader === undefined || reader[0] === claimant) continue;
        // Only a claim of a generation that has passed may be passed over.
        expect(generation.get(claimant), `seed ${seed}`).toBeLessThan(generation.get(reader[0])!);
      }
    }
  });
});
