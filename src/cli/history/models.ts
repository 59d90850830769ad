/**
 * The table of models: which operations each knows, how their values are read, what judges them.
 *
 * Invariant: an operation whose name a model does not know is refused with its line and the nearest
 * name that it knows; none is left out.
 */
import {
  casRegisterModel,
  checkBank,
  checkCounterBounds,
  checkLongFork,
  checkQueueTotal,
  checkSetFull,
  checkSetTotal,
  checkTransactions,
  checkWatch,
  fencedLockModel,
  keyed,
  logModel,
  multiRegisterModel,
  mutexModel,
  queueModel,
  registerModel,
  setModel,
  stackModel,
  unorderedQueueModel,
} from '../../sim/index.ts';
import type { HistoryValue, Model, Op } from '../../sim/index.ts';
import type { Form } from './edn.ts';
import { judgeObject } from './judge.ts';
import type { InitialShape } from './initial.ts';
import type { JudgeOptions, Judgement } from './judge.ts';
import { kvOf } from './kv.ts';
import type { RawHistory, RawOp } from './operations.ts';
import {
  addend,
  balances,
  eventsOf,
  listOf,
  microOps,
  pairOf,
  refuseNaN,
  registerSteps,
  scalar,
} from './values.ts';

export interface Given {
  readonly raw: RawHistory;
  readonly file: string;
  readonly options: JudgeOptions;
}

export interface CheckModel {
  readonly name: string;
  readonly about: string;
  readonly operations: readonly string[];
  /** Levels that can be asked for with --level; the first is the default. */
  readonly levels: readonly string[];
  /** True: operations with keys are of several histories, and it judges only one. */
  readonly isOfOne: boolean;
  /** True: a read of nil may mean that its result is unknown. */
  readonly leavesNil: boolean;
  /** What --initial gives it; undefined: it reads none. */
  readonly initial: InitialShape | undefined;
  readonly judge: (given: Given) => Judgement;
}

const ORDER_LEVELS = ['linearizable', 'sequential'] as const;
const REGISTER_LEVELS = [
  ...ORDER_LEVELS,
  'causal',
  'convergent',
  'memory',
  'pram',
  'session',
] as const;

type Read = (form: Form, op: RawOp, file: string) => unknown;

/** Values of one operation: of what is asked, and of what comes back. */
interface Values {
  readonly input: Read;
  readonly output: Read;
}

const nothing: Read = () => null;
const one: Read = (form) => scalar(form);
const asked: Values = { input: one, output: nothing };
const answered: Values = { input: nothing, output: one };
const cas: Values = {
  input: (form, op, file) => {
    const [expected, value] = pairOf(form, op, file);
    return { expected, value };
  },
  output: () => true,
};

/** What --initial gives a model; the others begin in one way only. */
const INITIALS: Readonly<Partial<Record<string, InitialShape>>> = Object.freeze({
  register: 'value',
  'cas-register': 'value',
  'multi-register': 'map',
  kv: 'value',
  counter: 'number',
});

type Names = Readonly<Record<string, Values>>;

const REGISTER: Names = { read: answered, write: asked };
const CAS_REGISTER: Names = { ...REGISTER, cas };
const KV: Names = { get: answered, put: asked, append: asked, cas };
const QUEUE: Names = { enqueue: asked, dequeue: answered };
const SET: Names = { add: asked, read: { input: nothing, output: listOf } };
const TXN: Names = {
  txn: {
    input: (form, op, file) => microOps(form, op, file, false),
    output: (form, op, file) => microOps(form, op, file, true),
  },
};
/** Reads and writes may stand under names of their own, as Jepsen writes them. */
const FORKS: Names = Object.freeze(
  Object.fromEntries(['txn', 'read', 'write'].map((f) => [f, TXN['txn'] as Values])),
);
const REGISTERS: Names = Object.freeze(
  Object.fromEntries(
    ['txn', 'read', 'write'].map((f): [string, Values] => [
      f,
      {
        input: (form, op, file) => registerSteps(form, op, file, false),
        output: (form, op, file) => registerSteps(form, op, file, true),
      },
    ]),
  ),
);
const LOCK: Names = {
  acquire: { input: (_, op) => op.client, output: one },
  release: { input: (_, op) => op.client, output: (form) => form.value !== false },
};
const MUTEX: Names = {
  acquire: { input: nothing, output: (form) => form.value !== false },
  release: { input: nothing, output: nothing },
};

