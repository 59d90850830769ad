/**
 * The account of queues in the end: every message that was confirmed is worked on, dead-lettered or
 * still there, and exactly so many are lost, dead-lettered, worked on again, or done for the first
 * time behind one of their group that was published later.
 *
 * A message counts as worked on when the work on it is done, whether or not it was acknowledged.
 *
 * Source: the `total-queue` checker of Jepsen
 */
import type { QueueBrokerConfig } from '../components/queue-broker/config.ts';
import { queueBroker } from '../components/queue-broker/queue-broker.ts';
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { nearestAndAll } from '../kernel/nearest.ts';
import { often } from '../kernel/plural.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import type { Op } from '../observe/history.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, PlannedGroup, PlannedRun, Verdict } from './check.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count, CountedFinding } from './exact-counts.ts';
import { checkQueueTotal } from './history/index.ts';
import type { HistoryValue } from './history/index.ts';
import { keptIn } from './queue-kept.ts';
import type { Kept } from './queue-kept.ts';

const KINDS = ['lost', 'duplicated', 'deadLettered', 'outOfOrder'] as const;
type Kind = (typeof KINDS)[number];
const CALLED = {
  duplicated: 'worked on again',
  deadLettered: 'dead-lettered',
  outOfOrder: 'out of order',
};

type Args = {
  readonly brokers: string;
  readonly queue: string;
  readonly consumers: string;
} & { readonly [kind in Kind]: number | null };

