/**
 * The members of a group with the consumer protocol: what lets the group enter a new epoch, how
 * long they may be silent, and how long they may take to give up what is not theirs any more.
 *
 * Source: Apache Kafka 4.0, GroupMetadataManager (consumerGroupFenceMember,
 * scheduleConsumerGroupSessionTimeout, scheduleConsumerGroupRebalanceTimeout)
 */
import { canonicalJson } from '../../kernel/canonical.ts';
import type { ConsumerGroup, ConsumerMember } from './consumer-state.ts';
import type { GroupFact } from './facts.ts';
import { recordOfConsumerGroup } from './records.ts';
import { sessionTimer } from './roster.ts';
import type { Group, Promised, Step } from './state.ts';

/** The timer of a member that has to give something up. */
export const REVOKE = 'revoke';
const MICROS_PER_MS = 1_000;

const revokeTimer = (group: string, member: string): string =>
  canonicalJson([REVOKE, group, member]);

const tell = ({ out }: Step, fact: GroupFact): void => void out.push({ type: 'told', fact });

/** All of it is written; whoever waits for an answer hears when it is replicated. */
export function changed({ state, out }: Step, group: Group, promised: Promised): void {
  const ticket = state.nextTicket++;
  state.promised.set(ticket, promised);
  out.push({ type: 'append', ticket, records: [recordOfConsumerGroup(group)] });
}

export function bump(at: Step, { id }: Group, consumer: ConsumerGroup, why: string): void {
  tell(at, { type: 'group.rebalancing', group: id, generation: consumer.epoch, why });
  consumer.epoch += 1;
}

/** It has a whole session from now on, and max.poll.interval.ms to give up what it must. */
export function armConsumer({ config, out }: Step, group: Group, member: ConsumerMember): void {
  const timer = sessionTimer(group.id, member.id);
  const afterMicros = config.consumerSessionTimeoutMs * MICROS_PER_MS;
  out.push({ type: 'set-timer', timer, afterMicros });
}

export function armRevocation({ out }: Step, group: Group, member: ConsumerMember): void {
  const timer = revokeTimer(group.id, member.id);
  if (member.state !== 'unrevoked') out.push({ type: 'cancel-timer', timer });
  else {
    const afterMicros = member.rebalanceTimeoutMs * MICROS_PER_MS;
    out.push({ type: 'set-timer', timer, afterMicros });
  }
}

export function removeConsumer(
  at: Step,
  group: Group,
  consumer: ConsumerGroup,
  memberId: string,
  why: string,
): void {
  consumer.members.delete(memberId);
  consumer.target.delete(memberId);
  disarm(at, group, memberId);
  const { epoch: generation } = consumer;
  const removed = { group: group.id, member: memberId, generation, why };
  tell(at, { type: 'group.member-removed', ...removed });
  if (consumer.members.size > 0) bump(at, group, consumer, `${memberId} is gone: ${why}`);
  else {
    consumer.epoch += 1;
    consumer.targetEpoch = consumer.epoch;
    tell(at, { type: 'group.empty', group: group.id, generation: consumer.epoch });
  }
  changed(at, group, { for: 'nobody' });
}

function disarm({ out }: Step, { id }: Group, memberId: string): void {
  out.push({ type: 'cancel-timer', timer: sessionTimer(id, memberId) });
  out.push({ type: 'cancel-timer', timer: revokeTimer(id, memberId) });
}

/** A static member is back under another id: in its place, with what it had. */
export function replaceStatic(
  at: Step,
  group: Group,
  { members, target }: ConsumerGroup,
  old: ConsumerMember,
  back: ConsumerMember,
): void {
  disarm(at, group, old.id);
  const all = [...members.values()];
  members.clear();
  for (const one of all) {
    const next = one === old ? back : one;
    members.set(next.id, next);
  }
  const shall = target.get(old.id) ?? [];
  target.delete(old.id);
  target.set(back.id, shall);
}

/** A whole session without a word. */
export function onConsumerSilent(at: Step, group: Group, memberId: string): void {
  const { consumer } = group;
  const member = consumer?.members.get(memberId);
  if (consumer === undefined || member === undefined) return;
  removeConsumer(at, group, consumer, memberId, 'its session is over');
}

export function onRevokeTimer(at: Step, group: Group, memberId: string): void {
  const { consumer } = group;
  const member = consumer?.members.get(memberId);
  if (consumer === undefined || member?.state !== 'unrevoked') return;
  removeConsumer(at, group, consumer, memberId, 'it has not given up what it must in time');
}

/** The coordinator has changed: all have a whole session again. */
export function armAllConsumers(at: Step, group: Group): void {
  for (const member of group.consumer?.members.values() ?? []) {
    armConsumer(at, group, member);
    if (member.state === 'unrevoked') armRevocation(at, group, member);
  }
}
