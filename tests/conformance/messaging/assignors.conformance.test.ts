/** assignor_cases.json: who reads which partition, as Kafka's own assignors decided. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ASSIGNORS, NO_GENERATION } from '../../../src/sim/policies/assignment/index.ts';
import type { GroupMember, GroupTopic } from '../../../src/sim/policies/assignment/index.ts';

interface Case {
  readonly id: string;
  readonly assignor: string;
  readonly topics: Readonly<Record<string, number>>;
  readonly partitionReplicaRacks?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly members: Readonly<
    Record<
      string,
      {
        readonly topics: readonly string[];
        readonly owned?: readonly (readonly [string, number])[];
        readonly generation?: number;
        readonly rack?: string;
        readonly groupInstanceId?: string;
      }
    >
  >;
  readonly expected: Readonly<Record<string, readonly (readonly [string, number])[]>>;
  readonly inputOrderInvariant?: boolean;
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const { cases } = JSON.parse(readFileSync(join(folder, 'assignor_cases.json'), 'utf8')) as {
  readonly cases: readonly Case[];
};

/** Their classes by the names of ours. The circle of kafkajs is that of Kafka. */
const NAMES: Readonly<Record<string, string>> = {
  RangeAssignor: 'range',
  RoundRobinAssignor: 'roundrobin',
  KafkaJSRoundRobin: 'roundrobin',
  StickyAssignor: 'sticky',
  CooperativeStickyAssignor: 'cooperative-sticky',
};

function membersOf(given: Case): GroupMember[] {
  return Object.entries(given.members).map(([id, member]) => ({
    id,
    topics: member.topics,
    owned: (member.owned ?? []).map(([topic, partition]) => ({ topic, partition })),
    generation: member.generation ?? NO_GENERATION,
    rack: member.rack ?? null,
    groupInstanceId: member.groupInstanceId ?? null,
  }));
}

function topicsOf(given: Case): GroupTopic[] {
  return Object.entries(given.topics).map(([name, partitions]) => ({
    name,
    partitions,
    replicaRacks: given.partitionReplicaRacks?.[name] ?? [],
  }));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

type Pairs = ReadonlyMap<string, readonly string[]>;

/**
 * Some cases were recorded below the place where Kafka leaves out topics that nobody subscribes
 * to; there a lone member gets these as well, which no consumer ever does.
 */
function expectedOf(given: Case): Pairs {
  const wanted = new Set(Object.values(given.members).flatMap(({ topics }) => topics));
  return new Map(
    Object.entries(given.expected)
      .map(([id, pairs]) => {
        const real = pairs.filter(([topic]) => wanted.has(topic));
        return [id, real.map((pair) => pair.join('-')).sort(compare)] as const;
      })
      .sort(([a], [b]) => compare(a, b)),
  );
}

function assigned(given: Case, members: GroupMember[], topics: GroupTopic[]): Pairs {
  const assignor = ASSIGNORS.find(({ name }) => name === NAMES[given.assignor])!;
  const result = assignor.assign(members, topics);
  return new Map(
    [...result].map(([id, list]) => [
      id,
      list.map(({ topic, partition }) => `${topic}-${partition}`).sort(compare),
    ]),
  );
}

describe.each(Object.keys(NAMES))('%s', (name) => {
  const mine = cases.filter((given) => given.assignor === name);

  it('has cases, none of which depends on the order of the input', () => {
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.filter((given) => given.inputOrderInvariant === false)).toEqual([]);
  });

  it.each(mine)('$id', (given) => {
    const members = membersOf(given);
    const topics = topicsOf(given);
    const result = assigned(given, members, topics);
    expect(result).toEqual(expectedOf(given));
    expect(assigned(given, members.toReversed(), topics.toReversed())).toEqual(result);
  });
});