export const queueTotal = defineCheck<Args, readonly [Verdict, string]>({
  use: 'queue-total',
  about:
    'Every message that a queue has confirmed is worked on, dead-lettered or still there; ' +
    'exactly so many are lost, dead-lettered, worked on again, or done out of order.',
  args: Type.Object(
    {
      brokers: field.text({
        about: 'The group that keeps the queues; empty: all that do.',
        default: '',
        names: 'group',
      }),
      queue: field.text({
        about: 'The account of this queue alone: what others have is lost to it; empty: of all.',
        default: '',
      }),
      consumers: field.text({
        about: 'The group whose work counts, which consumes that queue; empty: all.',
        default: '',
        names: 'group',
      }),
      lost: exactly('Confirmed messages that are nowhere and nobody worked on'),
      duplicated: exactly('Times that work on a message was done beyond the first', null),
      deadLettered: exactly('Confirmed messages that are dead letters, unworked', null),
      outOfOrder: exactly('Messages done behind a later one of their group', null),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    checkOneQueue(args, path, run);
    checkGroups(args, path, run);
  },
  create: (args, env) => countedAtEnd(KINDS, args, env, () => accountIn(args, env), CALLED),
});

/** Without groups nothing is out of order, whatever happens. */
function checkGroups({ outOfOrder }: Args, path: string, { groups }: PlannedRun): void {
  const hasGroups = ({ config }: PlannedGroup): boolean =>
    (config as { readonly hasGroups?: boolean }).hasGroups === true;
  if (outOfOrder === null || groups.some(hasGroups)) return;
  throw new ScenarioError('No message belongs to a group: nothing is out of order.', {
    path: `${path}/outOfOrder`,
    hint: 'Write hasGroups: true for a producer, or leave it out.',
  });
}

/** A queue and those who consume it are named together. */
function checkOneQueue({ queue, consumers }: Args, path: string, run: PlannedRun): void {
  if (queue === '' && consumers === '') return;
  if (queue === '' || consumers === '') {
    throw new ScenarioError('A queue is judged with the group that consumes it.', {
      path: `${path}/${queue === '' ? 'queue' : 'consumers'}`,
      hint: 'Name both, or neither.',
    });
  }
  const names = run.groups.flatMap(({ behaviour, config }) =>
    behaviour.component === queueBroker.component
      ? (config as QueueBrokerConfig).queues.map(({ name }) => name)
      : [],
  );
  if (!names.includes(queue)) {
    const hint = nearestAndAll(queue, names);
    throw new ScenarioError(`No broker has a queue "${queue}".`, { path: `${path}/queue`, hint });
  }
  const group = run.groups.find(({ name }) => name === consumers);
  const own = (group?.config as { readonly queue?: string } | undefined)?.queue;
  if (own === queue || (own === '' && queue === names[0])) return;
  throw new ScenarioError(`"${consumers}" does not consume "${queue}".`, {
    path: `${path}/consumers`,
    hint: `Write queue: ${queue} for it, or name another group.`,
  });
}

function accountIn({ brokers, queue, consumers }: Args, env: CheckEnv): Count<Kind> | string {
  const kept = keptIn(brokers, env, queue);
  if (typeof kept === 'string') return kept;
  const isMeant = ({ f, node }: Op): boolean =>
    f === 'enqueue' || consumers === '' || (node !== undefined && groupOf(env, node) === consumers);
  return accountOf(env.history.ops().filter(isMeant), kept);
}

const groupOf = ({ world }: CheckEnv, node: NodeIndex): string => world.node(node).group;

function accountOf(all: readonly Op[], kept: Kept): Count<Kind> | string {
  const ops = all.filter(({ f }) => f === 'enqueue' || f === 'dequeue');
  const opsOf = new Map<HistoryValue, number[]>();
  const worked = new Set<HistoryValue>();
  for (const op of ops) {
    const value = op.input as HistoryValue;
    const known = opsOf.get(value);
    if (known === undefined) opsOf.set(value, [op.id]);
    else known.push(op.id);
    if (op.f === 'dequeue' && op.outcome === 'ok') worked.add(value);
  }
  const left = [...kept.keys()].filter((value) => !worked.has(value));
  const total = checkQueueTotal([...ops, drained(left)], { atLeastOnce: true });
  const { acknowledged } = total;
  if (acknowledged === 0) return 'no message was confirmed';
  const about = (value: HistoryValue, why: string): CountedFinding => ({
    why: `Message ${String(value)} ${why}`,
    ops: opsOf.get(value) ?? [],
  });
  const isConfirmed = ({ f, outcome }: Op): boolean => f === 'enqueue' && outcome === 'ok';
  const dead = ops.filter((op) => {
    const value = op.input as number;
    return isConfirmed(op) && !worked.has(value) && kept.get(value) === true;
  });
  const lost = total.lost.map((value) => about(value, 'was confirmed, and is nowhere.'));
  const duplicated = total.duplicated.flatMap((value) => {
    const done = ops.filter((op) => op.f === 'dequeue' && op.output === value).length;
    return Array.from({ length: done - 1 }, (_, i) => about(value, `was done ${i + 2} times.`));
  });
  const confirmedWorked = ops.filter((op) => isConfirmed(op) && worked.has(op.input as number));
  const there = acknowledged - confirmedWorked.length - dead.length - lost.length;
  return {
    lost,
    duplicated,
    outOfOrder: overtaken(ops).map((value) =>
      about(value, 'was done behind a later one of its group.'),
    ),
    deadLettered: dead.map(({ input }) => about(input as number, 'is a dead letter.')),
    never: total.unexpected.map((value) => about(value, 'came out, and nobody sent it.')),
    words:
      `${acknowledged} confirmed: ${confirmedWorked.length} done, ${dead.length} dead-lettered, ` +
      `${there} still there, ${lost.length} lost; work was done again ${often(duplicated.length)}`,
  };
}

/** In the order in which work on them was done first. */
function overtaken(ops: readonly Op[]): readonly number[] {
  const groupOf = new Map<number, string>();
  for (const { f, input, key } of ops) {
    if (f === 'enqueue' && key !== undefined) groupOf.set(input as number, key);
  }
  const done = ops.filter(({ f, outcome }) => f === 'dequeue' && outcome === 'ok');
  done.sort((a, b) => a.ret - b.ret || a.id - b.id);
  const newest = new Map<string, number>();
  const seen = new Set<number>();
  return done.flatMap(({ input }) => {
    const value = input as number;
    const group = groupOf.get(value);
    if (group === undefined || seen.has(value)) return [];
    seen.add(value);
    const latest = newest.get(group) ?? 0;
    // Values rise in the order of publishing.
    if (value < latest) return [value];
    newest.set(group, value);
    return [];
  });
}

/** What is left in the end, as one last operation that takes it all out. */
const drained = (output: readonly number[]): Op => ({
  id: -1,
  process: -1,
  f: 'drain',
  input: null,
  output,
  outcome: 'ok',
  call: Infinity,
  ret: Infinity,
});