export const MODELS: readonly CheckModel[] = [
  object('register', 'one value a key, read and write', REGISTER, REGISTER_LEVELS, ({ initial }) =>
    keyed('register', registerModel(initial ?? null)),
  ),
  object(
    'cas-register',
    'a register with compare-and-set, [expected new]',
    CAS_REGISTER,
    ORDER_LEVELS,
    ({ initial, failedCasObserved }) =>
      keyed('cas-register', casRegisterModel({ initial: initial ?? null, failedCasObserved })),
  ),
  object(
    'multi-register',
    'registers read and written together, [[:read x 0] [:write y 1]]',
    REGISTERS,
    ORDER_LEVELS,
    ({ initialMap }) => multiRegisterModel(initialMap),
  ),
  object(
    'kv',
    'get, put and append of texts, or get, put and cas of values, by key',
    KV,
    ORDER_LEVELS,
    kvOf,
  ),
  object('mutex', 'acquire and release, of a free lock', MUTEX, ORDER_LEVELS, () =>
    keyed('mutex', mutexModel()),
  ),
  object('fenced-lock', 'acquire gives a token that grows', LOCK, ORDER_LEVELS, () =>
    keyed('fenced-lock', fencedLockModel()),
  ),
  object('fifo-queue', 'enqueue and dequeue in order', QUEUE, ORDER_LEVELS, () =>
    keyed('fifo-queue', queueModel()),
  ),
  object('unordered-queue', 'enqueue and dequeue in any order', QUEUE, ORDER_LEVELS, () =>
    keyed('unordered-queue', unorderedQueueModel()),
  ),
  object('stack', 'push and pop', { push: asked, pop: answered }, ORDER_LEVELS, () =>
    keyed('stack', stackModel()),
  ),
  object(
    'grow-set',
    'add, remove and read of a whole set, in order',
    { ...SET, remove: asked },
    ORDER_LEVELS,
    () => keyed('set', setModel()),
  ),
  object(
    'log',
    'append gives an offset; read an offset, with the value',
    {
      append: { input: one, output: one },
      read: { input: one, output: (form, op, file) => offsetRead(form, op, file) },
    },
    ORDER_LEVELS,
    () => keyed('log', logModel()),
  ),
  totals('set', 'add, and a last read: nothing lost, nothing unexpected', SET, (ops) =>
    tellRefuted(checkSetTotal(ops), 'add', 'set-full'),
  ),
  totals(
    'set-full',
    'add, and reads of the whole set: what was known is seen for good',
    SET,
    (ops, { level }) => checkSetFull(ops, { linearizable: level === 'linearizable' }),
    ['eventual', 'linearizable'],
  ),
  totals(
    'watch',
    'append gives a revision; watch tells [[revision value] ...]: no gap, no step back',
    {
      append: { input: one, output: one },
      watch: { input: one, output: (form, op, file) => eventsOf(form, op, file) },
    },
    (ops) => checkWatch(ops),
  ),
  totals('long-fork', 'read and write of rows that are written once', FORKS, (ops) =>
    checkLongFork(ops as never),
  ),
  totals(
    'queue',
    'what was enqueued came out once, after a drain; order does not count',
    { ...QUEUE, drain: { input: nothing, output: listOf } },
    (ops) => tellRefuted(checkQueueTotal(ops), 'enqueue', 'unordered-queue'),
  ),
  totals(
    'counter',
    'each read lies between what was added for sure and at most',
    {
      add: { input: addend, output: nothing },
      read: { input: nothing, output: addend },
    },
    (ops, { initial }) => checkCounterBounds(ops, Number(initial ?? 0)),
  ),
  totals(
    'bank',
    'every read of all accounts adds up to the same total',
    { read: { input: nothing, output: balances }, transfer: { input: nothing, output: nothing } },
    (ops, { total, negativeAllowed }) =>
      checkBank(ops, { ...(total === undefined ? {} : { total }), negativeAllowed }),
  ),
  transactions('list-append', 'transactions that append to lists and read them'),
  transactions('rw-register', 'transactions that write and read registers'),
];

