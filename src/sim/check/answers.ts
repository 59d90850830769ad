/**
 * What clients were answered: operations that ended well and gave back one of the values named, at
 * least and at most so many in a window. "Whoever asks on the large side reads the new value" is a
 * count of reads of another value of at most 0.
 *
 * Lists are equal as sets are: in whatever order a store gives siblings or elements.
 */
import type { ClientFact } from '../contracts/facts.ts';
import { Type, field } from '../contracts/schema.ts';
import { canonicalJson, compareText } from '../kernel/canonical.ts';
import { ms } from '../kernel/time.ts';
import { often } from '../kernel/plural.ts';
import { checkBounds, checkWindow, countBound } from './bounds.ts';
import { defineCheck } from './check.ts';
import { valueKey } from './history/result.ts';
import type { Value } from './history/result.ts';

type Answer = number | string | boolean | null | readonly (number | string | null)[];

interface Args {
  readonly clients: string;
  readonly operation: string;
  readonly key: string;
  readonly values: readonly Answer[];
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

interface AnswersImage {
  readonly open: readonly (readonly [op: number, key: string, atMicros: number])[];
  readonly count: number;
  readonly asked: number;
  readonly isBroken: boolean;
  readonly isClosed: boolean;
}

const single = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);
/** Equal for equal answers. */
function nameOf(answer: Answer): string {
  if (typeof answer === 'boolean') return String(answer);
  if (!Array.isArray(answer)) return String(valueKey(answer as Value));
  const names = (answer as readonly Value[]).map((value) => canonicalJson(value));
  return `[${names.sort(compareText).join()}]`;
}
const shown = (answer: Answer): string =>
  answer === null
    ? 'nothing'
    : Array.isArray(answer)
      ? answer.length === 0
        ? 'nothing'
        : answer.join(' beside ')
      : String(answer);

export const answers = defineCheck<Args, AnswersImage, ClientFact>({
  use: 'answers',
  about:
    'At least and at most so many operations of clients are answered with one of a few values.',
  args: Type.Object(
    {
      clients: field.text({
        about: 'Only clients of this group; empty: all.',
        default: '',
        names: 'group',
      }),
      operation: field.text({ about: 'Only operations of this name.', default: 'get' }),
      key: field.text({ about: 'Only of this key; empty: all.', default: '' }),
      values: Type.Array(Type.Union([single, Type.Array(single)]), {
        default: [],
        description: 'The answers that count; none named: every answer.',
      }),
      atLeast: countBound('The least; null: no bound.'),
      atMost: countBound('The most; null: no bound.'),
      fromMs: field.millis({ about: 'Of operations that begin from here on.', default: 0 }),
      untilMs: field.millis({ about: 'And until here; 0: with the run.', default: 0 }),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    checkBounds({ atLeast: args.atLeast === 0 ? null : args.atLeast, atMost: args.atMost }, path);
    checkWindow(args, path, run);
  },
  create(args, env) {
    const from = ms(args.fromMs);
    const until = args.untilMs === 0 ? Infinity : ms(args.untilMs);
    const wanted = new Set(args.values.map(nameOf));
    const what = `${args.operation}${args.key === '' ? '' : ` of ${args.key}`}`;
    const which = args.values.length === 0 ? '' : ` with ${args.values.map(shown).join(' or ')}`;
    let open = new Map<number, readonly [key: string, atMicros: number]>();
    let [count, asked, isBroken, isClosed] = [0, 0, false, false];
    const isMeant = (node: number): boolean =>
      args.clients === '' || env.world.node(node as never).group === args.clients;
    return {
      components: [],
      facts: ['client.invoked', 'client.completed'],
      probes: [],
      onFact(record) {
        const { fact, atMicros, node, event } = record;
        if (fact.f !== args.operation || !isMeant(node)) return;
        if (fact.type === 'client.invoked') {
          const isOfKey = args.key === '' || fact.key === args.key;
          if (!isOfKey || atMicros < from || atMicros > until) return;
          open.set(fact.op, [fact.key ?? '', atMicros]);
          asked += 1;
          return;
        }
        if (!open.delete(fact.op) || fact.outcome !== 'ok') return;
        const answer = fact.output as Answer;
        if (wanted.size > 0 && !wanted.has(nameOf(answer))) return;
        count += 1;
        if (isBroken || count <= (args.atMost ?? Infinity)) return;
        isBroken = true;
        env.report({
          why:
            `${what} was answered with ${shown(answer)}: ${often(count)}, more than ` +
            `${args.atMost}.`,
          evidence: [event],
          nodes: [node],
        });
      },
      onEnd(complete) {
        isClosed = until === Infinity ? complete : env.world.now >= until;
        if (isBroken || !isClosed || count >= (args.atLeast ?? 0)) return;
        isBroken = true;
        env.report({
          why:
            `${what} was answered${which} ${often(count)} of ${asked}, not at least ` +
            `${args.atLeast}.`,
        });
      },
      standing(ended) {
        const text = `${often(count)} of ${asked}`;
        if (isBroken) return { verdict: 'fail', text };
        // Of who asked nothing nothing is known, not even that it was never answered.
        if (ended && asked === 0) return { verdict: 'unknown', text: 'nobody asked' };
        const isMissing = !isClosed && count < (args.atLeast ?? 0);
        return { verdict: isMissing ? 'unknown' : 'pass', text };
      },
      save: () => ({
        open: [...open].map(([op, [key, atMicros]]) => [op, key, atMicros] as const),
        count,
        asked,
        isBroken,
        isClosed,
      }),
      restore(image) {
        open = new Map(image.open.map(([op, key, atMicros]) => [op, [key, atMicros]]));
        ({ count, asked, isBroken, isClosed } = image);
      },
    };
  },
});
