/**
 * SWIM's published times, by members that run: how long until the first of them finds a crash,
 * the worst case of probing in turn, and how news spread. Das et al. (DSN 2002), 3.2, 4.1, 4.3.
 *
 * The analysis has rounds: all probe at one moment (`stagger` off), a member crashes just before
 * it, targets are random (`swim.round-robin` off), a probe fails at the end of its period, and who
 * misses answers probes on as fast as before (Lifeguard came later).
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { SwimFact } from '../../../src/sim/components/swim-member/swim-member.ts';
import { Bench } from '../../sim/components/support/bench.ts';
import { intervalOf } from '../traffic/support/statistics.ts';

const isLong = process.env['FAULTLINE_LONG'] === '1';
/** The analysis counts the others: of these 40 a share is alive. */
const MEMBERS = 41;
const PERIOD_MS = 1_000;
const CONFIDENCE = 0.99;
/** Of thousands of runs, on whatever machine. */
const TIMEOUT_MS = 1_800_000;

const bench = (count: number, seed: number, off: string[], config: object = {}): Bench => {
  const group = {
    name: 'm',
    component: 'swim-member',
    count,
    config: { stagger: false, ...config },
  };
  return new Bench({ groups: [group], components: [], ablations: off, seed });
};

/** Of each of those that crash at once, after how many periods the first other suspects it. */
function firstDetections(faulty: number, seed: number): number[] {
  // Gossip apart from probes would only cost time: who finds first does not depend on it.
  const config = { gossipIntervalMs: 0, awarenessMaxMultiplier: 1 };
  const b = bench(MEMBERS, seed, ['swim.round-robin'], config);
  const crashMs = 3 * PERIOD_MS - 1;
  b.ms(crashMs);
  for (let i = 1; i <= faulty; i++) b.inject(`c${i}`, { type: 'crash', target: `m${i}` });
  b.ms(crashMs + 14 * PERIOD_MS);
  const first = new Map<number, number>();
  for (const { fact, atMicros } of b.told<SwimFact>('swim.suspect')) {
    if ('node' in fact && !first.has(fact.node)) first.set(fact.node, atMicros);
  }
  return Array.from({ length: faulty }, (_, i) => {
    const at = first.get(b.index(`m${i + 1}`));
    if (at === undefined) throw new Error(`seed ${seed}: m${i + 1} was not found in 14 periods`);
    return (at / 1_000 - crashMs) / PERIOD_MS;
  });
}

const lines: string[] = [];
afterAll(() => {
  const head = 'first detection, in periods | published | measured | interval of 99 %';
  console.info([head, ...lines].join('\n'));
});

describe('SWIM: the expected time of the first detection, in periods', () => {
  it.each([
    { share: 1, published: 1.582, faulty: 1, runs: isLong ? 2_000 : 120 },
    { share: 0.95, published: 1.63, faulty: 3, runs: isLong ? 800 : 60 },
    { share: 0.9, published: 1.685, faulty: 5, runs: isLong ? 500 : 40 },
  ])(
    'with a share $share of members alive is $published',
    ({ share, published, faulty, runs }) => {
      const means = Array.from({ length: runs }, (_, i) => {
        const found = firstDetections(faulty, i + 1);
        return found.reduce((sum, x) => sum + x, 0) / found.length;
      });
      const { mean, low, high } = intervalOf(means, CONFIDENCE);
      lines.push(
        `share alive ${share}, ${runs} runs of ${faulty} crashes | ${published} | ` +
          `${mean.toFixed(3)} | ${low.toFixed(3)} to ${high.toFixed(3)}`,
      );
      expect(published).toBeGreaterThanOrEqual(low);
      expect(published).toBeLessThanOrEqual(high);
    },
    TIMEOUT_MS,
  );
});

describe('SWIM: probing in turn', () => {
  it('probes each member by each other within 2n - 1 periods, and comes near to that', () => {
    const count = 8;
    const b = bench(count, 1, []).ms((isLong ? 3_000 : 400) * PERIOD_MS);
    const last = new Map<string, number>();
    let worst = 0;
    for (const { from, to, atMicros } of b.sent('swim.ping')) {
      const before = last.get(`${from}-${to}`);
      if (before !== undefined) worst = Math.max(worst, (atMicros - before) / 1_000 / PERIOD_MS);
      last.set(`${from}-${to}`, atMicros);
    }
    const bound = 2 * count - 1;
    console.log(`longest wait for a probe among ${count}: ${worst} periods, bound ${bound}`);
    expect(last.size).toBe(count * (count - 1));
    expect(worst).toBeGreaterThan(1.5 * count);
    expect(worst).toBeLessThanOrEqual(bound);
  });
});

describe('SWIM: news', () => {
  /** From the first suspicion until the last member has heard of it, in rounds of gossip. */
  const rounds = (count: number, seed: number): number => {
    const b = bench(count, seed, [], { stagger: true });
    b.ms(3_000).inject('gone', { type: 'crash', target: 'm1' });
    b.ms(20_000);
    const heard = b.told<SwimFact>('swim.suspect').map(({ atMicros }) => atMicros);
    expect(heard.length).toBe(count - 1);
    return (Math.max(...heard) - Math.min(...heard)) / 200_000;
  };

  it('reach all members in a number of rounds that grows as the logarithm', () => {
    const seeds = Array.from({ length: isLong ? 20 : 4 }, (_, i) => i + 1);
    const sizes = [8, 32, 128];
    const means = sizes.map(
      (size) => seeds.reduce((sum, seed) => sum + rounds(size, seed), 0) / seeds.length,
    );
    sizes.forEach((size, i) => {
      const bound = 2 * (Math.log(size) / Math.log(1 + 3)) + 3;
      console.log(
        `${size} members: ${means[i]!.toFixed(1)} rounds of gossip, bound ${bound.toFixed(1)}`,
      );
      expect(means[i]!).toBeLessThanOrEqual(bound);
    });
    // Sixteen times the members, not four times the rounds.
    expect(means[2]!).toBeLessThan(4 * means[0]!);
  });
});
