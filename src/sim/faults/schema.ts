/**
 * The faults of the catalogue as schemas: from these come validation, the page's controls, the
 * document format and the reference pages.
 */
import { explain } from '../contracts/explain.ts';
import { Type, Value } from '../contracts/schema.ts';
import type { TObject } from '../contracts/schema.ts';
import { checkNames } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { LONGEST_MS } from '../kernel/time.ts';
import { checkDistribution, distributionSchema } from '../policies/distribution-schema.ts';
import { checkSelector } from '../world/selector-schema.ts';
import type { SelectorNames } from '../world/selector-schema.ts';
import type { Selector } from '../world/selector.ts';
import { DRIFT_MAX_PPM } from './fault.ts';
import type { Fault, FaultType } from './fault.ts';

const selector = (about: string) => Type.Unsafe<Selector>(Type.Any({ description: about }));
const number = (about: string, unit: string, bounds: { minimum?: number; maximum?: number } = {}) =>
  Type.Number({ description: about, unit, ...bounds });
const probability = number('How likely, for each packet.', '', { minimum: 0, maximum: 1 });

const strict = { additionalProperties: false };
const factor = { minimum: 0, maximum: 1_000_000 };
const from0 = { minimum: 0, maximum: LONGEST_MS };
/** Wall clocks differ by more than any run lasts: 31 years. */
const JUMP_MAX_MS = 1e12;

export interface FaultDefinition {
  readonly type: FaultType;
  /** One sentence: what it does, and what undoing it does. */
  readonly about: string;
  readonly fields: TObject;
  readonly source: string;
}

const target = { target: selector('Which nodes.') };
const ends = {
  from: Type.Optional(selector('Which senders; without it, all.')),
  to: Type.Optional(selector('Which receivers; without it, all.')),
};

type Fields = Parameters<typeof Type.Object>[0];
type Described = Omit<FaultDefinition, 'type' | 'fields'> & { readonly fields: Fields };

const define = (about: string, source: string, fields: Fields): Described => ({
  about,
  source,
  fields,
});

/** By type: a fault that is not described here does not compile. */
const DEFINITIONS: { readonly [T in FaultType]: Described } = {
  crash: define(
    'The machine dies and loses what was not on disk; undone, it starts again.',
    'Jepsen kill/start; TigerBeetle crash',
    {
      ...target,
      machineUp: Type.Optional(
        Type.Boolean({
          description:
            'Only the process dies: its machine refuses new connections and resets open ones.',
        }),
      ),
    },
  ),
  terminate: define(
    'The process is asked to end, and later killed; undone, another one starts once it has ended.',
    'Kubernetes, Pod Lifecycle, Termination of Pods',
    {
      ...target,
      graceMs: Type.Optional(
        number('Then it is killed (SIGKILL); without it, 30,000.', 'ms', {
          minimum: 0,
          maximum: 86_400_000,
        }),
      ),
      preStopMs: Type.Optional(
        number('It is asked (SIGTERM) so long after it was marked; without it, at once.', 'ms', {
          minimum: 0,
          maximum: 86_400_000,
        }),
      ),
    },
  ),
  pause: define(
    'The process stops and everything waits for it; undone, it goes on.',
    'Jepsen pause (SIGSTOP)',
    target,
  ),
  partition: define('Nodes in different groups do not hear one another.', 'Jepsen partition', {
    groups: Type.Array(selector('One side; nodes that are named nowhere form another.'), {
      minItems: 1,
    }),
  }),
  'one-way': define(
    'Packets from one side to the other are lost; the other way works.',
    'turmoil partition_oneway',
    { from: selector('Senders.'), to: selector('Receivers.') },
  ),
  'cut-link': define(
    'The links between two selections are cut both ways.',
    'OmniPaxos partial connectivity',
    { a: selector('One end.'), b: selector('The other end.') },
  ),
  loss: define('Packets are lost, alone or in bursts.', 'netem loss; Chaos Mesh loss', {
    ...ends,
    probability,
    burst: Type.Optional(
      number('The chance that a loss follows a loss.', '', { minimum: 0, maximum: 0.999 }),
    ),
  }),
  latency: define('Packets take longer.', 'Chaos Mesh delay; toxiproxy latency', {
    ...ends,
    factor: Type.Optional(number('The link takes so many times as long.', 'x', factor)),
    extra: Type.Optional(distributionSchema),
  }),
  duplicate: define('Some packets arrive twice.', 'netem duplicate', { ...ends, probability }),
  reorder: define(
    'Some packets are held back: later ones overtake them, or wait behind them on one connection.',
    'netem reorder',
    { ...ends, probability, by: distributionSchema },
  ),
  'clock-jump': define('The wall clock jumps; undone, it jumps back.', 'Jepsen bump', {
    ...target,
    byMs: number('By so much; negative: backwards.', 'ms', {
      minimum: -JUMP_MAX_MS,
      maximum: JUMP_MAX_MS,
    }),
  }),
  'clock-drift': define('Both clocks of a node run fast or slow.', 'Jepsen; TigerBeetle linear', {
    ...target,
    ppm: number('Microseconds a second.', 'ppm', {
      minimum: -DRIFT_MAX_PPM,
      maximum: DRIFT_MAX_PPM,
    }),
  }),
  'slow-disk': define('An fsync takes longer.', 'FoundationDB disk stall', {
    ...target,
    factor: Type.Optional(number('So many times as long.', 'x', factor)),
    extraMs: Type.Optional(number('And so much more.', 'ms', from0)),
  }),
  'fsync-off': define(
    'Disks say "done" before they are: a crash loses what they promised in the last five seconds.',
    'lazyfs lose-unfsynced-writes; etcd --unsafe-no-fsync; a write cache without a battery',
    target,
  ),
  'slow-cpu': define('Work takes longer: a grey failure.', 'Chaos Mesh CPU stress', {
    ...target,
    factor: number('So many times as long.', 'x', factor),
  }),
};

