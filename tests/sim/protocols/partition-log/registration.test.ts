/** What the controller decides about a partition: elections, clean and unclean, and refusals. */
import { describe, expect, it } from 'vitest';
import {
  change,
  refusalOf,
  withoutBroker,
} from '../../../../src/sim/protocols/partition-log/registration.ts';
import type {
  ControlConfig,
  PartitionRegistration,
} from '../../../../src/sim/protocols/partition-log/registration.ts';

const start: PartitionRegistration = {
  replicas: [1, 2, 3],
  leader: 1,
  isr: [1, 2, 3],
  elr: [],
  lastKnownElr: [],
  leaderEpoch: 0,
  partitionEpoch: 0,
  isRecovering: false,
};
const config: ControlConfig = { minInsyncReplicas: 2, hasElr: true, usesLastKnownLeader: true };
const old: ControlConfig = { ...config, hasElr: false };
const alive =
  (...down: readonly number[]) =>
  (id: number): boolean =>
    !down.includes(id);

describe('elections', () => {
  it('the next replica in sync leads, in the order of the assignment', () => {
    const next = withoutBroker(start, 1, { election: 'online', isAcceptable: alive() }, config);
    expect(next).toMatchObject({ leader: 2, isr: [2, 3], leaderEpoch: 1, partitionEpoch: 1 });
  });

  it('the preferred replica leads again when it is in sync', () => {
    const moved = { ...start, leader: 2, leaderEpoch: 1 };
    const wish = { isAcceptable: alive() };
    expect(change(moved, { ...wish, election: 'online' }, config)).toBe(moved);
    expect(change(moved, { ...wish, election: 'preferred' }, config)).toMatchObject({ leader: 1 });
  });

  it('a change of the ISR alone keeps the epoch of the leader', () => {
    const next = change(start, { isr: [1, 3], election: 'online', isAcceptable: alive() }, config);
    expect(next).toMatchObject({ leader: 1, leaderEpoch: 0, partitionEpoch: 1 });
  });

  it('without eligible replicas the last of the ISR stays in it, and nobody leads', () => {
    const alone = { ...start, isr: [1] };
    const wish = { election: 'online', isAcceptable: alive(2, 3) } as const;
    expect(withoutBroker(alone, 1, wish, old)).toMatchObject({ leader: -1, isr: [1] });
    const wishes = { election: 'online', isAcceptable: alive() } as const;
    expect(withoutBroker(alone, 1, wishes, old), 'others live').toMatchObject({ leader: -1 });
  });

  it('only an unclean election takes one that is not in sync; it is the ISR then', () => {
    const alone = { ...start, isr: [1] };
    const next = withoutBroker(alone, 1, { election: 'unclean', isAcceptable: alive() }, old);
    expect(next).toMatchObject({ leader: 2, isr: [2], isRecovering: true });
  });

  it('with nobody eligible the last known leader is waited for', () => {
    const alone = { ...start, isr: [1] };
    const gone = withoutBroker(
      alone,
      1,
      { election: 'online', isAcceptable: alive(), uncleanShutdown: [1] },
      config,
    );
    expect(gone).toMatchObject({ leader: -1, isr: [], elr: [], lastKnownElr: [1] });
    const others = { election: 'online', isAcceptable: alive(1) } as const;
    expect(change(gone, others, config)).toMatchObject({ leader: -1 });
    const back = { election: 'online', isAcceptable: alive() } as const;
    expect(change(gone, back, config)).toMatchObject({ leader: 1, isr: [1], isRecovering: true });
  });

  it('in sync or eligible are min.insync.replicas, while nobody loses records', () => {
    let now: PartitionRegistration = start;
    for (const broker of [2, 3, 1]) {
      const wish = { election: 'online', isAcceptable: alive() } as const;
      now = withoutBroker(now, broker, wish, config);
      expect(now.isr.length + now.elr.length).toBeGreaterThanOrEqual(2);
    }
  });
});

describe('a leader that asks for another ISR', () => {
  const request = { broker: 1, leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2] };
  it.each([
    ['takes it', {}, null],
    ['refuses who does not lead', { broker: 2 }, 'INVALID_REQUEST'],
    ['refuses an older partition epoch', { partitionEpoch: -1 }, 'INVALID_UPDATE_VERSION'],
    ['refuses an older leader epoch', { leaderEpoch: -1 }, 'FENCED_LEADER_EPOCH'],
    [
      'tells an old leader that its epoch is over',
      { broker: 2, leaderEpoch: -1 },
      'FENCED_LEADER_EPOCH',
    ],
    ['is not the controller of a later epoch', { broker: 2, leaderEpoch: 1 }, 'NOT_CONTROLLER'],
    ['refuses an ISR without the leader', { isr: [2, 3] }, 'INVALID_REQUEST'],
    ['refuses members that are no replicas', { isr: [1, 9] }, 'INVALID_REQUEST'],
    ['refuses fenced members', { isr: [1, 3] }, 'INELIGIBLE_REPLICA'],
  ])('%s', (_name, part, error) => {
    expect(refusalOf(start, { ...request, ...part }, alive(3))).toBe(error);
  });
});
