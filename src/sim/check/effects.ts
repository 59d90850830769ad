/**
 * The account of orders and their effects in the end: how many orders of a service's database have
 * had no effect and never will, how many effects belong to no order, how many are repetitions, and
 * how many are behind one of the same key that was ordered later, each in exact numbers.
 *
 * Invariant: it is read from databases and brokers that run; otherwise it is not known. What is in
 * an outbox or a queue is on its way, neither lost nor done.
 */
import { inboxConsumer } from '../components/inbox-consumer/inbox-consumer.ts';
import type { Effect } from '../components/inbox-consumer/inbox-consumer.ts';
import { outboxService } from '../components/outbox-service/outbox-service.ts';
import type { OutboxServiceState } from '../components/outbox-service/outbox-service.ts';
import { Type } from '../contracts/schema.ts';
import { often, plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { statesOf } from './component-states.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count, CountedFinding } from './exact-counts.ts';
import { keptIn } from './queue-kept.ts';
import { checkServers } from './told.ts';

const KINDS = ['lost', 'phantom', 'repeated', 'reordered'] as const;
type Kind = (typeof KINDS)[number];
type Args = { readonly [kind in Kind]: number | null };

export const effects = defineCheck<Args, readonly [Verdict, string]>({
  use: 'effects',
  about:
    'Of orders that a service keeps exactly so many have no effect at its consumers, and exactly ' +
    'so many effects belong to no order, are repetitions, or are out of order.',
  args: Type.Object(
    {
      lost: exactly('Orders without an effect, and without an event that is on its way'),
      phantom: exactly('Events that had an effect, of orders that are nowhere'),
      repeated: exactly('Effects beside the first of an event'),
      reordered: exactly('Effects behind one of the same key that was ordered later', null),
    },
    { additionalProperties: false },
  ),
  check: (_args, path, run) => checkServers('effects', { group: '', path }, run),
  create: (args, env) => countedAtEnd(KINDS, args, env, () => accountIn(env)),
});

interface EffectFinding {
  readonly value: number;
  readonly why: string;
}

function accountIn(env: CheckEnv): Count<Kind> | string {
  const services = statesOf(outboxService, env.world);
  const consumers = statesOf(inboxConsumer, env.world);
  const kept = keptIn('', env);
  if (typeof services === 'string') return services;
  if (typeof consumers === 'string') return consumers;
  if (typeof kept === 'string') return kept;
  const onTheWay = new Set(kept.keys());
  const placeOf = new Map<number, number>();
  for (const state of services) noteOrders(state, placeOf, onTheWay);
  if (placeOf.size === 0) return 'there is no order';
  const account = accountOf(
    placeOf,
    onTheWay,
    consumers.map((one) => one.effects),
  );
  const ops = new Map<unknown, number[]>();
  for (const { id, f, input } of env.history.ops()) {
    if (f === 'enqueue' || f === 'dequeue') ops.set(input, [...(ops.get(input) ?? []), id]);
  }
  const proven = (kind: Kind): readonly CountedFinding[] =>
    account[kind].map(({ why, value }) => ({ why, ops: ops.get(value) ?? [] }));
  return {
    lost: proven('lost'),
    phantom: proven('phantom'),
    repeated: proven('repeated'),
    reordered: proven('reordered'),
    words: account.words,
  };
}

/** Where in the order of commits each stands, and which are not published yet. */
function noteOrders(
  { outbox }: OutboxServiceState,
  placeOf: Map<number, number>,
  onTheWay: Set<number>,
): void {
  for (const { seq, message } of outbox.orders.values()) placeOf.set(message.value, seq);
  for (const { message } of outbox.events.values()) onTheWay.add(message.value);
  for (const { message } of outbox.underWay.values()) onTheWay.add(message.value);
}

/** Of the order numbers of all services, and of the effects of each consumer in order. */
export function accountOf(
  placeOf: ReadonlyMap<number, number>,
  onTheWay: ReadonlySet<number>,
  consumers: readonly (readonly Effect[])[],
): { readonly [kind in Kind]: readonly EffectFinding[] } & { readonly words: string } {
  const first = new Map<number, number>();
  const found: { readonly [kind in Kind]: EffectFinding[] } = {
    lost: [],
    phantom: [],
    repeated: [],
    reordered: [],
  };
  const note = (kind: Kind, value: number, why: string): void =>
    void found[kind].push({ value, why: `Order ${value} ${why}` });
  for (const done of consumers) {
    const newest = new Map<string, number>();
    for (const { value, group } of done) {
      const times = (first.get(value) ?? 0) + 1;
      first.set(value, times);
      if (times > 1) {
        note('repeated', value, `has had its effect ${often(times)}.`);
        continue;
      }
      const place = placeOf.get(value);
      if (place === undefined) {
        if (!onTheWay.has(value)) note('phantom', value, 'is nowhere, and has had an effect.');
        continue;
      }
      if (place < (newest.get(group) ?? 0)) {
        note('reordered', value, 'has its effect behind a later one of its key.');
      } else newest.set(group, place);
    }
  }
  for (const value of placeOf.keys()) {
    if (!first.has(value) && !onTheWay.has(value)) {
      note('lost', value, 'is kept, and will never have an effect.');
    }
  }
  const done = [...placeOf.keys()].filter((value) => first.has(value)).length;
  const { lost, phantom, repeated, reordered } = found;
  return {
    ...found,
    words:
      `${plural(placeOf.size, 'order')}: ${done} had their effect, ` +
      `${placeOf.size - done - lost.length} on their way, ${lost.length} lost; ` +
      `${plural(phantom.length, 'phantom')}, ${repeated.length} repeated, ` +
      `${reordered.length} out of order`,
  };
}
