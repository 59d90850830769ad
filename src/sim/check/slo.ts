/**
 * A service level over the operations that clients completed in a window: a share, a quantile, a
 * count, or the longest time in which nobody was answered.
 */
import type { ClientCompleted } from '../contracts/facts.ts';
import { Type, field } from '../contracts/schema.ts';
import { Histogram } from '../observe/histogram.ts';
import type { HistogramImage } from '../observe/histogram.ts';
import { defineCheck } from './check.ts';
import type { Standing } from './check.ts';

const METRICS = ['success-share', 'p50-ms', 'p99-ms', 'ok-count', 'longest-gap-ms'] as const;

interface Args {
  readonly metric: (typeof METRICS)[number];
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly clients: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly operationsMin: number;
}

const bound = (about: string) =>
  Type.Union([Type.Number(), Type.Null()], { description: about, default: null });

export const slo = defineCheck<Args>({
  use: 'slo',
  about: 'A share of successes, a latency or a count stays within bounds over a window.',
  args: Type.Object(
    {
      metric: field.choice(METRICS, {
        about:
          'What is measured, of operations that ended in the window. The longest gap is the time ' +
          'between two successes, the ends of the window included.',
        default: 'success-share',
      }),
      atLeast: bound('The least that is allowed.'),
      atMost: bound('The most that is allowed.'),
      clients: field.text({
        about: 'Only clients of this group; empty: all.',
        default: '',
      }),
      fromMs: field.millis({ about: 'The window begins.', default: 0 }),
      untilMs: field.millis({ about: 'The window ends; 0: with the run.', default: 0 }),
      operationsMin: field.count({
        about: 'With fewer operations in the window nothing is claimed: unknown.',
        default: 1,
      }),
    },
    { additionalProperties: false },
  ),
  create(args, env) {
    const latencies = new Histogram();
    let ended = 0;
    let ok = 0;
    let lastOk = args.fromMs * 1_000;
    let gap = 0;
    let broken = false;
    const until = args.untilMs === 0 ? Infinity : args.untilMs * 1_000;
    const measure = (): number => {
      if (args.metric === 'ok-count') return ok;
      if (args.metric === 'longest-gap-ms') return gap / 1_000;
      if (args.metric === 'success-share') return ended === 0 ? 0 : ok / ended;
      return latencies.percentile(args.metric === 'p50-ms' ? 50 : 99) / 1_000;
    };
    const enough = (): boolean => ended >= args.operationsMin;
    const within = (value: number): boolean =>
      (args.atLeast === null || value >= args.atLeast) &&
      (args.atMost === null || value <= args.atMost);
    return {
      components: [],
      facts: ['client.completed'],
      probes: [],
      onFact(record) {
        const fact = record.fact as ClientCompleted;
        if (record.atMicros < args.fromMs * 1_000 || record.atMicros > until) return;
        if (args.clients !== '' && env.world.node(record.node).group !== args.clients) return;
        ended += 1;
        if (fact.outcome !== 'ok') return;
        ok += 1;
        gap = Math.max(gap, record.atMicros - lastOk);
        lastOk = record.atMicros;
        latencies.record(fact.latencyMicros);
      },
      onEnd() {
        gap = Math.max(gap, Math.min(until, env.world.now) - lastOk);
        const value = measure();
        if (!enough() || within(value)) return;
        broken = true;
        const limit =
          args.atLeast !== null && value < args.atLeast
            ? `at least ${args.atLeast}`
            : `at most ${args.atMost ?? 0}`;
        const rounded = Math.round(value * 1_000) / 1_000;
        env.report({ why: `${args.metric} is ${rounded} over ${ended} operations, not ${limit}.` });
      },
      standing(over): Standing {
        if (!over) return { verdict: 'unknown', text: 'judged at the end' };
        if (!enough()) return { verdict: 'unknown', text: `only ${ended} operations` };
        const text = `${args.metric} ${Math.round(measure() * 1_000) / 1_000}`;
        return { verdict: broken ? 'fail' : 'pass', text };
      },
      save: () => ({ latencies: latencies.save(), ended, ok, lastOk, gap, broken }),
      restore(image) {
        const saved = image as {
          latencies: HistogramImage;
          ended: number;
          ok: number;
          lastOk: number;
          gap: number;
          broken: boolean;
        };
        latencies.restore(saved.latencies);
        ({ ended, ok, lastOk, gap, broken } = saved);
      },
    };
  },
});
