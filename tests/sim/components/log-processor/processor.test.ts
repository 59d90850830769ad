/** Processors: what they write for what they read, through crashes, pauses and rebalances. */
import { makeRegistry } from 'faultline';
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { LogProcessorState } from '../../../../src/sim/components/log-processor/state.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Bench } from '../support/bench.ts';
import { scriptedController } from '../support/scripted-controller.ts';

const RECORDS = 200;

interface Shape {
  readonly processor?: object;
  readonly producer?: object;
  readonly count?: number;
  readonly partitions?: number;
  readonly isolation?: string;
  readonly ablations?: readonly string[];
}

const topic = (name: string, partitions: number) => ({
  topic: name,
  partitions,
  replicationFactor: 3,
});
const links = { brokers: 'b' };

const groupsOf = ({
  processor = {},
  producer = {},
  count = 1,
  partitions = 1,
}: Shape): GroupPlan[] => [
  { name: 'ctl', component: 'scripted-controller', count: 1, links: { brokers: 'b' } },
  {
    name: 'b',
    component: 'log-broker',
    count: 3,
    links: { controller: 'ctl' },
    config: {
      topics: [topic('in', partitions), topic('out', 1)],
      offsetsTopicNumPartitions: 1,
      transactionStateLogNumPartitions: 1,
    },
  },
  {
    name: 'p',
    component: 'log-producer',
    count: 1,
    links,
    config: {
      topic: 'in',
      arrivals: { kind: 'constant', ratePerSecond: 100 },
      hasKeys: false,
      batchSize: 0,
      startMs: 2_000,
      stopMs: 2_000 + (RECORDS + 1) * 10 - 5,
      ...producer,
    },
  },
  {
    name: 'x',
    component: 'log-processor',
    count,
    links,
    config: {
      outputTopic: 'out',
      commitIntervalMs: 100,
      processMs: 20,
      maxPollRecords: 10,
      lingerMs: 0,
      sessionTimeoutMs: 6_000,
      heartbeatIntervalMs: 1_000,
      ...processor,
    },
  },
];

class Pipeline extends Bench {
  constructor(shape: Shape) {
    const args = shape.isolation === undefined ? {} : { isolation: shape.isolation };
    super({
      groups: groupsOf(shape),
      components: [scriptedController],
      checks: [{ id: 'derived', use: 'derived-records', args }],
      ablations: shape.ablations ?? [],
    });
  }

  processor(name = 'x1'): LogProcessorState {
    return this.node(name).state as LogProcessorState;
  }

  tally(): string {
    this.observers.end(true);
    return this.observers.checks[0]!.running.standing(true).text;
  }
}

const exact = { processingGuarantee: 'exactly_once_v2' };
const first = { processingGuarantee: 'at_most_once', commitIntervalMs: undefined };

