/** Producers with transactions: records of one end together, and who is replaced writes no more. */
import { describe, expect, it } from 'vitest';
import { makeRegistry } from 'faultline';
import type { LogProducerState } from '../../../../src/sim/components/log-producer/state.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Cluster } from '../log-broker/support.ts';

const arrivals = { kind: 'constant', ratePerSecond: 100 };
const base = { arrivals, hasKeys: false, startMs: 2_000, stopMs: 6_000, transactionalId: 'x' };

const clusterOf = (
  producer: object = {},
  consumer: object = {},
  more: Partial<ConstructorParameters<typeof Cluster>[0]> = {},
): Cluster =>
  new Cluster({
    config: { transactionStateLogNumPartitions: 1 },
    topic: { partitions: 2 },
    producer: { ...base, ...producer },
    consumer: { autoOffsetReset: 'earliest', isolationLevel: 'read_committed', ...consumer },
    ...more,
  });

const ofProducer = (cluster: Cluster) =>
  (cluster.node('p1').state as LogProducerState).transaction as NonNullable<
    LogProducerState['transaction']
  >;

const ended = (cluster: Cluster, outcome: string): number[] =>
  cluster.facts.flatMap(({ fact }) => {
    const told = fact as { type: string; f?: string; outcome?: string; op?: number };
    const isIt = told.type === 'client.completed' && told.f === 'send' && told.outcome === outcome;
    return isIt ? [told.op as number] : [];
  });

