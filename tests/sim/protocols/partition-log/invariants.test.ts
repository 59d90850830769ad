/** Each invariant of a replicated partition: a state that breaks it, and one next to it. */
import { describe, expect, it } from 'vitest';
import type {
  PartitionEffect,
  PartitionInput,
  PartitionRegistration,
} from '../../../../src/sim/protocols/partition-log/index.ts';
import { PartitionInvariants } from '../../../../src/sim/protocols/partition-log/invariants.ts';
import type { PartitionViolation } from '../../../../src/sim/protocols/partition-log/invariants.ts';
import type { RecordBatch } from '../../../../src/sim/contracts/record-batch.ts';
import { Replicas, batchOf } from './support/replicas.ts';

const NAMES = ['A', 'B', 'C'];

/** Replicas whose every step is watched. */
class Watched extends Replicas {
  readonly found: PartitionViolation[] = [];
  readonly invariants = new PartitionInvariants(
    (id) => NAMES[id] as string,
    (violation) => this.found.push(violation),
  );

  override step(id: number, input: PartitionInput): readonly PartitionEffect[] {
    const effects = super.step(id, input);
    this.look(id);
    return effects;
  }

  look(id: number): void {
    const [config, state] = [this.config(id), this.at(id)];
    this.invariants.onStep(id, { partition: 0, name: 't-0', config, state });
  }

  registered(registration: PartitionRegistration, more: object = {}): this {
    const rest = { minInsyncReplicas: 2, hasElr: false, isAfterUnclean: false, ...more };
    this.invariants.onRegistered({ partition: 0, name: 't-0', registration, ...rest });
    return this;
  }

  kinds(): readonly string[] {
    return this.found.map(({ invariant }) => invariant);
  }
}

const word = (leader: number, leaderEpoch: number, isr: readonly number[], partitionEpoch = 0) => ({
  leader,
  leaderEpoch,
  partitionEpoch,
  isr,
});

/** A leads; what it wrote is committed where the ISR is A alone. */
function alone(count = 2): Watched {
  const replicas = new Watched(count);
  replicas.metadata(word(0, 0, [0]));
  replicas.produce(0, batchOf(['a']), 1);
  return replicas;
}

describe('the invariants of the replicas', () => {
  it('hold where a follower that has everything leads next', () => {
    const replicas = alone();
    for (let round = 0; round < 2; round += 1) replicas.fetch(1, 0);
    replicas.metadata(word(1, 1, [1], 1));
    replicas.produce(1, batchOf(['b']), 1);
    for (let round = 0; round < 3; round += 1) replicas.fetch(0, 1);
    expect(replicas.found).toEqual([]);
    expect(replicas.at(0).highWatermark).toBe(2);
  });

  it('one-leader: two lead in one epoch', () => {
    const replicas = new Watched(2);
    replicas.metadata(word(0, 1, [0, 1]), [0]);
    replicas.metadata(word(1, 1, [0, 1]), [1]);
    expect(replicas.kinds()).toEqual(['one-leader']);
    expect(replicas.found[0]?.why).toContain('A and B both lead t-0 in epoch 1');
  });

  it('leader completeness: who leads next lacks what was committed', () => {
    const replicas = alone();
    replicas.metadata(word(1, 1, [1], 1), [1]);
    expect(replicas.kinds()).toEqual(['no-committed-record-lost']);
    expect(replicas.invariants.lost).toBe(1);
  });

  it('a deposed leader commits what its successor does not have', () => {
    const replicas = new Watched(2);
    replicas.metadata(word(0, 0, [0]), [0]);
    replicas.metadata(word(1, 1, [1], 1), [1]);
    expect(replicas.found).toEqual([]);
    replicas.produce(0, batchOf(['late']), 1);
    expect(replicas.kinds()).toEqual(['no-committed-record-lost']);
    expect(replicas.found[0]?.why).toContain('A commits t-0 up to 1 in epoch 0');
  });

  it('log-matching: a replica has another record below its high watermark', () => {
    const replicas = alone();
    for (let round = 0; round < 2; round += 1) replicas.fetch(1, 0);
    expect(replicas.at(1).highWatermark).toBe(1);
    const { log } = replicas.at(1);
    const other = { ...(log.batchAt(0) as RecordBatch), records: [{ key: null, value: 'z' }] };
    log.truncateTo(0);
    log.append(other);
    // It is compared from where it was compared last: a start begins from nothing.
    replicas.invariants.onStart(1);
    replicas.look(1);
    expect(replicas.kinds()).toEqual(['log-matching']);
  });

  it('above the high watermark logs may differ', () => {
    const replicas = new Watched(2);
    replicas.metadata(word(0, 0, [0, 1]));
    replicas.produce(0, batchOf(['a']), 1);
    replicas.fetch(1, 0);
    expect([replicas.at(1).log.end, replicas.at(1).highWatermark]).toEqual([1, 0]);
    const { log } = replicas.at(1);
    const other = { ...(log.batchAt(0) as RecordBatch), records: [{ key: null, value: 'z' }] };
    log.truncateTo(0);
    log.append(other);
    replicas.look(1);
    expect(replicas.found).toEqual([]);
  });

  it('consistent-read: somebody reads what is not committed', () => {
    const replicas = alone();
    const batch = replicas.at(0).log.batchAt(0) as RecordBatch;
    replicas.invariants.onRead(2, { partition: 0, from: 0, to: 1, batch });
    expect(replicas.found).toEqual([]);
    const beyond = { ...batch, baseOffset: 1 };
    replicas.invariants.onRead(2, { partition: 0, from: 1, to: 2, batch: beyond });
    expect(replicas.kinds()).toEqual(['consistent-read']);
  });
});

