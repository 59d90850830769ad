/**
 * Named predicates: what triggers, checks and stories may ask of the world. Each says which
 * components it looks at, so that it is asked only after an event that touched one of them.
 */
import { Type, field } from '../contracts/schema.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import type { CausalStoreState } from '../components/causal-store/state.ts';
import type { PaxosKvState } from '../components/paxos-kv/state.ts';
import type { QuorumStoreState } from '../components/quorum-store/state.ts';
import type { RaftKvState } from '../components/raft-kv/state.ts';
import type { TxnClientState } from '../components/txn-client/txn-client.ts';
import { COUNTER } from '../components/txn-client/workloads.ts';
import type { TxnStoreState } from '../components/txn-store/state.ts';
import { isSameCell } from '../protocols/quorum/cell.ts';
import { preferenceList, tokenOf } from '../protocols/quorum/preference-list.ts';
import { LOG_PREDICATES } from './log-predicates.ts';
import { definePredicate, groupArg, inGroup, none } from './predicate.ts';
import type { InGroup, Predicate } from './predicate.ts';
import { resolve } from './resolve.ts';
import type { Selector } from './selector.ts';
import type { World, WorldNode } from './world.ts';

export { definePredicate } from './predicate.ts';
export type { Predicate } from './predicate.ts';

const leaders = (world: World, group: string): readonly WorldNode[] =>
  world.group(group).filter((n) => n.status === 'up' && n.roles().includes('leader'));

const primaries = (world: World, group: string): readonly WorldNode[] =>
  world.group(group).filter((n) => n.status === 'up' && n.roles().includes('primary'));

/** What both protocols have: a term or round, a log, and how much of it is decided. */
interface Replica {
  readonly term: number;
  readonly commitIndex: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** What stands at an index, to be compared; undefined: it is compacted away, or a gap. */
  readonly at: (index: number) => { readonly term: number; readonly command: unknown } | undefined;
}

const REPLICAS = ['raft-kv', 'paxos-kv'];

function replicaOf(node: WorldNode): Replica {
  if (node.component === 'paxos-kv') {
    const { promised, chosen, accepted } = (node.state as PaxosKvState).paxos;
    // What is chosen is the same everywhere, whatever the ballot in which each accepted it.
    const at = (slot: number) => {
      const command: unknown = accepted.get(slot)?.command;
      return command === undefined ? undefined : { term: 0, command };
    };
    return { term: promised.round, commitIndex: chosen, lastIndex: accepted.last, lastTerm: 0, at };
  }
  const { term, commitIndex, log } = (node.state as RaftKvState).raft;
  const { lastIndex, lastTerm } = log;
  return { term, commitIndex, lastIndex, lastTerm, at: (index) => log.entry(index) };
}

/**
 * Logs that end alike may differ before that where a rule of their protocol is off, so all of both
 * is compared. Members share what they have sent each other: mostly it is the same object.
 */
function isSameLog(a: Replica, b: Replica): boolean {
  if (a.commitIndex !== b.commitIndex || a.lastIndex !== b.lastIndex) return false;
  if (a.lastTerm !== b.lastTerm) return false;
  for (let index = a.lastIndex; index > 0; index--) {
    const [one, other] = [a.at(index), b.at(index)];
    if (one === other || one === undefined || other === undefined) continue;
    if (one.term !== other.term) return false;
    if (one.command !== other.command && !isSameCommand(one.command, other.command)) return false;
  }
  return true;
}

const isSameCommand = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** Members that a node can exchange packets with, both ways, itself among them. */
function side(world: World, node: WorldNode): readonly WorldNode[] {
  return world
    .group(node.group)
    .filter(
      (peer) =>
        peer.index === node.index ||
        (peer.status === 'up' &&
          !world.isCut(node.index, peer.index) &&
          !world.isCut(peer.index, node.index)),
    );
}

/** Running quorum stores of a group. */
const storesOf = (world: World, group: string): readonly QuorumStoreState[] =>
  world
    .group(group)
    .filter((n) => n.status === 'up' && n.component === 'quorum-store')
    .map((n) => n.state as QuorumStoreState);

/** Whether each replica of each key holds the same of it; those that are down may not. */
function replicasAgree(stores: readonly QuorumStoreState[]): boolean {
  const byId = new Map(stores.map(({ config, store }) => [config.id, store.cells]));
  const keys = new Set(stores.flatMap(({ store }) => [...store.cells.keys()]));
  const [first] = stores;
  if (first === undefined || first.config.peers.length !== stores.length) return false;
  return [...keys].every((key) => {
    const list = preferenceList(first.config, tokenOf(key), first.config.n);
    const cells = list.map((id) => byId.get(id)?.get(key) ?? null);
    return cells.every((cell) => isSameCell(cell, cells[0] ?? null));
  });
}

