/**
 * Round robin: all partitions of all topics in order, dealt to the members in a circle; who does
 * not subscribe to the topic is passed over.
 *
 * With equal subscriptions shares differ by at most one; with unequal ones they may differ by far,
 * and one member more or less moves nearly everything.
 *
 * Source: Kafka's RoundRobinAssignor.
 */
import { assignmentOf, groupOf, nothingHeld, servingOrder } from './group.ts';
import type { Assignor } from './assignor.ts';

export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  about: 'All partitions of all topics dealt in a circle, past those who do not subscribe.',
  source: 'Kafka, RoundRobinAssignor',
  protocol: 'eager',
  assign(members, topics) {
    const group = groupOf(members, topics);
    const order = servingOrder(group);
    const held = nothingHeld(group);
    const takes = group.subscribers.map((subscribers) => new Set(subscribers));
    let turn = 0;
    for (let slot = 0; slot < group.topicOf.length; slot++) {
      const subscribers = takes[group.topicOf[slot]!]!;
      while (!subscribers.has(order[turn]!)) turn = (turn + 1) % order.length;
      held[order[turn]!]!.push(slot);
      turn = (turn + 1) % order.length;
    }
    return assignmentOf(group, held);
  },
};