const registration = (more: Partial<PartitionRegistration>): PartitionRegistration => ({
  replicas: [0, 1, 2],
  leader: 0,
  isr: [0, 1, 2],
  elr: [],
  lastKnownElr: [],
  leaderEpoch: 0,
  partitionEpoch: 0,
  isRecovering: false,
  ...more,
});

describe('isr-superset: who may be elected is waited for', () => {
  const leading = (isr: readonly number[]): Watched => {
    const replicas = new Watched(3);
    replicas.metadata(word(0, 0, isr));
    return replicas;
  };

  it('breaks where the leader goes by fewer than the controller', () => {
    const replicas = leading([0, 1]).registered(registration({}));
    expect(replicas.kinds()).toEqual(['isr-superset']);
    expect(replicas.found[0]?.why).toContain('A does not wait for C any more');
  });

  it('is seen as well when the leader changes after the controller', () => {
    const replicas = new Watched(3).registered(registration({}));
    replicas.metadata(word(0, 0, [0, 1]));
    expect(replicas.kinds()).toEqual(['isr-superset']);
  });

  it.each([
    ['the leader goes by more', [0, 1, 2], { isr: [0, 1] }],
    ['the ISR is too small to commit', [0], { isr: [1], leader: 1 }],
    ['the controller has elected another one since', [0, 1], { leaderEpoch: 1 }],
  ])('holds where %s', (_where, isr, is) => {
    expect(leading(isr).registered(registration(is)).found).toEqual([]);
  });

  it('holds where the leader has proposed the one that is missing', () => {
    const replicas = leading([0, 1]);
    replicas.fetch(2, 0);
    expect(replicas.at(0).proposed?.isr).toEqual([0, 1, 2]);
    expect(replicas.registered(registration({ partitionEpoch: 1 })).found).toEqual([]);
  });
});

