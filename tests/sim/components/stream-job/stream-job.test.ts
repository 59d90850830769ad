/** A stream job: windows over what comes late, and restarts from checkpoints at any moment. */
import { describe, expect, it } from 'vitest';
import { CHECKPOINTS, StreamJob } from './job.ts';
import type { JobWords } from './job.ts';

const CLEAN = /0 missing, 0 counted twice, 0 rows repeated, 0 late, 0 sums wrong$/;

/** Event times 1, 4, 11, 9, 13 and 8, one every 50 ms. */
const VECTOR: JobWords = {
  partitions: [
    {
      arrivals: { kind: 'replay', timesMs: [200, 250, 300, 350, 400, 450] },
      eventTimesMs: [1, 4, 11, 9, 13, 8],
    },
  ],
  source: { maxOutOfOrdernessMs: 2, autoWatermarkIntervalMs: 10 },
  counts: [1, 1, 1],
};
const fired = (job: StreamJob) =>
  job
    .told('stream.fired')
    .map(({ fact }) => fact as unknown as Record<'start' | 'sum' | 'isUpdate', number | boolean>)
    .map(({ start, sum, isUpdate }) => [start, sum, isUpdate]);

describe('windows of a stream job', () => {
  it('fire when the watermark has passed their end, and drop what comes later', () => {
    const job = new StreamJob({ ...VECTOR, window: { sizeMs: 10 } }).ms(1_000);
    expect(fired(job)).toEqual([
      [0, 3, false],
      [10, 2, false],
    ]);
    expect(job.account().text).toContain('0 missing, 0 counted twice, 0 rows repeated, 1 late');
  });

  it('fire again within the allowed lateness', () => {
    const job = new StreamJob({ ...VECTOR, window: { sizeMs: 10, allowedLatenessMs: 5 } });
    job.ms(1_000);
    expect(fired(job)).toEqual([
      [0, 3, false],
      [0, 4, true],
      [10, 2, false],
    ]);
    expect(job.account()).toMatchObject({ verdict: 'pass' });
  });
});

describe('a stream job', () => {
  it('in calm times counts each event once', () => {
    const job = new StreamJob({ job: CHECKPOINTS }).ms(4_000);
    expect(job.account().text).toMatch(CLEAN);
    expect(job.account().text).toContain('200 events');
    expect(job.told('checkpoint.completed').length).toBeGreaterThan(20);
  });
});

const VICTIMS = ['src1', 'src2', 'win1', 'win2', 'snk1', 'jm1', 'store1', 'log1'];

/** What each crash leaves, of all victims and moments, where it is not clean. */
function unclean(words: JobWords, moments: readonly number[]): string[] {
  const found: string[] = [];
  for (const atMs of moments) {
    for (const victim of VICTIMS) {
      const name = victim.replace(/^(jm|store|log|snk)1$/, '$1');
      const job = new StreamJob(words).crashAt(name, atMs, 70).ms(5_000);
      // It is noticed: by whoever watches tasks, or because it is the one that watches.
      if (/^(src|win|snk)/.test(victim)) expect(job.told('job.failed')).toHaveLength(1);
      if (victim === 'jm1') expect(job.told('job.deploying')).toHaveLength(2);
      const { text } = job.account();
      if (!CLEAN.test(text)) found.push(`${victim} at ${atMs} ms: ${text}`);
    }
  }
  return found;
}
const MOMENTS = [211, 433.7, 777.1, 1_850.3];

describe('a job that is restarted from its checkpoints', () => {
  it('counts each event once, with a transactional sink', () => {
    expect(unclean({ job: CHECKPOINTS, sink: { delivery: 'transactional' } }, MOMENTS)).toEqual([]);
  });

  it('does so with an idempotent sink', () => {
    expect(unclean({ job: CHECKPOINTS, sink: { delivery: 'idempotent' } }, MOMENTS)).toEqual([]);
  });

  it('does so with unaligned checkpoints, of a slow operator', () => {
    const words = {
      job: { ...CHECKPOINTS, unaligned: true },
      window: { recordMs: 15, bufferMax: 5 },
      source: { bufferMax: 5, maxPollRecords: 5 },
      sink: { delivery: 'transactional' },
    };
    expect(unclean(words, MOMENTS)).toEqual([]);
  });

  it('gives rows twice with a plain sink', () => {
    const found = unclean({ job: CHECKPOINTS }, [655.3]);
    expect(found.join()).toMatch(/[1-9]\d* rows repeated/);
    expect(found.join()).not.toMatch(/[1-9]\d* (missing|counted twice)/);
  });
});
