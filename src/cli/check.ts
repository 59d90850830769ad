/** `check`: is a history from elsewhere what a model allows? */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_BUDGET, didYouMean, ScenarioError } from '../sim/index.ts';
import type { Action, Call } from './command.ts';
import { EXIT } from './exit.ts';
import type { ExitCode } from './exit.ts';
import type { Flags } from './flags.ts';
import { plural, wrap } from './format.ts';
import { FORMATS, formatOf, hintOfName, readLog } from './history/entries.ts';
import type { Format, Log } from './history/entries.ts';
import { initialOf } from './history/initial.ts';
import type { JudgeOptions, Judgement } from './history/judge.ts';
import { MODELS } from './history/models.ts';
import type { CheckModel } from './history/models.ts';
import { operationsOf } from './history/operations.ts';
import type { RawHistory } from './history/operations.ts';
import { MARK_OF, paintFor } from './paint.ts';
import { parseWhole } from './parse.ts';

/** What a person reads at a glance; --json has everything. */
const LINES_MAX = 12;
const WIDTH = 100;
const ASSUMPTIONS = ['sequential-keys', 'linearizable-keys', 'wfr-keys'];

export const check: Action = ({ args, flags, host }) => {
  const file = args[0]!;
  const model = modelNamed(flags.text('model'));
  const text = readText(file, host.cwd);
  const format = formatNamed(flags.text('format')) ?? formatOf(text);
  const log = readLog(text, file, format);
  const raw = operationsOf(log, { file, isKeyed: flags.on('keyed') });
  refuse(raw, log, model, file);
  refuseFlags(flags, model);
  const options = optionsOf(flags, model, format);
  const judgement = unlessEmpty(judged(model, { raw, file, options }), raw, options);
  if (flags.on('json')) {
    host.stdout.write(`${JSON.stringify(jsonOf(judgement, raw, log, model, file), null, 2)}\n`);
  } else {
    host.stdout.write(`${tell(judgement, raw, log, model, options, host).join('\n')}\n`);
  }
  return Promise.resolve(exitOf(judgement));
};

/** What the model refuses about one operation is said of the line that it stands in. */
function judged(model: CheckModel, asked: Parameters<CheckModel['judge']>[0]): Judgement {
  try {
    return model.judge(asked);
  } catch (error) {
    const id =
      error instanceof ScenarioError ? /^history\/(\d+)$/.exec(error.path)?.[1] : undefined;
    const op = id === undefined ? undefined : asked.raw.ops[Number(id)];
    if (!(error instanceof ScenarioError) || op === undefined) throw error;
    const { message, hint } = error;
    throw new ScenarioError(`${asked.file}, line ${op.line}: ${message}`, { hint });
  }
}

/** Flags that would change nothing with this model. */
function refuseFlags(flags: Flags, { name, operations, leavesNil, initial }: CheckModel): void {
  const given: readonly (readonly [flag: string, isGiven: boolean, isRead: boolean])[] = [
    ['total', flags.text('total') !== undefined, name === 'bank'],
    ['negative', flags.on('negative'), name === 'bank'],
    ['assume', flags.texts('assume').length > 0, name === 'rw-register'],
    ['failed-cas', flags.text('failed-cas') !== undefined, operations.includes('cas')],
    ['nil', flags.text('nil') !== undefined, leavesNil],
    ['initial', flags.text('initial') !== undefined, initial !== undefined],
  ];
  const idle = given.find(([, isGiven, isRead]) => isGiven && !isRead);
  if (idle === undefined) return;
  throw new ScenarioError(`--${idle[0]} means nothing to the model ${name}.`, {
    hint: 'Leave it out; `faultline check --help` says which models read it.',
  });
}

/** Where nothing is known to have happened, every order is right and none is shown. */
function unlessEmpty(judgement: Judgement, { ops }: RawHistory, options: JudgeOptions): Judgement {
  const tells = ops.some(
    ({ f, outcome }) => outcome === 'ok' || (f === 'cas' && options.failedCasObserved),
  );
  if (tells || judgement.verdict !== 'pass') return judgement;
  return {
    ...judgement,
    verdict: 'unknown',
    reason: 'nothing to judge: no operation ended with ok',
  };
}

function exitOf({ verdict }: Judgement): ExitCode {
  return verdict === 'pass' ? EXIT.pass : verdict === 'fail' ? EXIT.fail : EXIT.unknown;
}