describe('a processor', () => {
  it.each([
    ['at_least_once', {}],
    ['at_most_once', first],
    ['exactly_once_v2', exact],
    ['exactly_once', { processingGuarantee: 'exactly_once' }],
  ])('writes one record for each where nothing fails: %s', (_name, processor) => {
    const pipeline = new Pipeline({ processor }).ms(30_000);
    expect(pipeline.tally()).toBe(`${RECORDS} records written, 0 lost, 0 times again`);
  });

  it('commits by the transaction, and so does its group', () => {
    const pipeline = new Pipeline({ processor: exact }).ms(30_000);
    const { committed, aborted, pending, reader } = pipeline.processor();
    expect([committed, aborted, pending]).toEqual([RECORDS / 10, 0, 0]);
    expect(reader.membership?.commits).toBe(committed);
  });

  const crashed = (shape: Shape): string => {
    const pipeline = new Pipeline(shape).ms(7_000);
    const of = pipeline.processor();
    while ((of.reader.membership?.work?.at ?? 0) % 10 !== 7) pipeline.after(1);
    return pipeline
      .inject('it', { type: 'crash', target: 'x1' })
      .ms(9_000)
      .undo('it')
      .ms(60_000)
      .tally();
  };

  it('that dies repeats what it had not committed', () => {
    expect(crashed({})).toMatch(/ 0 lost, [1-9]\d* times again/);
  });
  it('that commits first loses what it had not done', () => {
    expect(crashed({ processor: first })).toMatch(/ [1-9]\d* lost, 0 times again/);
  });
  it('that has both in a transaction does neither', () => {
    const text = `${RECORDS} records written, 0 lost, 0 times again`;
    expect(crashed({ processor: exact })).toBe(text);
    expect(crashed({ processor: { processingGuarantee: 'exactly_once' } })).toBe(text);
  });
  it('leaves records of the aborted transaction to who reads anything', () => {
    const shape = { processor: exact, isolation: 'read_uncommitted' };
    expect(crashed(shape)).toMatch(/ 0 lost, [1-9]\d* times again/);
  });

  /** It stops in the middle of a transaction, for longer than its session. */
  const paused = (shape: Shape): Pipeline => {
    const transactionTimeoutMs = 60_000;
    const processor = { ...exact, transactionTimeoutMs, ...shape.processor };
    const pipeline = new Pipeline({ ...shape, count: 2, processor }).ms(7_110);
    const busy = pipeline.processor('x1').reader.tracks.length > 0 ? 'x1' : 'x2';
    pipeline.inject('it', { type: 'pause', target: busy });
    return pipeline.ms(25_000).undo('it').ms(80_000);
  };
  const REPEATS = / 0 lost, [1-9]\d* times again/;

  it('that is thrown out of its group meanwhile commits nothing', () => {
    const pipeline = paused({});
    expect(pipeline.tally()).toMatch(/ 0 lost, 0 times again/);
    const told = pipeline.facts.filter(({ fact }) => fact.type === 'consumer.commit-failed');
    expect(told.length).toBe(1);
  });
  it('commits twice if it does not say of which generation it is', () => {
    expect(paused({ processor: { groupMetadata: false } }).tally()).toMatch(REPEATS);
  });
  it('commits twice if the coordinator does not look at that', () => {
    expect(paused({ ablations: ['group.generation-check'] }).tally()).toMatch(REPEATS);
  });
  it('with a producer for the partition is fenced by its successor', () => {
    const guarantee = { processingGuarantee: 'exactly_once', groupMetadata: undefined };
    const pipeline = paused({ processor: guarantee });
    expect(pipeline.tally()).toMatch(/ 0 lost, 0 times again/);
    const { fenced: one } = pipeline.processor('x1');
    expect(one + pipeline.processor('x2').fenced).toBe(1);
  });

  it('reads again all that an abort has undone, whatever it was about to be given', () => {
    // It keeps up, so that a fetch waits for what comes next at any time.
    const processor = { ...exact, processMs: 1 };
    const producer = { startMs: 8_000, stopMs: 10_000 };
    let aborted = 0;
    for (let atMs = 8_505; atMs < 8_700; atMs += 13) {
      const pipeline = new Pipeline({ processor, producer }).ms(atMs);
      const { writer } = pipeline.processor();
      writer!.transaction!.hasFailed = true;
      // Nothing comes until it has gone back.
      pipeline.inject('quiet', { type: 'pause', target: 'p1' });
      pipeline.ms(atMs + 200).parts.injector.undo('quiet');
      pipeline.ms(30_000);
      aborted += pipeline.processor().aborted;
      expect(pipeline.tally()).toMatch(/ 0 lost, 0 times again/);
    }
    expect(aborted).toBeGreaterThan(8);
  });

  it('commits before it gives partitions up, and goes when it is asked to', () => {
    const processor = { ...exact, commitIntervalMs: 5_000 };
    const pipeline = new Pipeline({ count: 2, partitions: 2, processor }).ms(7_110);
    pipeline.inject('it', { type: 'terminate', target: 'x1' });
    pipeline.ms(80_000);
    expect(pipeline.tally()).toMatch(/ 0 lost, 0 times again/);
    expect(pipeline.processor('x2').aborted).toBe(0);
  });

  it('does not say that it goes: its partitions wait for its session, as in Streams', () => {
    const pipeline = new Pipeline({ count: 2, partitions: 2, processor: exact }).ms(7_110);
    const held = (): number => pipeline.processor('x2').reader.tracks.length;
    expect(held()).toBe(1);
    pipeline.inject('it', { type: 'terminate', target: 'x1' });
    // Its session is of six seconds.
    pipeline.ms(7_110 + 2_500);
    expect(held()).toBe(1);
    pipeline.ms(7_110 + 20_000);
    expect(held()).toBe(2);
  });

  it('is copied with what is under way', () => {
    const pipeline = new Pipeline({ processor: exact }).ms(7_110);
    const { behaviour, state } = pipeline.node('x1');
    const copy = behaviour.restore?.(behaviour.save?.(state)) as LogProcessorState;
    expect(copy).toEqual(pipeline.processor());
    expect(copy.reader.tracks[0]).not.toBe(pipeline.processor().reader.tracks[0]);
    expect(copy.writer?.lanes).not.toBe(pipeline.processor().writer?.lanes);
  });
});

describe('settings of a processor', () => {
  const refusalOf = (processor: object, partitions = 1): string => {
    const groups = groupsOf({ processor, partitions }).map((one) =>
      one.name === 'ctl' ? { name: 'ctl', component: 'controller', count: 1 } : one,
    );
    const plan = { title: 't', summary: '', durationMs: 1_000, network: {}, groups };
    try {
      checkPlan({ ...plan, faults: [], checks: [], story: [] } as never, makeRegistry());
      return '';
    } catch (error) {
      return (error as { readonly path?: string }).path ?? String(error);
    }
  };

  it.each([
    ['groupMetadata', { groupMetadata: false }],
    ['transactionTimeoutMs', { transactionTimeoutMs: 1_000 }],
    ['commitIntervalMs', { processingGuarantee: 'at_most_once', commitIntervalMs: 10 }],
    ['outputTopic', { outputTopic: 'in' }],
    ['outputTopic', { outputTopic: 'nowhere' }],
    ['inputTopic', { inputTopic: 'nowhere' }],
    ['applicationId', { applicationId: '' }],
    ['deliveryTimeoutMs', { deliveryTimeoutMs: 100 }],
    ['heartbeatIntervalMs', { heartbeatIntervalMs: 6_000 }],
  ])('%s is refused where it changes nothing or cannot be', (name, processor) => {
    expect(refusalOf(processor)).toContain(name);
  });
  it('one producer for each partition has one partition', () => {
    expect(refusalOf({ processingGuarantee: 'exactly_once' }, 2)).toContain('processingGuarantee');
    expect(refusalOf({ processingGuarantee: 'exactly_once' })).toBe('');
  });
});
