/**
 * The three temporal checks over a named predicate: always, sometimes, eventually.
 *
 * Source: Stateright's property kinds; `sometimes` guards against a run in which the fault never
 * bit; `eventually` is judged after healing, as in TigerBeetle's liveness phase: what held before
 * the faults proves nothing.
 */
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { ms } from '../kernel/time.ts';
import { checkWindow } from './bounds.ts';
import { defineCheck } from './check.ts';
import type { RunningCheck, Standing } from './check.ts';
import { bindPredicate, predicateArgs } from './predicate-of.ts';
import type { PredicateArgs } from './predicate-of.ts';

const NONE: readonly string[] = Object.freeze([]);

interface AlwaysArgs extends PredicateArgs {
  readonly fromMs: number;
  readonly untilMs: number;
}

export const always = defineCheck<AlwaysArgs, boolean>({
  use: 'always',
  about: 'The predicate holds after every event of its window.',
  args: Type.Object(
    {
      ...predicateArgs,
      fromMs: field.millis({ about: 'The window begins.', default: 0 }),
      untilMs: field.millis({ about: 'The window ends; 0: with the run.', default: 0 }),
    },
    { additionalProperties: false },
  ),
  check: checkWindow,
  create(args, env) {
    const bound = bindPredicate(args, env);
    const from = ms(args.fromMs);
    const until = args.untilMs === 0 ? Infinity : ms(args.untilMs);
    let broken = false;
    const check: RunningCheck<boolean> = {
      components: bound.components,
      facts: NONE,
      probes: NONE,
      onTouched() {
        const { now } = env.world;
        if (broken || now < from || now > until || bound.holds()) return;
        broken = true;
        env.report({
          why: `It stopped being true that: ${lower(bound.predicate.about)}`,
          evidence: [env.world.event],
        });
      },
      standing: (ended): Standing =>
        broken
          ? { verdict: 'fail', text: 'broken' }
          : { verdict: 'pass', text: ended ? 'held' : 'holds now' },
      save: () => broken,
      restore(image) {
        broken = image;
      },
    };
    return check;
  },
});

interface SometimesArgs extends PredicateArgs {
  readonly scope: 'run' | 'sweep';
}

export const sometimes = defineCheck<SometimesArgs, readonly [reached: boolean, cutShort: boolean]>(
  {
    use: 'sometimes',
    about: 'The predicate holds at least once: in the run, or in some run of a sweep.',
    args: Type.Object(
      {
        ...predicateArgs,
        scope: field.choice(['run', 'sweep'], {
          about: 'Where it must be reached.',
          default: 'run',
        }),
      },
      { additionalProperties: false },
    ),
    create(args, env) {
      const bound = bindPredicate(args, env);
      let reached = false;
      let cutShort = false;
      return {
        components: bound.components,
        facts: NONE,
        probes: NONE,
        get reached() {
          return reached;
        },
        onTouched() {
          if (!reached) reached = bound.holds();
        },
        onEnd(complete) {
          cutShort = !complete;
          if (reached || cutShort || args.scope === 'sweep') return;
          env.report({ why: `It never came about that: ${lower(bound.predicate.about)}` });
        },
        standing(ended): Standing {
          if (reached) return { verdict: 'pass', text: 'reached' };
          if (!ended) return { verdict: 'unknown', text: 'not reached yet' };
          if (cutShort)
            return { verdict: 'unknown', text: 'not reached before the run was cut short' };
          return args.scope === 'sweep'
            ? { verdict: 'pass', text: 'not in this run; judged over a sweep' }
            : { verdict: 'fail', text: 'never reached' };
        },
        save: () => [reached, cutShort],
        restore(image) {
          [reached, cutShort] = image;
        },
      };
    },
  },
);

interface EventuallyArgs extends PredicateArgs {
  readonly withinMs: number;
  readonly after: 'heal' | 'start';
}

export const eventually = defineCheck<EventuallyArgs, readonly [reachedAt: number, late: boolean]>({
  use: 'eventually',
  about: 'The predicate comes to hold within a bound, counted from the healing of all faults.',
  args: Type.Object(
    {
      ...predicateArgs,
      withinMs: field.millis({ about: 'The bound.', default: 5_000 }),
      after: field.choice(['heal', 'start'], {
        about:
          'From when the bound counts: from the heal phase, or, in a plan without one, from the ' +
          'end of its last fault; or from the start.',
        default: 'heal',
      }),
    },
    { additionalProperties: false },
  ),
  check({ after }, path, { healMs }) {
    if (after === 'start' || healMs !== null) return;
    throw new ScenarioError(
      'Nobody can say when all faults have healed: the bound has no beginning.',
      {
        path: `${path}/after`,
        hint: 'Give the plan a heal phase (healAtMs), or let the bound count from the start.',
      },
    );
  },
  create(args, env) {
    const bound = bindPredicate(args, env);
    const from = args.after === 'heal' ? (env.healMicros ?? 0) : 0;
    const deadline = from + ms(args.withinMs);
    let reachedAt = -1;
    let late = false;
    const fail = (): void => {
      late = true;
      const bounds = `within ${args.withinMs} ms of the ${args.after}`;
      env.report({ why: `It did not come about ${bounds} that: ${lower(bound.predicate.about)}` });
    };
    return {
      components: bound.components,
      facts: NONE,
      probes: NONE,
      onTouched() {
        const { now } = env.world;
        if (reachedAt >= 0 || late || now < from) return;
        if (now > deadline) fail();
        else if (bound.holds()) reachedAt = now;
      },
      onEnd() {
        if (reachedAt < 0 && !late && env.world.now >= deadline) fail();
      },
      standing(ended): Standing {
        if (reachedAt >= 0) {
          return {
            verdict: 'pass',
            text: `reached ${Math.round((reachedAt - from) / 1_000)} ms on`,
          };
        }
        if (late) return { verdict: 'fail', text: 'not reached in time' };
        return {
          verdict: 'unknown',
          text: ended ? 'the run ended before its bound' : 'not reached yet',
        };
      },
      save: () => [reachedAt, late],
      restore(image) {
        [reachedAt, late] = image;
      },
    };
  },
});

/** The sentence of a predicate, continued after a colon. */
function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