function modelNamed(name: string | undefined): CheckModel {
  const names = MODELS.map((model) => model.name);
  if (name === undefined) {
    throw new ScenarioError('Say what the history is about with --model.', {
      hint: `Models: ${names.join(', ')}.`,
    });
  }
  const model = MODELS.find((each) => each.name === name);
  if (model !== undefined) return model;
  throw new ScenarioError(`There is no model "${name}".`, { hint: didYouMean(name, names) });
}

function formatNamed(name: string | undefined): Format | undefined {
  if (name === undefined) return undefined;
  const format = FORMATS.find((each) => each === name);
  if (format !== undefined) return format;
  throw new ScenarioError(`There is no format "${name}".`, { hint: didYouMean(name, FORMATS) });
}

function readText(shown: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, shown), 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new ScenarioError(`${shown} is a folder; name a file in it.`);
    if (code === 'ENOENT') throw new ScenarioError(`There is no file ${shown}.`);
    throw new ScenarioError(`${shown} cannot be read (${code ?? String(error)}).`);
  }
}

/** Refuses what no model could judge, and operations that this one does not know. */
function refuse(raw: RawHistory, log: Log, model: CheckModel, file: string): void {
  const [first] = raw.ops;
  if (first === undefined) {
    throw new ScenarioError(`There is no operation in ${file}.`, {
      hint: `Read as ${log.format}; another format is chosen with --format.`,
    });
  }
  for (const op of raw.ops) {
    if (model.operations.includes(op.f)) continue;
    throw new ScenarioError(
      `${file}, line ${op.line}: the model ${model.name} knows no operation "${op.f}".`,
      { hint: `${didYouMean(op.f, model.operations)} ${hintOfName(op.client, op.isNamed)}`.trim() },
    );
  }
  const keyed = raw.ops.find(({ key }) => key !== undefined);
  if (keyed !== undefined && model.isOfOne) {
    throw new ScenarioError(`${file}, line ${keyed.line}: the operation has a key.`, {
      hint: `The model ${model.name} judges one history for all; judge the keys one by one.`,
    });
  }
  const keyless = raw.ops.find(({ key }) => key === undefined);
  if (keyed !== undefined && keyless !== undefined) {
    throw new ScenarioError(`${file}, line ${keyless.line}: the operation has no key.`, {
      hint: `That of line ${keyed.line} has; without one nobody knows what this one is about.`,
    });
  }
  if (raw.isTimed || model.levels.includes('serializable')) return;
  throw new ScenarioError(`${file}, line ${first.line}: no operation of this log was invoked.`, {
    hint: `The model ${model.name} needs entries of type :invoke, for the order of operations.`,
  });
}

function optionsOf(flags: Flags, model: CheckModel, format: Format): JudgeOptions {
  const level = flags.text('level');
  const isFixed = !model.levels.includes('...');
  if (level !== undefined && isFixed && !model.levels.includes(level)) {
    const hint =
      model.levels.length === 0 ? 'It has one question only.' : didYouMean(level, model.levels);
    throw new ScenarioError(`The model ${model.name} knows no level "${level}".`, { hint });
  }
  const assumed = flags.texts('assume').flatMap((text) => text.split(','));
  for (const name of assumed) {
    if (ASSUMPTIONS.includes(name)) continue;
    throw new ScenarioError(`There is no assumption "${name}".`, {
      hint: didYouMean(name, ASSUMPTIONS),
    });
  }
  const steps = flags.text('steps');
  const total = flags.text('total');
  return {
    level,
    steps: steps === undefined ? DEFAULT_BUDGET.steps : parseWhole(steps, '--steps', 1),
    ...initialOf(flags.text('initial'), model),
    failedCasObserved: failedCas(flags.text('failed-cas'), format),
    nilIsValue: nilIsValue(flags.text('nil'), format),
    assume: {
      ...(assumed.includes('sequential-keys') ? { sequentialKeys: true } : {}),
      ...(assumed.includes('linearizable-keys') ? { linearizableKeys: true } : {}),
      // Left out, not false: the definition of a level may use it.
      ...(assumed.includes('wfr-keys') ? { wfrKeys: true } : {}),
    },
    total: total === undefined ? undefined : parseWhole(total, '--total'),
    negativeAllowed: flags.on('negative'),
  };
}