const causalStoresOf = (world: World, group: string): readonly CausalStoreState[] =>
  world
    .group(group)
    .filter((n) => n.status === 'up' && n.component === 'causal-store')
    .map((n) => n.state as CausalStoreState);

/** Whether each shows the same version of each key; those that are down may not. */
function datacentresAgree(stores: readonly CausalStoreState[]): boolean {
  const [first, ...rest] = stores.map(({ store }) => store.cells);
  if (first === undefined || stores[0]?.config.peers.length !== stores.length) return false;
  return rest.every(
    (cells) =>
      cells.size === first.size &&
      [...first].every(([key, { origin, count }]) => {
        const other = cells.get(key);
        return other?.origin === origin && other.count === count;
      }),
  );
}

/** What the counter of the txn-client stands at; null: no shard that runs has it. */
function counterOf(world: World, group: string): number | null {
  for (const { component, state } of world.group(group)) {
    if (component !== 'txn-store' || state === null) continue;
    const newest = (state as TxnStoreState).engine.rows.get(COUNTER)?.at(-1)?.value;
    if (typeof newest === 'number') return newest;
  }
  return null;
}

const committedBy = (world: World, group: string): number =>
  world
    .group(group)
    .filter(({ component, state }) => component === 'txn-client' && state !== null)
    .reduce((sum, { state }) => sum + (state as TxnClientState).counts.committed, 0);

