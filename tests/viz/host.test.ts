import { describe, expect, it } from 'vitest';
import { NO_PROOF } from '../../src/sim/index.ts';
import type { Chunk } from '../../src/sim/index.ts';
import { EngineHost } from '../../src/viz/worker/host.ts';
import type { FromWorker, ToWorker } from '../../src/viz/worker/protocol.ts';
import { CHUNKS_OUTSTANDING_MAX } from '../../src/viz/worker/protocol.ts';
import { chunksOf, spec, syntheticEngine } from './support/synthetic.ts';

function start(engine = syntheticEngine()) {
  const posted: FromWorker[] = [];
  const work: (() => void)[] = [];
  const host = new EngineHost(engine, {
    post: (message, transfer) => posted.push(structuredClone(message, { transfer })),
    later: (job) => work.push(job),
    now: () => 0,
  });
  const run = () => {
    for (let job = work.shift(); job !== undefined; job = work.shift()) job();
  };
  const chunks = () => posted.flatMap((m) => (m.type === 'chunk' ? [m.chunk] : []));
  const load = (generation = 1) =>
    host.handle({
      type: 'load',
      generation,
      source: { from: 'spec', spec },
      resume: { micros: 0, event: 0 },
    });
  const runTo = (micros: number, generation = 1, chunkMicros = 10_000) =>
    host.handle({ type: 'runTo', generation, micros, chunkMicros });
  const release = (count: number, generation = 1) =>
    host.handle({ type: 'release', generation, chunks: count });
  return { host, posted, run, chunks, load, runTo, release, engine };
}

type Started = ReturnType<typeof start>;

/** Runs to a time, releasing each chunk as a page would. */
function runAll({ run, chunks, release }: Started, generation = 1): Chunk[] {
  let released = 0;
  for (;;) {
    run();
    const fresh = chunks().length - released;
    if (fresh === 0) return chunks();
    release(fresh, generation);
    released += fresh;
  }
}

const INJECT: Extract<ToWorker, { type: 'intervene' }> = {
  type: 'intervene',
  generation: 2,
  micros: 62_500,
  afterEventNumber: 62,
  acts: [{ do: 'inject', id: 'x', fault: { type: 'crash', target: 'n1' } }],
};

