/**
 * How often a kind of fact is told: at least and at most so many times in a window. "No leader is
 * elected while the link flaps" is a count of `raft.leader` of at most 0.
 */
import { Type, field } from '../contracts/schema.ts';
import { ms } from '../kernel/time.ts';
import { often } from '../kernel/plural.ts';
import { checkBounds, countBound, checkWindow } from './bounds.ts';
import { defineCheck } from './check.ts';
import { checkFact } from './told.ts';

interface Args {
  readonly fact: string;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** "once", "2 times". */
interface FactCountImage {
  readonly count: number;
  readonly broken: boolean;
  readonly done: boolean;
  readonly closed: boolean;
}

export const factCount = defineCheck<Args, FactCountImage>({
  use: 'fact-count',
  about: 'A kind of fact is told at least and at most so many times in a window.',
  args: Type.Object(
    {
      fact: field.text({
        about: 'The type of the fact, like raft.leader.',
        default: '',
        names: 'fact',
      }),
      atLeast: countBound('The least; null: no bound.'),
      atMost: countBound('The most; null: no bound.'),
      fromMs: field.millis({ about: 'The window begins.', default: 0 }),
      untilMs: field.millis({ about: 'The window ends; 0: with the run.', default: 0 }),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    // Every count is at least 0.
    checkBounds({ atLeast: args.atLeast === 0 ? null : args.atLeast, atMost: args.atMost }, path);
    checkWindow(args, path, run);
    checkFact(args.fact, path, run);
  },
  create(args, env) {
    const atLeast = args.atLeast ?? 0;
    const atMost = args.atMost ?? Infinity;
    const until = args.untilMs === 0 ? Infinity : ms(args.untilMs);
    let count = 0;
    let broken = false;
    let done = false;
    /** Whether the whole window was seen. */
    let closed = false;
    return {
      components: [],
      facts: [args.fact],
      probes: [],
      onFact(record) {
        if (record.atMicros < ms(args.fromMs) || record.atMicros > until) return;
        count += 1;
        if (broken || count <= atMost) return;
        broken = true;
        env.report({
          why: `${args.fact} came ${often(count)}, more than ${atMost}.`,
          evidence: [record.event],
          nodes: [record.node],
        });
      },
      onEnd(complete) {
        done = true;
        closed = until === Infinity ? complete : env.world.now >= until;
        if (broken || !closed || count >= atLeast) return;
        broken = true;
        env.report({ why: `${args.fact} came ${often(count)}, not at least ${atLeast}.` });
      },
      standing() {
        if (broken) return { verdict: 'fail', text: often(count) };
        const missing = !closed && count < atLeast;
        const text = `${often(count)}${closed ? '' : done ? ' before the run ended' : ' so far'}`;
        return { verdict: missing ? 'unknown' : 'pass', text };
      },
      save: () => ({ count, broken, done, closed }),
      restore(image) {
        ({ count, broken, done, closed } = image);
      },
    };
  },
});