describe('valid-isr-elr', () => {
  const ELR = { hasElr: true };

  it.each([
    ['a stranger in the ISR', registration({ isr: [0, 1, 7] }), {}],
    ['a stranger in the ELR', registration({ isr: [0], elr: [7] }), ELR],
    ['somebody in both', registration({ isr: [0], elr: [0, 1] }), ELR],
    ['a leader that is not in sync', registration({ isr: [1, 2] }), {}],
    ['an ELR beside an ISR that is large enough', registration({ isr: [0, 1], elr: [2] }), ELR],
    ['an ELR where there is none', registration({ isr: [0], elr: [1] }), {}],
  ])('breaks with %s', (_what, is, more) => {
    expect(new Watched(3).registered(is, more).kinds()).toEqual(['valid-isr-elr']);
  });

  it.each([
    ['all in sync', registration({}), {}],
    ['one in sync, one eligible', registration({ isr: [0], elr: [1] }), ELR],
    ['nobody who leads', registration({ leader: -1, isr: [], elr: [1, 2] }), ELR],
  ])('holds with %s', (_what, is, more) => {
    expect(new Watched(3).registered(is, more).found).toEqual([]);
  });

  const shrunk = registration({ isr: [0], partitionEpoch: 1 });

  it('breaks where fewer are left than min.insync.replicas, and all have their disks', () => {
    const replicas = new Watched(3).registered(registration({}), ELR).registered(shrunk, ELR);
    expect(replicas.kinds()).toEqual(['valid-isr-elr']);
    expect(replicas.found[0]?.why).toContain('are 1 together, where 2 are needed');
  });

  it('holds there where somebody came back without its disk, or nobody is eligible ever', () => {
    const lost = { ...ELR, isAfterUnclean: true };
    const replicas = new Watched(3).registered(registration({}), ELR).registered(shrunk, lost);
    expect(replicas.found).toEqual([]);
    expect(new Watched(3).registered(registration({})).registered(shrunk).found).toEqual([]);
  });

  it('hears of a change once, whoever tells of it', () => {
    const replicas = new Watched(3);
    const wrong = registration({ isr: [1, 2], partitionEpoch: 3 });
    for (let round = 0; round < 3; round += 1) replicas.registered(wrong);
    replicas.registered(registration({ isr: [1], partitionEpoch: 2 }));
    expect(replicas.found).toHaveLength(1);
  });
});

describe('what the invariants keep', () => {
  it('is what they had seen: restored, they find the same', () => {
    const replicas = new Watched(3);
    replicas.metadata(word(0, 0, [0, 1]));
    const image = replicas.invariants.save();
    replicas.registered(registration({}));
    const first = [...replicas.found];
    expect(first).toHaveLength(1);
    replicas.invariants.restore(image);
    replicas.found.length = 0;
    expect(replicas.registered(registration({})).found).toEqual(first);
  });
});

describe('a leader that has asked for a change of the ISR', () => {
  const asked = (isr: readonly number[]): Watched => {
    const replicas = new Watched(3, { minInsyncReplicas: 2 });
    replicas.metadata(word(0, 0, isr));
    for (let round = 0; round < 2; round += 1) replicas.fetch(2, 0);
    replicas.fetch(1, 0);
    expect(replicas.at(0).proposed?.isr).toContain(2);
    return replicas;
  };
  const refused = (replicas: Watched, error: string): Watched => {
    const proposed = replicas.at(0).proposed!;
    replicas.step(0, { type: 'altered', proposed, reply: { error } });
    return replicas;
  };

  it('commits nothing alone before the controller has written down the second one', () => {
    const replicas = asked([0]);
    replicas.produce(0, batchOf(['a']), 1);
    for (let round = 0; round < 2; round += 1) for (const id of [1, 2]) replicas.fetch(id, 0);
    expect(replicas.at(0).highWatermark).toBe(0);
    const proposed = replicas.at(0).proposed!;
    const reply = { isr: proposed.isr, partitionEpoch: 1 };
    replicas.step(0, { type: 'altered', proposed, reply });
    expect(replicas.at(0).highWatermark).toBe(1);
  });

  it.each(['INVALID_UPDATE_VERSION', 'FENCED_LEADER_EPOCH'])(
    'waits for whom it named after %s: an earlier try may have been heard',
    (error) => {
      const replicas = refused(asked([0, 1]), error);
      replicas.registered(registration({ partitionEpoch: 1 }));
      replicas.produce(0, batchOf(['a']), 1);
      for (let round = 0; round < 2; round += 1) replicas.fetch(1, 0);
      expect(replicas.at(0).highWatermark).toBe(0);
      expect(replicas.found).toEqual([]);
      // The metadata tell how it ended.
      replicas.metadata(word(0, 0, [0, 1], 2), [0]);
      expect(replicas.at(0).proposed).toBeNull();
    },
  );

  it('takes it back after INELIGIBLE_REPLICA: that was never done', () => {
    expect(refused(asked([0, 1]), 'INELIGIBLE_REPLICA').at(0).proposed).toBeNull();
  });
});
