/**
 * Lost writes: each that was acknowledged must be in the store when all is over, or have been
 * replaced by a later one.
 *
 * Invariant: every write of the clients is counted once; one finding names one lost write, who
 * wrote it, and what stands in its place. Clients must write values that are new for their key.
 *
 * Source: lost-write accounting as in Jepsen's set checker
 */
import { Type, field } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { checkOrder, countBound } from './bounds.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, PlannedRun, Verdict } from './check.ts';
import { KV_OPERATIONS, clientsField, kvOperations } from './client-history.ts';
import { STORES, finalStateOf } from './final-state.ts';
import { checkAcknowledged } from './history/acknowledged.ts';
import type { AcknowledgedResult, FinalState, LostWrite } from './history/acknowledged.ts';
import type { Value } from './history/result.ts';
import { REGISTER_OPERATIONS, registersOf, relativeNote } from './registers.ts';
import { checkHistory } from './told.ts';

interface Args {
  readonly clients: string;
  readonly store: string;
  readonly by: 'state' | 'reads';
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

/** Findings of one run: beyond that they are counted only. */
const FINDINGS_MAX = 100;

/** What was read last of each key, by whoever. */
function byReads(ops: readonly Op[]): FinalState {
  const last = new Map<string, Value>();
  for (const op of ops) {
    if (op.f === 'get' && op.outcome === 'ok') last.set(op.key ?? '', op.output as Value);
  }
  return { values: (key) => (last.has(key) ? [last.get(key) ?? null] : []) };
}

/** Writes of keys that nobody read after they were answered say nothing of what is lost. */
function readAfter(ops: readonly Op[]): Op[] {
  const last = new Map<string, number>();
  for (const op of ops) {
    if (op.f === 'get' && op.outcome === 'ok') last.set(op.key ?? '', op.call);
  }
  return ops.filter((op) => op.outcome !== 'ok' || op.ret < (last.get(op.key ?? '') ?? -1));
}

function judged(args: Args, env: CheckEnv, ops: readonly Op[]): AcknowledgedResult | string {
  if (args.by === 'reads') return checkAcknowledged(readAfter(ops), byReads(ops));
  const isStore = (name: string): boolean =>
    STORES.includes(env.world.group(name)[0]?.component ?? '');
  const name = args.store === '' ? env.world.groups().find(isStore) : args.store;
  const final = name === undefined ? null : finalStateOf(env.world.group(name));
  if (final === null) return `no server of ${name ?? 'any store'} answers for it in the end`;
  return checkAcknowledged(ops, final);
}

/** One store is meant, and what it holds in the end can be read. */
function checkStore({ by, store }: Args, path: string, { groups }: PlannedRun): void {
  const at = `${path}/store`;
  if (by === 'reads') {
    if (store === '') return;
    throw new ScenarioError('store changes nothing: reads are judged by what clients saw.', {
      path: at,
      hint: 'Leave it out, or judge by state.',
    });
  }
  const known = groups.filter(({ behaviour }) => STORES.includes(behaviour.component));
  const names = known.map(({ name }) => `"${name}"`).join(', ');
  if (store === '' && known.length === 1) return;
  if (known.some(({ name }) => name === store)) return;
  const other = groups.find(({ name }) => name === store)?.behaviour.component;
  const hint =
    known.length > 0
      ? `Name ${names}.`
      : `It reads ${STORES.join(', ')}; by: reads judges whatever is there.`;
  if (store !== '') {
    const what = `"${store}" is a ${other ?? 'group that is not there'}`;
    throw new ScenarioError(`${what}, and no store of this check.`, { path: at, hint });
  }
  const what =
    known.length > 1
      ? 'There are several stores, and it is not said which is meant.'
      : 'No group of this plan is a store whose final state can be read.';
  throw new ScenarioError(what, { path: at, hint });
}

/** The numbers, in the words of the accounting. */
export function accountOf(result: AcknowledgedResult): string {
  const { acknowledged, present, overwritten, lost, recovered, ambiguous } = result;
  return (
    `${acknowledged} acknowledged: ${present} there, ${overwritten} replaced, ` +
    `${lost.length} lost; of unknown fate ${recovered} recovered, ${ambiguous} ambiguous`
  );
}

export const acknowledged = defineCheck<Args, readonly [Verdict, string]>({
  use: 'acknowledged',
  about: 'Each write that was acknowledged is in the store in the end, unless a later replaced it.',
  args: Type.Object(
    {
      clients: clientsField(),
      store: field.text({
        about: 'The group of servers that is judged; empty: the only store there is.',
        default: '',
        names: 'group',
      }),
      by: field.choice(['state', 'reads'], {
        about: 'What the servers hold in the end, or what was read last of each key.',
        default: 'state',
      }),
      atLeast: countBound('At least so many are lost.'),
      atMost: countBound('At most so many are lost; without any bound: none.'),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    checkOrder(args, path);
    checkHistory(args.clients, KV_OPERATIONS, path, run);
    checkStore(args, path, run);
  },
  create(args, env) {
    const atMost = args.atMost ?? (args.atLeast === null ? 0 : Infinity);
    let verdict: Verdict = 'unknown';
    let text = 'judged at the end';
    return {
      components: [],
      facts: [],
      probes: [],
      onEnd() {
        const all = kvOperations(args.clients, env, REGISTER_OPERATIONS);
        const registers = registersOf(all);
        const result = judged(args, env, registers.ops);
        const note = relativeNote(registers);
        const leftOut = note === '' ? '' : `; left out: ${note}`;
        if (typeof result === 'string') {
          text = result;
          return;
        }
        text = `${accountOf(result)}${leftOut}`;
        const few = result.lost.length < (args.atLeast ?? 0);
        const many = result.lost.length > atMost;
        if (result.acknowledged === 0) text = `no write was acknowledged${leftOut}`;
        else verdict = few || many || result.refuted.length > 0 ? 'fail' : 'pass';
        if (verdict !== 'fail') return;
        if (few) env.report({ why: `Fewer than ${args.atLeast} lost: ${text}.` });
        const named = [...(many ? result.lost : []), ...result.refuted].slice(0, FINDINGS_MAX);
        const count = many ? result.lost.length : 0;
        named.forEach((one, i) =>
          report(one, i < count ? `Lost write ${i + 1} of ${count}: ` : '', env),
        );
      },
      standing: () => ({ verdict, text }),
      save: () => [verdict, text],
      restore(image) {
        [verdict, text] = image;
      },
    };
  },
});

/** The lost write and the one in its place: no smaller set of operations shows it. */
function report({ id, instead, because }: LostWrite, which: string, env: CheckEnv): void {
  const op = env.history.op(id);
  const shown = instead === null ? [op] : [op, env.history.op(instead)];
  const evidence = new Set<number>();
  for (const { trace } of shown) {
    for (const event of trace ?? []) if (event !== undefined) evidence.add(event);
  }
  env.report({
    why: `${which}${because}`,
    evidence: [...evidence].sort((a, b) => a - b),
    ...(op.retMicros === undefined ? {} : { atMicros: op.retMicros }),
    ...(op.trace?.[1] === undefined ? {} : { event: op.trace[1] }),
  });
}