describe('the host of the engine', () => {
  it('runs no further than it is asked, in chunks that touch', () => {
    const s = start();
    s.load();
    s.runTo(95_000);
    const chunks = runAll(s);
    expect(chunks.at(-1)?.toMicros).toBe(95_000);
    chunks.slice(1).forEach((chunk, i) => {
      expect(chunk.fromMicros).toBe(chunks[i]!.toMicros);
      expect(chunk.fromEvent).toBe(chunks[i]!.toEvent);
    });
  });

  it('has only so many chunks under way until they are released', () => {
    const s = start();
    s.load();
    s.runTo(400_000);
    s.run();
    expect(s.chunks()).toHaveLength(CHUNKS_OUTSTANDING_MAX);
    s.release(1);
    s.run();
    expect(s.chunks()).toHaveLength(CHUNKS_OUTSTANDING_MAX + 1);
  });

  it('does not hear messages of another generation', () => {
    const s = start();
    s.load(5);
    s.runTo(100_000, 4);
    s.run();
    expect(s.chunks()).toHaveLength(0);
    expect(s.posted.every((message) => message.generation === 5)).toBe(true);
  });

  it('stops at the end of the run', () => {
    const s = start();
    s.load();
    s.runTo(10_000_000, 1, 100_000);
    const chunks = runAll(s);
    expect(chunks.at(-1)?.ended).toBe('duration');
    expect(chunks.at(-1)?.toMicros).toBe(400_000);
  });

  it('acts at the moment it is told, and goes on from there', () => {
    const s = start();
    s.load();
    s.runTo(200_000);
    runAll(s);
    s.host.handle(INJECT);
    const [zero] = s.chunks().slice(-1);
    expect(zero).toMatchObject({ fromMicros: 62_500, toMicros: 62_500, generation: 2 });
    expect(zero?.faultChanges.map((change) => change.fault.id)).toEqual(['x']);
    const told = s.posted.find((message) => message.type === 'intervened');
    expect(told?.type === 'intervened' && told.spec.interventions).toHaveLength(1);
    s.runTo(100_000, 2);
    const after = runAll(s, 2).filter((chunk) => chunk.generation === 2);
    expect(after.at(-1)?.toMicros).toBe(100_000);
    expect(after.at(-1)?.faults.map((fault) => fault.id)).toEqual(['x']);
  });

  it('takes up a branch where its chunks end', () => {
    const s = start();
    const resume = { micros: 77_500, event: 77 };
    const source = { from: 'spec', spec } as const;
    s.host.handle({ type: 'load', generation: 1, source, resume });
    s.runTo(80_000);
    const chunks = runAll(s);
    expect(chunks[0]).toMatchObject({ fromMicros: 77_500, fromEvent: 77 });
  });

  it('goes over a stretch again and then on from its head', () => {
    const s = start();
    s.load();
    s.runTo(100_000);
    const before = runAll(s);
    const wanted = before[2]!;
    s.host.handle({
      type: 'seek',
      generation: 1,
      from: { micros: wanted.fromMicros, event: wanted.fromEvent },
      to: { micros: wanted.toMicros, event: wanted.toEvent },
    });
    expect(s.chunks().at(-1)).toEqual(wanted);
    s.runTo(110_000);
    expect(runAll(s).at(-1)).toMatchObject({ fromMicros: 100_000, toMicros: 110_000 });
  });

  it('proves a run aside, and compares it with what its link said', () => {
    const s = start();
    const link = { from: 'link', link: '#h=' } as const;
    const resume = { micros: 0, event: 0 };
    s.host.handle({ type: 'load', generation: 1, source: link, resume });
    s.host.handle({ type: 'prove', generation: 1, atMicros: 5 });
    s.run();
    const verdict = s.posted.find((message) => message.type === 'verdict');
    expect(verdict?.type === 'verdict' && verdict.same).toBe(true);
    expect(s.engine.sessions).toHaveLength(2);
  });

  it('says what is wrong with a link', () => {
    const s = start();
    const source = { from: 'link', link: '#wrong' } as const;
    const resume = { micros: 0, event: 0 };
    s.host.handle({ type: 'load', generation: 1, source, resume });
    expect(s.posted).toMatchObject([{ type: 'error', problem: { message: 'wrong link' } }]);
  });

  it('works in chunks that equal those of a session driven by hand', () => {
    const s = start();
    s.load();
    s.runTo(400_000, 1, 25_000);
    const chunks = runAll(s).map((chunk) => ({ ...chunk, generation: 0 }));
    expect(chunks).toEqual(chunksOf([25_000]));
  });

  it('looks for the slowest requests aside, of the moment that it is asked about', () => {
    const s = start();
    s.load();
    s.runTo(95_000);
    runAll(s);
    const ask = (event: number, node: number | null, generation = 1) =>
      s.host.handle({
        type: 'requests',
        generation,
        node,
        position: { micros: event * 1_000 + 500, event },
      });
    const answers = () => s.posted.flatMap((m) => (m.type === 'requests' ? [m] : []));
    ask(50, null);
    // A newer question takes the place of one that was not answered.
    ask(60, 1);
    s.run();
    expect(answers()).toHaveLength(1);
    expect(answers()[0]).toMatchObject({ node: 1, position: { event: 60 }, requests: { of: 20 } });
    expect(answers()[0]!.requests.slowest.map(({ number }) => number)).toEqual([58, 55]);
    // A later moment goes on from there, an earlier one starts anew.
    ask(90, null);
    s.run();
    ask(30, null);
    s.run();
    expect(answers().map(({ requests }) => requests.of)).toEqual([20, 90, 30]);
    ask(40, null, 7);
    s.run();
    expect(answers()).toHaveLength(3);
    expect(s.chunks().at(-1)?.toMicros).toBe(95_000);
  });

  it('tells of a finding that cannot be explained, and answers the questions beside it', () => {
    const s = start({
      ...syntheticEngine(),
      explain: () => ({
        slice: () => {
          throw new Error('no room');
        },
        result: () => NO_PROOF,
      }),
    });
    s.load();
    const position = { micros: 500, event: 0 };
    const finding = { check: 'x', micros: 1, event: 1, why: 'y', evidence: [1], nodes: [] };
    s.host.handle({ type: 'explain', generation: 1, finding });
    s.run();
    expect(s.posted.at(-1)).toMatchObject({ type: 'error', during: 'explain' });
    s.host.handle({ type: 'requests', generation: 1, node: null, position });
    s.run();
    expect(s.posted.at(-1)).toMatchObject({ type: 'requests' });
    s.runTo(40_000);
    expect(runAll(s).at(-1)?.toMicros).toBe(40_000);
  });

  it('tells of a failure aside, and the run stands', () => {
    const engine = syntheticEngine();
    const s = start({
      ...engine,
      trace: () => {
        throw new Error('no room');
      },
    });
    s.load();
    s.runTo(20_000);
    runAll(s);
    const position = { micros: 20_000, event: 20 };
    s.host.handle({ type: 'requests', generation: 1, node: null, position });
    s.run();
    expect(s.posted.at(-1)).toMatchObject({ type: 'error', during: 'requests' });
    s.runTo(40_000);
    expect(runAll(s).at(-1)?.toMicros).toBe(40_000);
  });
});