export const PREDICATES: readonly Predicate[] = [
  definePredicate<InGroup>({
    name: 'leader-exists',
    about: 'A running member of the group leads.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) => leaders(world, group).length > 0,
  }),
  definePredicate<InGroup>({
    name: 'one-leader',
    about: 'Exactly one running member of the group leads.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) => leaders(world, group).length === 1,
  }),
  definePredicate<InGroup>({
    name: 'two-leaders',
    about: 'Two running members of the group take themselves for leader at once.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) => leaders(world, group).length >= 2,
  }),
  definePredicate<InGroup>({
    name: 'primary-exists',
    about: 'A running server of the replicated store takes writes.',
    args: inGroup,
    components: ['sql-node'],
    holds: (world, { group }) => primaries(world, group).length > 0,
  }),
  definePredicate<InGroup>({
    name: 'two-primaries',
    about: 'Two running servers of the replicated store take writes at once.',
    args: inGroup,
    components: ['sql-node'],
    holds: (world, { group }) => primaries(world, group).length >= 2,
  }),
  definePredicate<InGroup>({
    name: 'leader-in-minority',
    about: 'A leader can reach only a minority of its group.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) => {
      const size = world.group(group).length;
      return leaders(world, group).some((leader) => side(world, leader).length * 2 <= size);
    },
  }),
  definePredicate<InGroup>({
    name: 'leader-in-majority-while-cut',
    about: 'Part of the group is cut off, and a leader of the other part reaches a majority.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) => {
      const size = world.group(group).length;
      return leaders(world, group).some((leader) => {
        const reach = side(world, leader).length;
        return reach * 2 > size && reach < size;
      });
    },
  }),
  definePredicate<InGroup>({
    name: 'split-vote',
    about: 'Two candidates stand in the same term.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) => {
      const terms = world
        .group(group)
        .filter((n) => n.status === 'up' && n.roles().includes('candidate'))
        .map((n) => replicaOf(n).term);
      return new Set(terms).size < terms.length;
    },
  }),
  definePredicate<InGroup & { readonly term: number }>({
    name: 'term-at-least',
    about: 'Some running member of the group has reached a term.',
    args: Type.Object(
      { ...groupArg, term: field.count({ about: 'The term.', default: 1 }) },
      { additionalProperties: false },
    ),
    components: REPLICAS,
    holds: (world, { group, term }) =>
      world.group(group).some((n) => n.status === 'up' && replicaOf(n).term >= term),
  }),
  definePredicate<InGroup & { readonly term: number }>({
    name: 'term-below',
    about: 'No running member of the group has reached a term.',
    args: Type.Object(
      { ...groupArg, term: field.count({ about: 'The term.', default: 5 }) },
      { additionalProperties: false },
    ),
    components: REPLICAS,
    holds: (world, { group, term }) =>
      world.group(group).every((n) => n.status !== 'up' || replicaOf(n).term < term),
  }),
  definePredicate<InGroup>({
    name: 'uncommitted-tail',
    about: 'A leader holds entries that it has not committed.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) =>
      leaders(world, group).some((n) => replicaOf(n).lastIndex > replicaOf(n).commitIndex),
  }),
  definePredicate<InGroup>({
    name: 'logs-agree',
    about: 'All members run, and their logs and commit indexes are the same.',
    args: inGroup,
    components: REPLICAS,
    holds: (world, { group }) => {
      const members = world.group(group);
      const first = members[0];
      if (first === undefined || members.some((n) => n.status !== 'up')) return false;
      const log = replicaOf(first);
      return members.every((n) => n === first || isSameLog(replicaOf(n), log));
    },
  }),
  definePredicate<InGroup>({
    name: 'replicas-agree',
    about: 'All quorum stores run, and each replica of each key holds the same.',
    args: inGroup,
    components: ['quorum-store'],
    holds: (world, { group }) => replicasAgree(storesOf(world, group)),
  }),
  definePredicate<InGroup>({
    name: 'datacentres-agree',
    about: 'All datacentres of a causal store run, and show the same version of each key.',
    args: inGroup,
    components: ['causal-store'],
    holds: (world, { group }) => datacentresAgree(causalStoresOf(world, group)),
  }),
  definePredicate<InGroup>({
    name: 'write-held-back',
    about: 'A datacentre of a causal store holds back a write whose cause has not arrived.',
    args: inGroup,
    components: ['causal-store'],
    holds: (world, { group }) =>
      causalStoresOf(world, group).some(({ store }) => store.held.length > 0),
  }),
  definePredicate<InGroup>({
    name: 'siblings-held',
    about: 'A quorum store holds concurrent values of a key.',
    args: inGroup,
    components: ['quorum-store'],
    holds: (world, { group }) =>
      storesOf(world, group).some(({ store }) =>
        [...store.cells.values()].some((cell) => cell.versions.length > 1),
      ),
  }),
  definePredicate<InGroup & { readonly clients: string }>({
    name: 'increments-kept',
    about: 'A counter of a store is no lower than what its clients know to have added.',
    args: Type.Object(
      {
        group: field.text({ about: 'The shards of the store.', default: 'store', names: 'group' }),
        clients: field.text({ about: 'Who counts there.', default: 'c', names: 'group' }),
      },
      { additionalProperties: false },
    ),
    components: ['txn-store', 'txn-client'],
    holds: (world, { group, clients }) => {
      const kept = counterOf(world, group);
      return kept === null || kept >= committedBy(world, clients);
    },
  }),
  definePredicate<InGroup>({
    name: 'member-down',
    about: 'A member of the group that ran before does not run: it crashed or stands still.',
    args: inGroup,
    components: ['*'],
    // At the start all nodes are down until their first event.
    holds: (world, { group }) => world.group(group).some((n) => n.status !== 'up' && n.starts > 0),
  }),
  definePredicate<InGroup>({
    name: 'link-cut',
    about: 'Some member of the group cannot reach another.',
    args: inGroup,
    components: ['*'],
    holds: (world, { group }) => {
      const members = world.group(group);
      return members.some((a) => members.some((b) => world.isCut(a.index, b.index)));
    },
  }),
  definePredicate<InGroup & { readonly role: string; readonly count: number }>({
    name: 'role-played',
    about: 'At least so many running members of the group play a role at once.',
    args: Type.Object(
      {
        ...groupArg,
        role: field.text({ about: 'The role, like candidate.', default: 'leader' }),
        count: field.count({ about: 'How many members.', default: 1, min: 1 }),
      },
      { additionalProperties: false },
    ),
    components: ['*'],
    holds: (world, { group, role, count }) =>
      world.group(group).filter((n) => n.status === 'up' && n.roles().includes(role)).length >=
      count,
  }),
  definePredicate<{ readonly target: Selector }>({
    name: 'all-up',
    about: 'Every selected node runs.',
    args: Type.Object(
      { target: Type.Unsafe<Selector>(Type.Any({ description: 'Which nodes.', default: 'all' })) },
      { additionalProperties: false },
    ),
    components: ['*'],
    holds: (world, { target }) =>
      resolve(world, target).every((index) => world.node(index).status === 'up'),
  }),
  definePredicate<object>({
    name: 'network-whole',
    about: 'No link between two nodes is cut.',
    args: none,
    components: ['*'],
    holds: (world) =>
      world.nodes.every((a) => world.nodes.every((b) => !world.isCut(a.index, b.index))),
  }),
  ...LOG_PREDICATES,
];