function object<S>(
  name: string,
  about: string,
  names: Names,
  levels: readonly string[],
  make: (options: JudgeOptions, ops: readonly Op[]) => Model<S, never, never>,
): CheckModel {
  const leavesNil = names['read'] === answered;
  return {
    name,
    about,
    operations: Object.keys(names),
    levels,
    isOfOne: names === REGISTERS,
    leavesNil,
    initial: INITIALS[name],
    judge: ({ raw, file, options }) => {
      const ops = opsOf(raw, file, names, leavesNil && !options.nilIsValue);
      const model = make(options, ops);
      return judgeObject(ops, model as Model<unknown>, options);
    },
  };
}

function totals(
  name: string,
  about: string,
  names: Names,
  judge: (ops: readonly Op[], options: JudgeOptions) => Judgement,
  levels: readonly string[] = [],
): CheckModel {
  return {
    name,
    about,
    operations: Object.keys(names),
    levels,
    isOfOne: true,
    leavesNil: false,
    initial: INITIALS[name],
    judge: ({ raw, file, options }) => judge(opsOf(raw, file, names), options),
  };
}

/** What was refused and seen after all is an attempt to Jepsen, and no failure; it is said. */
function tellRefuted(
  result: Judgement & { readonly refuted: readonly HistoryValue[] },
  f: string,
  strict: string,
): Judgement {
  const many = result.refuted.length;
  if (many === 0) return result;
  const times = many === 1 ? `1 ${f} that failed was` : `${many} of ${f} that failed were`;
  return { ...result, notes: [`${times} seen after all: a failure to the model ${strict}.`] };
}

function transactions(workload: 'list-append' | 'rw-register', about: string): CheckModel {
  return {
    name: workload,
    about,
    operations: ['txn'],
    levels: ['strict-serializable', 'serializable', 'snapshot-isolation', 'read-committed', '...'],
    isOfOne: true,
    leavesNil: false,
    initial: undefined,
    judge: ({ raw, file, options }) =>
      checkTransactions(opsOf(raw, file, TXN) as never, {
        workload,
        timed: raw.isTimed,
        assume: options.assume,
        ask: { models: [options.level ?? (raw.isTimed ? 'strict-serializable' : 'serializable')] },
        stepsMax: options.steps,
      }),
  };
}

function opsOf({ ops }: RawHistory, file: string, names: Names, dropsNil = false): Op[] {
  return ops.map((raw): Op => {
    const values = names[raw.f];
    // Unknown names are refused before a model sees them.
    if (values === undefined) throw new Error(`no values for ${raw.f}`);
    const { answered: answer } = raw;
    for (const form of [raw.asked, answer ?? raw.asked]) refuseNaN(form, raw, file);
    const isDropped = dropsNil && raw.f === 'read' && answer?.kind === 'nil';
    const output =
      answer === undefined || isDropped
        ? undefined
        : values.output(answer, { ...raw, line: answer.line }, file);
    return {
      id: raw.id,
      process: raw.process,
      client: raw.client,
      f: raw.f,
      ...(raw.key === undefined ? {} : { key: raw.key }),
      input: values.input(raw.asked, raw, file),
      ...(output === undefined ? {} : { output }),
      outcome: raw.outcome,
      call: raw.call,
      ret: raw.ret,
    };
  });
}

function offsetRead(form: Form, op: RawOp, file: string): HistoryValue {
  return form.kind === 'list' ? pairOf(form, op, file)[1] : scalar(form);
}
