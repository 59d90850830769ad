/** Values of flags: each reads one text or throws one sentence that says what is allowed. */
import { didYouMean, ScenarioError } from '../sim/index.ts';

export function parseWhole(
  text: string,
  flag: string,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new ScenarioError(
    `${flag} must be a whole number from ${least} to ${most}, not "${text}".`,
  );
}

export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

const SEEDS_MAX = 10_000_000;

/** `A..B`, both ends included, or a single seed. */
export function parseSeeds(text: string): SeedRange {
  const match = /^(\d{1,16})(?:\.\.(\d{1,16}))?$/.exec(text);
  const first = Number(match?.[1] ?? NaN);
  const last = Number(match?.[2] ?? match?.[1] ?? NaN);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
    throw new ScenarioError(`--seeds must be A..B, not "${text}".`, {
      hint: `For example --seeds 1..1000; a seed is at most ${Number.MAX_SAFE_INTEGER}.`,
    });
  }
  if (last < first) {
    throw new ScenarioError(`--seeds ${text} ends before it begins.`, {
      hint: `Did you mean ${last}..${first}?`,
    });
  }
  if (last - first >= SEEDS_MAX) {
    throw new ScenarioError(`--seeds ${text} are more than ${SEEDS_MAX} seeds.`, {
      hint: 'Sweep them in parts.',
    });
  }
  return { first, last };
}

export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

export function parseShard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const index = Number(match?.[1] ?? NaN);
  const count = Number(match?.[2] ?? NaN);
  if (match === null || index < 1 || index > count) {
    throw new ScenarioError(`--shard must be I/N with I from 1 to N, not "${text}".`, {
      hint: 'For example --shard 1/4 on the first of four machines.',
    });
  }
  return { index, count };
}

const MICROS_OF = new Map([
  ['us', 1],
  ['ms', 1_000],
  ['s', 1_000_000],
  ['min', 60_000_000],
  ['h', 3_600_000_000],
]);

/** A duration with its unit, in whole microseconds; null when the text is none. */
export function readMicros(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?(us|ms|s|min|h)$/.exec(text);
  if (match === null) return null;
  const micros = Math.round(Number(match[1]) * MICROS_OF.get(match[2]!)!);
  return Number.isSafeInteger(micros) ? micros : null;
}

export function parseUntil(text: string): number {
  const micros = readMicros(text);
  if (micros !== null && micros > 0) return micros;
  const what = micros === null ? 'a time with its unit' : 'more than 0, 1us at least';
  throw new ScenarioError(`--until must be ${what}, not "${text}".`, {
    hint: 'For example --until 5s, --until 300ms or --until 2min.',
  });
}

/** `k=v`, split at the first sign. */
export function parsePair(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new ScenarioError(`--param must be name=value, not "${text}".`, {
    hint: 'For example --param nodes=5.',
  });
}

/** What the schema of a parameter says, as far as reading a text needs it. */
export interface ParameterShape {
  readonly type?: unknown;
  readonly unit?: unknown;
  readonly enum?: unknown;
}

/** The value that a text means for a parameter of this schema; bounds are checked by the engine. */
export function readParameter(name: string, text: string, shape: ParameterShape): unknown {
  if (Array.isArray(shape.enum)) return readChoice(name, text, shape.enum);
  switch (shape.type) {
    case 'number':
    case 'integer':
      return readNumber(name, text, shape);
    case 'boolean':
      return readSwitch(name, text);
    case 'string':
      return text;
    default:
      return readJson(name, text);
  }
}

function readNumber(name: string, text: string, shape: ParameterShape): number {
  const duration = shape.unit === 'ms' ? readMicros(text) : null;
  if (duration !== null) return duration / 1_000;
  const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (Number.isFinite(value)) return value;
  const unit = shape.unit === 'ms' ? 'a number of milliseconds or a time like 2s' : 'a number';
  throw new ScenarioError(`The parameter ${name} is ${unit}, not "${text}".`, {
    path: `params/${name}`,
  });
}

function readSwitch(name: string, text: string): boolean {
  if (text === 'true' || text === 'on' || text === 'yes') return true;
  if (text === 'false' || text === 'off' || text === 'no') return false;
  throw new ScenarioError(`The parameter ${name} is true or false, not "${text}".`, {
    path: `params/${name}`,
  });
}

function readChoice(name: string, text: string, choices: readonly unknown[]): unknown {
  const found = choices.find((choice) => String(choice) === text);
  if (found !== undefined) return found;
  throw new ScenarioError(`The parameter ${name} cannot be "${text}".`, {
    path: `params/${name}`,
    hint: didYouMean(text, choices.map(String)),
  });
}

function readJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ScenarioError(`The parameter ${name} is written as JSON, and this is none.`, {
      path: `params/${name}`,
    });
  }
}