describe('a producer with transactions', () => {
  it.each([1, 2])('commits all, and readers get each record once; version %s', (version) => {
    const config = { transactionStateLogNumPartitions: 1, transactionVersion: version };
    const cluster = clusterOf({}, {}, { config }).ms(12_000);
    expect(cluster.acked()).toHaveLength(399);
    expect(cluster.read().toSorted()).toEqual(cluster.acked().toSorted());
    const { committed, aborted } = ofProducer(cluster);
    expect([committed, aborted]).toEqual([40, 0]);
    const { producerEpoch } = cluster.node('p1').state as LogProducerState;
    expect(producerEpoch).toBe(version === 1 ? 0 : 40);
  });

  it('fails the records of those that it aborts, and nobody reads them', () => {
    const cluster = clusterOf({ abortShare: 0.5 }).ms(12_000);
    const { committed, aborted } = ofProducer(cluster);
    expect(committed + aborted).toBe(40);
    expect(aborted).toBeGreaterThan(5);
    expect(ended(cluster, 'fail')).toHaveLength(aborted * 10);
    expect(cluster.read().toSorted()).toEqual(cluster.acked().toSorted());
  });

  it('what was aborted stays in the log: nobody holds that against it', () => {
    const checks = [{ id: 'account', use: 'records' }];
    const cluster = clusterOf({ abortShare: 0.5 }, {}, { checks }).ms(12_000);
    expect(ofProducer(cluster).aborted).toBeGreaterThan(5);
    const { log } = cluster.replica(1).state;
    expect(log.end).toBeGreaterThan(cluster.acked().length);
    cluster.observers.end(true);
    const [one] = cluster.observers.checks;
    expect(one!.running.standing(true).verdict).toBe('pass');
  });

  it('whose timeout is refused says why, of all its records', () => {
    const producer = { transactionTimeoutMs: 20_000 };
    const config = { transactionStateLogNumPartitions: 1, transactionMaxTimeoutMs: 10_000 };
    const cluster = clusterOf(producer, {}, { config }).ms(12_000);
    const told = cluster.facts.flatMap(({ fact }) => {
      const { type, error } = fact as { readonly type: string; readonly error?: string };
      return type === 'client.completed' && error !== undefined ? [error] : [];
    });
    expect(told.length).toBeGreaterThan(300);
    expect(new Set(told)).toEqual(new Set(['INVALID_TRANSACTION_TIMEOUT']));
  });

  it('gives back the room of what can never be written', () => {
    const producer = { transactionTimeoutMs: 20_000, recordBytes: 100, bufferMemory: 1_000 };
    const config = { transactionStateLogNumPartitions: 1, transactionMaxTimeoutMs: 10_000 };
    const cluster = clusterOf(producer, {}, { config }).ms(12_000);
    const { buffered, counts, errors } = cluster.node('p1').state as LogProducerState;
    expect([buffered, counts.fail]).toEqual([0, 399]);
    expect([...errors.keys()]).toEqual(['INVALID_TRANSACTION_TIMEOUT']);
  });

  it('aborts at once what has a gap before it: only an idempotent one begins anew', () => {
    // So slow that each batch of a transaction has one record.
    const slow = { arrivals: { kind: 'constant', ratePerSecond: 20 } };
    const cluster = clusterOf(slow, {}, { topic: { partitions: 1 } }).ms(3_000);
    const writer = cluster.node('p1').state as LogProducerState;
    const [lane] = writer.lanes as [LogProducerState['lanes'][0]];
    const isWithin = (): boolean =>
      lane.producerEpoch === writer.producerEpoch && lane.ackedNext > 0 && lane.ackedNext < 8;
    for (let at = 3_001; at < 4_000; at += 1) {
      if (isWithin() && lane.inFlight.length === 0) break;
      cluster.ms(at);
    }
    expect(isWithin()).toBe(true);
    lane.nextSequence += 7;
    lane.ackedNext += 7;
    cluster.ms(12_000);
    const told = cluster.facts.flatMap(({ fact }) => {
      const { type, f, error = '' } = fact as { type: string; f?: string; error?: string };
      return type === 'client.completed' && f === 'send' ? [error] : [];
    });
    expect(new Set(told)).toEqual(
      new Set(['', 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'TRANSACTION_ABORTED']),
    );
    // Once one has failed the transaction can only be aborted: the others are not sent at all.
    expect(told.filter((error) => error === 'OUT_OF_ORDER_SEQUENCE_NUMBER')).toHaveLength(1);
    const { committed, aborted } = ofProducer(cluster);
    expect([committed, aborted]).toEqual([7, 1]);
    expect(cluster.read().toSorted()).toEqual(cluster.acked().toSorted());
  });

  it('takes for an end as long as its coordinator does', () => {
    const cluster = clusterOf().ms(12_000);
    const took = cluster.facts.flatMap(({ fact }) => {
      const told = fact as { type: string; f?: string; latencyMicros?: number };
      const isIt = told.type === 'client.completed' && told.f === 'transaction';
      return isIt ? [told.latencyMicros as number] : [];
    });
    expect(took).toHaveLength(40);
    // There and back, and from its leader to a follower and back.
    expect(Math.min(...took)).toBeGreaterThanOrEqual(4_000);
  });

  it('aborts those with a certain number, and no others', () => {
    const cluster = clusterOf({ abortEvery: 3 }).ms(12_000);
    const { committed, aborted } = ofProducer(cluster);
    expect([committed, aborted]).toEqual([27, 13]);
    const values = [...ended(cluster, 'ok'), ...ended(cluster, 'fail')].sort((a, b) => a - b);
    const failed = new Set(ended(cluster, 'fail'));
    const numbers = values.flatMap((value, i) => (failed.has(value) ? [Math.floor(i / 10)] : []));
    expect(numbers.every((number) => number % 3 === 2)).toBe(true);
  });

  it.each(['read_uncommitted', 'read_committed'])('readers of %s', (isolationLevel) => {
    const ablations = isolationLevel === 'read_committed' ? ['transaction.aborted-ranges'] : [];
    const cluster = clusterOf({ abortShare: 0.5 }, { isolationLevel }, { ablations }).ms(12_000);
    const failed = new Set<unknown>(ended(cluster, 'fail'));
    expect(cluster.read().filter((value) => failed.has(value)).length).toBeGreaterThan(50);
  });

  it('ends a transaction that has too few records after its time', () => {
    const slow = { arrivals: { kind: 'constant', ratePerSecond: 2 }, transactionMs: 600 };
    const cluster = clusterOf(slow).ms(12_000);
    expect(ofProducer(cluster).committed).toBe(4);
    expect(cluster.acked()).toHaveLength(7);
  });

  it('goes on when the coordinator dies', () => {
    const cluster = clusterOf({ stopMs: 20_000, requestTimeoutMs: 1_000 }).ms(5_000);
    const at = [1, 2, 3].find((broker) => {
      const { state } = cluster.replica(broker, 2);
      return state.leader === cluster.index(`b${broker}`);
    }) as number;
    cluster.crash(`b${at}`).command('fence', at).ms(9_000);
    cluster.restart(`b${at}`).ms(40_000);
    expect(ended(cluster, 'unknown')).toEqual([]);
    const acked = new Set<unknown>(cluster.acked());
    expect(acked.size).toBeGreaterThan(1_500);
    expect(new Set(cluster.read())).toEqual(acked);
    expect(cluster.read()).toHaveLength(acked.size);
  });

  it('reads what was told in its state when a checkpoint is taken', () => {
    const cluster = clusterOf().ms(4_000);
    const { behaviour, state } = cluster.node('p1');
    const copy = behaviour.restore?.(behaviour.save?.(state)) as LogProducerState;
    expect(copy.transaction).toEqual(ofProducer(cluster));
    expect(copy.transaction?.added).not.toBe(ofProducer(cluster).added);
  });
});