export const FAULTS: readonly FaultDefinition[] = (Object.keys(DEFINITIONS) as FaultType[]).map(
  (type) => {
    const { fields, ...words } = DEFINITIONS[type];
    return { type, ...words, fields: Type.Object({ type: Type.Literal(type), ...fields }, strict) };
  },
);

/** Strikes again and again. */
export const everySchema = Type.Object(
  {
    interval: Type.Unsafe<object>(
      Type.Any({ description: 'From one strike to the next.', shape: 'distribution' }),
    ),
    fromMs: Type.Optional(number('Not before; without it, from the start.', 'ms', from0)),
    untilMs: Type.Optional(number('Not after; without it, to the end.', 'ms', from0)),
  },
  { ...strict, description: 'Again and again.', shape: 'every' },
);

/** Strikes when a predicate comes to hold. */
export const whenSchema = Type.Object(
  {
    use: Type.String({ description: 'The name of the predicate.' }),
    args: Type.Optional(Type.Any({ description: 'Its arguments.', shape: 'arguments' })),
    delayMs: Type.Optional(number('So long after; without it, at once.', 'ms', from0)),
    times: Type.Optional(
      Type.Integer({ description: 'How often at most; without it, once.', minimum: 1 }),
    ),
  },
  { ...strict, description: 'When a predicate comes to hold.', shape: 'when' },
);

/** An entry of a fault plan in a document; the fault itself is checked by `checkFault`. */
export const faultEntrySchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({ description: 'Names it in the trace; without it, its type and place.' }),
    ),
    fault: Type.Unsafe<Fault>(
      Type.Object({ type: Type.String() }, { description: 'What breaks.', shape: 'fault' }),
    ),
    atMs: Type.Optional(number('At this time.', 'ms', from0)),
    every: Type.Optional(everySchema),
    when: Type.Optional(whenSchema),
    forMs: Type.Optional(
      number('Undone after so long; without it, at `healAtMs` or never.', 'ms', from0),
    ),
  },
  strict,
);

/**
 * Throws a ScenarioError unless `fault` is one of the catalogue with fields that make sense; with
 * the names of the plan, also where it aims at a group or role that is not there.
 */
export function checkFault(fault: unknown, path: string, names?: SelectorNames): void {
  const { type } = (fault ?? {}) as { readonly type?: unknown };
  const types = FAULTS.map((f) => f.type);
  const definition = FAULTS.find((f) => f.type === type);
  if (definition === undefined) {
    throw new ScenarioError(`There is no fault "${String(type)}".`, {
      path: `${path}/type`,
      hint: didYouMean(String(type), types),
    });
  }
  checkNames(definition.fields, fault, path);
  checkParts(definition, fault as Fault, path, names);
  const error = Value.Errors(definition.fields, fault)[0];
  if (error === undefined) {
    checkEffect(fault as Fault, path);
    return;
  }
  throw explain(definition.fields, fault, error, path);
}

const SELECTORS: readonly string[] = ['target', 'from', 'to', 'a', 'b', 'groups'];
const DISTRIBUTIONS: readonly string[] = ['extra', 'by'];

/** Parts with a language of their own: their mistakes are told in it, before the schema speaks. */
function checkParts(
  definition: FaultDefinition,
  fault: Fault,
  path: string,
  names?: SelectorNames,
): void {
  for (const [name, value] of Object.entries(fault)) {
    if (!(name in definition.fields.properties)) continue;
    const where = `${path}/${name}`;
    if (SELECTORS.includes(name)) checkSelector(value, where, names);
    // Where a packet would arrive before it was sent, it arrives at once.
    else if (DISTRIBUTIONS.includes(name)) checkDistribution(value, where, -Infinity);
  }
}

/** What a schema of single fields cannot say: a fault that would change nothing is a mistake. */
function checkEffect(fault: Fault, path: string): void {
  const missing =
    fault.type === 'latency' && fault.factor === undefined && fault.extra === undefined
      ? 'a factor, an extra, or both'
      : fault.type === 'slow-disk' && fault.factor === undefined && fault.extraMs === undefined
        ? 'a factor, extraMs, or both'
        : null;
  if (missing === null) return;
  throw new ScenarioError(`A ${fault.type} fault needs ${missing}.`, { path });
}
