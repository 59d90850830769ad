/** What an operator of a Raft group is to do, and when. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import type { GroupSettings } from '../../node/behaviour.ts';

const names = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], description });

const operatorOrder = Type.Object(
  {
    atMs: field.millis({
      about: 'When it is given; it waits for those before it.',
      default: 0,
      max: 86_400_000,
    }),
    add: names('Servers that get a vote: n4.'),
    learn: names('Servers that learn without a vote.'),
    remove: names('Servers that leave the group.'),
    catchUp: field.flag({
      about: 'Servers that get a vote learn first, until they have caught up.',
      default: true,
      source: 'Dissertation 4.2.1',
    }),
    transition: field.choice(['auto', 'joint-implicit'], {
      about: 'Through a joint configuration where more than one changes, or always.',
      default: 'auto',
      source: 'etcd ConfChangeTransition',
    }),
    transferTo: field.text({
      about: 'Instead of a change: who is to lead; empty: a change.',
      default: '',
    }),
  },
  { additionalProperties: false },
);
export type OperatorOrder = Static<typeof operatorOrder>;

export const raftOperatorConfig = Type.Object(
  {
    orders: Type.Array(operatorOrder, {
      default: [],
      description: 'What it does, one after the other.',
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for one answer, and then asks again.',
      default: 5_000,
      min: 1,
      max: 3_600_000,
      source: 'etcdctl --command-timeout, 5 s',
    }),
    retryMs: field.millis({
      about: 'The pause before it asks again.',
      default: 100,
      min: 1,
      max: 600_000,
    }),
  },
  { additionalProperties: false },
);
export type RaftOperatorConfig = Static<typeof raftOperatorConfig>;

/** Orders that fit by their types, and yet say nothing, or of nobody. */
export function checkRaftOperator(config: RaftOperatorConfig, group: GroupSettings): void {
  const path = `${group.path}/config/orders`;
  if (config.orders.length === 0) {
    throw new ScenarioError('An operator without orders does nothing.', {
      path,
      hint: 'Write orders: [{ atMs: 1000, add: [n4] }, ...].',
    });
  }
  const servers = group.links.get('servers');
  const known = Array.from(
    { length: servers?.count ?? 0 },
    (_, i) => `${servers?.group ?? ''}${i + 1}`,
  );
  config.orders.forEach((order, i) => checkOrder(order, known, `${path}/${i}`));
}

function checkOrder(order: OperatorOrder, known: readonly string[], path: string): void {
  const changed = [...order.add, ...order.learn, ...order.remove];
  const isTransfer = order.transferTo !== '';
  if (isTransfer === changed.length > 0) {
    throw new ScenarioError(
      isTransfer ? 'An order changes members or transfers.' : 'The order is empty.',
      { path, hint: 'Write add, learn or remove with names; or transferTo, alone.' },
    );
  }
  const named = isTransfer ? [order.transferTo] : changed;
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new ScenarioError(`The order names ${twice} twice.`, { path, hint: 'Name it once.' });
  }
  const stranger = named.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw new ScenarioError(`The group has no server "${stranger}".`, {
    path,
    hint: didYouMean(stranger, known),
  });
}