describe('settings of transactions', () => {
  const planOf = (producer: object, brokers: object = {}) => ({
    title: 't',
    summary: '',
    durationMs: 1_000,
    network: {},
    groups: [
      { name: 'ctl', component: 'controller', count: 1 },
      {
        name: 'b',
        component: 'log-broker',
        count: 3,
        links: { controller: 'ctl' },
        config: brokers,
      },
      {
        name: 'p',
        component: 'log-producer',
        count: 1,
        links: { brokers: 'b' },
        config: producer as never,
      },
    ],
    faults: [],
    checks: [],
    story: [],
  });
  const refusalOf = (producer: object, brokers: object = {}): string => {
    try {
      checkPlan(planOf(producer, brokers) as never, makeRegistry());
      return '';
    } catch (error) {
      return (error as { readonly path?: string }).path ?? String(error);
    }
  };

  it.each([
    'transactionTimeoutMs',
    'transactionRecords',
    'transactionMs',
    'abortShare',
    'abortEvery',
  ])('%s is refused without transactions', (name) => {
    expect(refusalOf({ [name]: 1 })).toContain(name);
    expect(refusalOf({ [name]: 1, transactionalId: 'x' })).toBe('');
  });

  it('a share and a number of what is aborted exclude each other', () => {
    const both = { transactionalId: 'x', abortShare: 0.5, abortEvery: 2 };
    expect(refusalOf(both)).toContain('abortShare');
    expect(refusalOf({ ...both, abortEvery: 0 })).toBe('');
  });

  it('those of brokers are refused where nobody has transactions', () => {
    const brokers = { transactionVersion: 1 };
    expect(refusalOf({}, brokers)).toContain('transactionVersion');
    expect(refusalOf({ transactionalId: 'x' }, brokers)).toBe('');
  });

  it('a producer with transactions is idempotent', () => {
    expect(refusalOf({ transactionalId: 'x', enableIdempotence: false })).toContain('Idempotence');
  });

  it('so is a timeout that its brokers do not allow', () => {
    const long = { transactionalId: 'x', transactionTimeoutMs: 20_000 };
    expect(refusalOf(long, { transactionMaxTimeoutMs: 19_999 })).toContain('transactionTimeoutMs');
    expect(refusalOf(long, { transactionMaxTimeoutMs: 20_000 })).toBe('');
  });

  it('records that are larger than a request or the buffer are refused', () => {
    expect(refusalOf({ recordBytes: 101, maxRequestSize: 100 })).toContain('recordBytes');
    expect(refusalOf({ recordBytes: 101, bufferMemory: 100 })).toContain('recordBytes');
    expect(refusalOf({ recordBytes: 100, maxRequestSize: 100, bufferMemory: 100 })).toBe('');
  });
});
