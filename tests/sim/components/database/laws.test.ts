/** Writes that wait for the disk, or that a replica holds back: counted, and missed if dropped. */
import { describe, expect, it } from 'vitest';
import { lawBroken } from '../../../../src/sim/check/conservation.ts';
import type { DatabaseState } from '../../../../src/sim/components/database/state.ts';
import { AskBench } from '../support/ask-bench.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { brokenAt, flowNamed } from '../support/flows.ts';
import { constant, db, write } from './support.ts';

const state = (b: AskBench, name: string) => b.node(name).state as DatabaseState;

describe('the log of a database', () => {
  const bench = () => {
    const b = new AskBench({ groups: [db({}, { cores: 8, disk: { fsync: constant(10) } })] });
    for (const key of [1, 2, 3]) b.ask('db1', write(key));
    return b.to(7);
  };

  it('counts each write until it is on disk', () => {
    const b = bench();
    expect(flowNamed(b.node('db1'), 'disk log')).toMatchObject({ arrived: 3, left: 0, inside: 3 });
    b.to(200);
    const { arrived, left, sojournMicros, areaMicros } = flowNamed(b.node('db1'), 'disk log');
    expect([arrived, left]).toEqual([3, 3]);
    // Written at 5; the first fsync takes ten milliseconds, and no write less.
    expect(sojournMicros).toBeGreaterThanOrEqual(30_000);
    expect(areaMicros).toBe(sojournMicros);
  });

  it('without synchronous commits counts what a crash would lose', () => {
    const b = new AskBench({ groups: [db({ synchronousCommit: false })] });
    b.ask('db1', write(1));
    b.to(50);
    expect(flowNamed(b.node('db1'), 'disk log')).toMatchObject({ arrived: 1, inside: 1 });
    b.to(500);
    expect(flowNamed(b.node('db1'), 'disk log')).toMatchObject({ left: 1, sojournMicros: 200_000 });
  });

  it('misses a write that is dropped without a word', () => {
    const b = bench();
    expect(brokenAt(b.node('db1'), 'disk log')).toBe(null);
    state(b, 'db1').log.pop();
    expect(brokenAt(b.node('db1'), 'disk log')).toBe(
      'disk log: 3 arrived, but 0 left and 2 are inside.',
    );
  });

  it('misses a write in whose time of arrival it is wrong', () => {
    const b = bench();
    const { log } = state(b, 'db1');
    log.forEach((one, i) => void (log[i] = { ...one, sinceMicros: one.sinceMicros - 1_000 }));
    b.to(200);
    expect(brokenAt(b.node('db1'), 'disk log')).toMatch(/cannot have arrived/);
  });
});

describe('a replica', () => {
  const bench = () => {
    const b = new AskBench({
      groups: [
        db({}, { cores: 8 }),
        db({ replicationDelay: constant(100) }, { name: 'r', links: { primary: 'db' } }),
      ],
    });
    // It has been heard of before anything is written.
    b.to(10);
    for (const key of [1, 2]) b.ask('db1', write(key));
    return b.after(20);
  };

  it('counts the writes that it holds back', () => {
    const b = bench();
    expect(flowNamed(b.node('r1'), 'held writes')).toMatchObject({ arrived: 2, inside: 2 });
    b.after(200);
    expect(flowNamed(b.node('r1'), 'held writes')).toMatchObject({
      left: 2,
      inside: 0,
      sojournMicros: 200_000,
      areaMicros: 200_000,
    });
  });

  it('misses one that is dropped without a word', () => {
    const b = bench();
    expect(brokenAt(b.node('r1'), 'held writes')).toBe(null);
    state(b, 'r1').held.shift();
    expect(brokenAt(b.node('r1'), 'held writes')).toMatch(/2 arrived, but 0 left and 1 are/);
  });
});

describe('a database and its replica in a storm', () => {
  const groups = (synchronousCommit: boolean) => [
    db({ synchronousCommit, lockTimeoutMs: 30 }, { disk: { fsync: constant(3) } }),
    db(
      { replicationDelay: { kind: 'uniform', minMs: 0, maxMs: 40 }, statusIntervalMs: 50 },
      { name: 'r', links: { primary: 'db' } },
    ),
  ];
  const network = {
    latency: { kind: 'uniform', minMs: 0.5, maxMs: 8 },
    lossProbability: 0.1,
    duplicateProbability: 0.1,
  } as const;

  it('keep account of every write, whenever one looks', () => {
    const passed = new Map<string, number>();
    forSeeds(12, import.meta.url, (seed, random) => {
      const b = new AskBench({ groups: groups(random.chance(50)), seed, network });
      for (let i = 0; i < 150; i++) {
        if (random.chance(70)) b.ask('db1', write(random.int(9), { seed: i }));
        if (i % 50 === 20) b.crash('r1').after(30).restart('r1');
        if (i % 50 === 40) b.crash('db1').after(30).restart('db1');
        b.after(random.between(1, 6));
        for (const name of ['db1', 'r1']) {
          const { behaviour, state: now } = b.node(name);
          for (const flow of behaviour.flows?.(now) ?? []) {
            expect(lawBroken(flow), `${name}, seed ${seed}`).toBe(null);
            const of = `${name} ${flow.name}`;
            passed.set(of, Math.max(passed.get(of) ?? 0, flow.left));
          }
        }
      }
      b.after(2_000);
      for (const name of ['db1', 'r1']) {
        const inside = ['queries', 'lock waits', 'disk log', 'held writes'].map(
          (flow) => flowNamed(b.node(name), flow).inside,
        );
        expect(inside, `${name}, seed ${seed}`).toEqual([0, 0, 0, 0]);
      }
    });
    for (const of of ['db1 disk log', 'r1 disk log', 'r1 held writes', 'db1 lock waits']) {
      expect(passed.get(of), of).toBeGreaterThan(5);
    }
  });
});