/** The register logs of porcupine report a comparison that failed as fail; Knossos drops it. */
function failedCas(text: string | undefined, format: Format): boolean {
  if (text === undefined) return format === 'log';
  if (text === 'observed' || text === 'never') return text === 'observed';
  throw new ScenarioError(`--failed-cas is observed or never, not "${text}".`);
}

/** To Knossos a read of nil has an unknown result; in a register log nil is what was there. */
function nilIsValue(text: string | undefined, format: Format): boolean {
  if (text === undefined) return format === 'log';
  if (text === 'value' || text === 'unknown') return text === 'value';
  throw new ScenarioError(`--nil is value or unknown, not "${text}".`);
}

function tell(
  judgement: Judgement,
  raw: RawHistory,
  log: Log,
  model: CheckModel,
  options: JudgeOptions,
  host: Call['host'],
): string[] {
  const paint = paintFor(host.stdout, host.env);
  const { verdict, steps, reason, found, rulesOut } = judgement;
  const question = options.level ?? defaultLevel(model, raw);
  const head = `${MARK_OF[verdict]} ${verdict}`;
  const about = `${model.name}${question === undefined ? '' : `, ${question}`}`;
  const clients = plural(processes(raw), 'process', 'processes');
  const size = `${plural(raw.ops.length, 'operation')} of ${clients}`;
  const lines = [`${paint.verdict(verdict, head)}  ${about}: ${size}, ${plural(steps, 'step')}`];
  if (reason !== undefined) lines.push(...wrap(reason, WIDTH));
  if (found !== undefined && found.length > 0) {
    lines.push(`Found ${found.join(', ')}; rules out ${rulesOut?.join(', ')}.`);
  }
  const because = judgement.because ?? judgement.explanation?.because ?? [];
  if (verdict === 'fail') lines.push(...because.flatMap((line) => wrap(line, WIDTH)));
  const notes = [...(judgement.notes ?? []), ...notesOf(log, raw, model, options)];
  const left = LINES_MAX - notes.length;
  const shown =
    lines.length <= left
      ? lines
      : [...lines.slice(0, left - 1), paint.dim(`(${lines.length - left + 1} more lines: --json)`)];
  return [...shown, ...notes.map((note) => paint.dim(note))];
}

/** What was decided on the way and might have been decided otherwise. */
function notesOf(log: Log, raw: RawHistory, model: CheckModel, options: JudgeOptions): string[] {
  const notes: string[] = [];
  if (log.skipped > 0) {
    const lines = log.format === 'log' ? 'line' : 'entry';
    const many = log.format === 'log' ? 'lines' : 'entries';
    notes.push(`Left out ${plural(log.skipped, lines, many)} of no client.`);
  }
  if (log.isNameless) notes.push('No entry has a :process: all are of one.');
  if (!raw.isTimed) notes.push('No invocations: nothing follows from sessions or real time.');
  if (raw.ops.some(({ f, outcome }) => f === 'cas' && outcome === 'fail')) {
    const as = options.failedCasObserved ? 'saw another value' : 'never happened';
    const other = options.failedCasObserved ? 'never' : 'observed';
    notes.push(`A cas that failed ${as} (--failed-cas ${other}: the other reading).`);
  }
  if (!options.nilIsValue && model.leavesNil && raw.ops.some(isReadOfNil)) {
    notes.push('A read of nil has an unknown result (--nil value: it read nil).');
  }
  return notes;
}

function isReadOfNil({ f, answered }: RawHistory['ops'][number]): boolean {
  return f === 'read' && answered?.kind === 'nil';
}

function defaultLevel(model: CheckModel, raw: RawHistory): string | undefined {
  if (model.levels.includes('...')) return raw.isTimed ? 'strict-serializable' : 'serializable';
  return model.levels[0];
}

function processes(raw: RawHistory): number {
  return new Set(raw.ops.map(({ process }) => process)).size;
}

function jsonOf(
  judgement: Judgement,
  raw: RawHistory,
  log: Log,
  model: CheckModel,
  file: string,
): unknown {
  const lineOf = raw.ops.map(({ line }) => line);
  return {
    file,
    model: model.name,
    format: log.format,
    operations: raw.ops.length,
    processes: processes(raw),
    timed: raw.isTimed,
    skipped: log.skipped,
    ...judgement,
    ...(judgement.explanation === undefined
      ? {}
      : { lines: judgement.explanation.window.map((id) => lineOf[id]) }),
  };
}
