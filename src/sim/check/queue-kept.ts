/**
 * What is in the queues now, read from those who keep them.
 *
 * Invariant: of a queue on one node what it has counts, and while that is down it is not known; of
 * a quorum queue what the member has that has applied most of the log, and all that any member
 * has in its log beyond that, as long as a majority of them is up.
 */
import { queueBroker } from '../components/queue-broker/queue-broker.ts';
import type { Hosted, QueueBrokerState, QueueCommand } from '../components/queue-broker/state.ts';
import { visibilityQueue } from '../components/visibility-queue/visibility-queue.ts';
import type { QueuedMessage } from '../contracts/queue.ts';
import type { QueueState } from '../protocols/queue/index.ts';
import type { RaftState } from '../protocols/raft/state.ts';
import type { VisibilityState } from '../protocols/visibility/step.ts';
import { stateOf } from '../world/world.ts';
import type { WorldNode } from '../world/world.ts';
import type { CheckEnv } from './check.ts';

/** Messages that are in a queue, by value: whether as a dead letter. */
export type Kept = ReadonlyMap<number, boolean>;

type Entry = readonly [value: number, isDead: boolean];

/**
 * What the queues of a group, or, without, of all hold, or why that is not known.
 * @param queue of brokers, this one alone, and what died in it; empty: all of them
 */
export function keptIn(brokers: string, { world }: CheckEnv, queue = ''): Kept | string {
  const groups = brokers === '' ? world.groups() : [brokers];
  const found: Entry[] = [];
  let count = 0;
  for (const nodes of groups.map((name) => world.group(name))) {
    const entries = inGroup(nodes, queue);
    if (entries === null) continue;
    if (typeof entries === 'string') return entries;
    count += 1;
    found.push(...entries);
  }
  if (count === 0) return 'there is no queue';
  const kept = new Map<number, boolean>();
  for (const [value, isDead] of found) kept.set(value, kept.get(value) !== false && isDead);
  return kept;
}

/** Null: they keep no queues. */
function inGroup(nodes: readonly WorldNode[], queue: string): readonly Entry[] | string | null {
  const { component } = nodes[0] ?? { component: '' };
  if (component === queueBroker.component) return inBrokers(nodes, queue);
  if (component !== visibilityQueue.component) return null;
  const entries: Entry[] = [];
  for (const node of nodes) {
    const state = stateOf(visibilityQueue, node);
    if (state === null) return `${node.name} is down in the end`;
    entries.push(...lentBy(state.queue));
  }
  return entries;
}

const lentBy = ({ storing, entries, dead }: VisibilityState): readonly Entry[] => [
  ...[...storing.values(), ...entries.values()].map(
    ({ message }) => [message.value, false] as const,
  ),
  ...dead.map(({ value }) => [value, true] as const),
];

interface Up {
  readonly node: WorldNode;
  readonly state: QueueBrokerState;
}

function inBrokers(nodes: readonly WorldNode[], queue: string): readonly Entry[] | string {
  const up = nodes.flatMap((node): readonly Up[] => {
    const state = stateOf(queueBroker, node);
    return state === null ? [] : [{ node, state }];
  });
  const [first] = up;
  if (first === undefined) return `${nodes[0]?.name ?? 'nobody'} is down in the end`;
  const entries: Entry[] = [];
  for (const [place, { members, config }] of first.state.hosted.entries()) {
    const there = up.filter(({ node }) => members.includes(node.index));
    if (there.length <= Math.floor(members.length / 2)) {
      const missing = nodes.find((node) => members.includes(node.index) && node.state === null);
      return `${missing?.name ?? config.name} is down in the end`;
    }
    const hosted = there.map(({ state }) => state.hosted[place] as Hosted);
    const held = config.isReplicated ? inReplicas(hosted) : hosted.flatMap(heldIn);
    const own = held.filter(({ deaths }) => isOf(queue, config.name, deaths));
    entries.push(...own.map(({ value, deaths }) => [value, deaths.length > 0] as const));
  }
  return entries;
}

/** Whether what lies in a queue counts for the one that is meant: it is that, or it died there. */
const isOf = (meant: string, name: string, deaths: QueuedMessage['deaths']): boolean =>
  meant === '' || meant === name || deaths.some(({ queue }) => queue === meant);

const heldIn = ({ state }: Hosted): readonly QueuedMessage[] => messagesOf(state);

function messagesOf({
  pending,
  returned,
  ready,
  head,
  unacked,
}: QueueState): readonly QueuedMessage[] {
  return [
    ...[...pending.values()].map(({ held }) => held.message),
    ...[...returned, ...ready.slice(head)].map(({ message }) => message),
    ...[...unacked.values()].map(({ held }) => held.message),
  ];
}

function inReplicas(members: readonly Hosted[]): readonly QueuedMessage[] {
  const applied = members.map(({ replica }) => replica?.raft.lastApplied ?? -1);
  const most = Math.max(...applied);
  const furthest = members[applied.indexOf(most)];
  const beyond = members.flatMap(({ replica }) =>
    replica === null ? [] : publishedAfter(replica.raft, most),
  );
  return [...(furthest === undefined ? [] : heldIn(furthest)), ...beyond];
}

function publishedAfter({ log }: RaftState, index: number): readonly QueuedMessage[] {
  return log.slice(Math.max(index + 1, log.firstIndex), log.lastIndex).flatMap(({ command }) => {
    const input = (command as QueueCommand | null)?.input;
    return input?.type === 'publish' ? [input.message] : [];
  });
}
