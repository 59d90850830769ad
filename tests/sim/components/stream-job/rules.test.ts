/** What each rule of stream jobs is for: the same run with it and without it. */
import { describe, expect, it } from 'vitest';
import { CHECKPOINTS, StreamJob, TWO_PARTITIONS } from './job.ts';
import type { JobWords } from './job.ts';

const CLEAN = /0 missing, 0 counted twice, 0 rows repeated, 0 late, 0 sums wrong$/;
const count = (text: string, kind: string): number =>
  Number(new RegExp(`(\\d+) ${kind}`).exec(text)?.[1] ?? NaN);

/** The second source is far away, so that its barriers come late; then an operator crashes. */
function skewed(words: JobWords): string {
  const job = new StreamJob({ sink: { delivery: 'idempotent' }, ...words });
  job.ms(150).inject('far', {
    type: 'latency',
    from: 'src2',
    to: 'win',
    extra: { kind: 'constant', ms: 40 },
  });
  return job.crashAt('win1', 1_085, 50).ms(6_000).account().text;
}

describe('aligned barriers', () => {
  it('keep what comes behind them out of the snapshot', () => {
    expect(skewed({ job: CHECKPOINTS })).toMatch(CLEAN);
  });
  it('are what AT_LEAST_ONCE does without', () => {
    const text = skewed({ job: { ...CHECKPOINTS, mode: 'AT_LEAST_ONCE' } });
    expect(count(text, 'counted twice')).toBeGreaterThan(0);
    expect(count(text, 'missing')).toBe(0);
  });
  it('do nothing when the rule is off', () => {
    const text = skewed({ job: CHECKPOINTS, off: ['stream.align-barriers'] });
    expect(count(text, 'counted twice')).toBeGreaterThan(0);
  });
});

/** Operators that are slow, and channels that hold little. */
const SLOW: JobWords = {
  job: { ...CHECKPOINTS, checkpointTimeoutMs: 1_000, unaligned: true },
  window: { recordMs: 15, bufferMax: 5 },
  source: { bufferMax: 5, maxPollRecords: 5 },
  sink: { delivery: 'idempotent' },
};

describe('unaligned checkpoints', () => {
  it('keep what their barriers overtake', () => {
    const job = new StreamJob(SLOW).crashAt('win1', 1_085, 50).ms(6_000);
    expect(job.account().text).toMatch(CLEAN);
  });
  it('lose it where it is not in the snapshot', () => {
    const job = new StreamJob({ ...SLOW, off: ['stream.in-flight-in-snapshot'] });
    const { text } = job.crashAt('win1', 1_085, 50).ms(6_000).account();
    expect(count(text, 'missing')).toBeGreaterThan(0);
    expect(count(text, 'counted twice')).toBe(0);
  });
  it('are done while aligned ones wait behind what is slow', () => {
    const durations = [true, false].map((unaligned) => {
      const job = new StreamJob({ ...SLOW, job: { ...SLOW.job, unaligned } }).ms(1_500);
      return Math.max(
        ...job
          .told('checkpoint.completed')
          .map(({ fact }) => (fact as unknown as { durationMicros: number }).durationMicros),
      );
    });
    expect(durations[0]).toBeLessThan(20_000);
    expect(durations[1]).toBeGreaterThan(100_000);
  });
});

describe('offsets', () => {
  const run = (startingOffsets: string, off: readonly string[]): string =>
    new StreamJob({
      job: CHECKPOINTS,
      source: { startingOffsets },
      window: { sizeMs: 400 },
      sink: { delivery: 'idempotent' },
      off,
    })
      .crashAt('win1', 1_085, 50)
      .ms(5_000)
      .account().text;
  const OFF = ['stream.restore-offsets-with-state'];

  it('are restored with the state', () => {
    expect(run('earliest', [])).toMatch(CLEAN);
  });
  it('make events count again, or never, where they are not', () => {
    expect(count(run('earliest', OFF), 'counted twice')).toBeGreaterThan(0);
    expect(count(run('latest', OFF), 'missing')).toBeGreaterThan(0);
  });
});

/** The coordinator is slow to write, so that a crash comes before a checkpoint is complete. */
function between(sink: JobWords['sink'], off: readonly string[] = [], downMs = 50): StreamJob {
  const job = new StreamJob({
    job: CHECKPOINTS,
    sink: { delivery: 'transactional', ...sink },
    off,
  });
  job.ms(1_000).inject('slow', { type: 'slow-disk', target: 'jm', extraMs: 60 });
  // A barrier has come to the sink, and nothing has happened since.
  const acknowledged = () => job.sent('job.acknowledge').filter(isBySink).length;
  const isBySink = ({ from }: { readonly from: number }) => from === job.index('snk1');
  const before = acknowledged();
  job.until(() => acknowledged() > before).after(10);
  return job.crashAt('snk', job.run.now / 1_000, downMs).ms(5_000);
}

describe('transactions', () => {
  it('are committed when their checkpoint is complete, and again after a restore', () => {
    const job = between({});
    expect(job.told('job.failed')).toHaveLength(1);
    expect(job.account().text).toMatch(CLEAN);
  });
  it('are lost where a restore does not commit them', () => {
    const { text } = between({}, ['stream.commit-on-restore']).account();
    expect(count(text, 'missing')).toBeGreaterThan(0);
  });
  it('are lost where they time out before the sink is back', () => {
    const job = between({ transactionTimeoutMs: 250 }, [], 400);
    expect(job.told('stream.transaction-lost').length).toBeGreaterThan(0);
    expect(count(job.account().text, 'missing')).toBeGreaterThan(0);
    expect(between({}, [], 400).account().text).toMatch(CLEAN);
  });
});

/** A source cannot be heard: its acknowledgements are lost, and it is taken for dead. */
function unheard(off: readonly string[]): string {
  const job = new StreamJob({ job: CHECKPOINTS, sink: { delivery: 'transactional' }, off });
  job.ms(1_000).inject('unheard', { type: 'one-way', from: 'src1', to: 'jm' });
  job.after(150).undo('unheard').ms(5_000);
  expect(job.told('job.failed').length).toBeGreaterThan(0);
  return job.account().text;
}

describe('a commit before the checkpoint is complete', () => {
  it('shows rows that come again when the checkpoint fails', () => {
    expect(unheard([])).toMatch(CLEAN);
    expect(count(unheard(['stream.commit-on-complete']), 'rows repeated')).toBeGreaterThan(0);
  });
});

describe('watermarks', () => {
  const [first, second] = TWO_PARTITIONS;
  const late = { ...second, delay: { kind: 'constant', ms: 300 } };
  const job = (off: readonly string[], words: JobWords = {}): string =>
    new StreamJob({ partitions: [first!, late], off, ...words }).ms(4_000).account().text;

  it('are the least of the inputs, so that nothing of the slower is late', () => {
    expect(job([])).toMatch(CLEAN);
    expect(count(job(['stream.watermark-minimum']), 'late')).toBeGreaterThan(50);
  });

  it('do not wait for a partition that is declared idle', () => {
    const silent = { arrivals: { kind: 'replay', timesMs: [100] } };
    const words = (withIdlenessMs: number): JobWords => ({
      partitions: [first!, silent],
      source: { bounded: false, withIdlenessMs },
    });
    // The last window waits for a watermark that never comes.
    expect(count(job([], words(100)), 'missing')).toBeLessThan(8);
    expect(count(job([], words(0)), 'missing')).toBeGreaterThan(95);
    expect(count(job(['stream.idle-excluded'], words(100)), 'missing')).toBeGreaterThan(95);
  });
});
