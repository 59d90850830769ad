/**
 * Distributions as a user writes them: their schema, and what a schema cannot say of them in one
 * sentence with the place and the nearest valid choice.
 */
import { explain } from '../contracts/explain.ts';
import { Type, Value } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { LONGEST_MS } from '../kernel/time.ts';
import type { Distribution } from './distribution.ts';

const positive = { exclusiveMinimum: 0 };
const strict = { additionalProperties: false };
const part = Type.Unsafe<Distribution>(
  Type.Any({ description: 'The distribution of this part.', shape: 'distribution' }),
);
const ms = (description: string, bounds: object = {}) =>
  Type.Number({ description, unit: 'ms', maximum: LONGEST_MS, ...bounds });
const least = Type.Optional(ms('Never less than this; without it, 0.'));

/** The kinds by name; the description of a kind says which numbers it gives. */
export const DISTRIBUTION_KINDS = [
  Type.Object(
    { kind: Type.Literal('constant'), ms: ms('The value.') },
    { ...strict, description: 'Always the same value.' },
  ),
  Type.Object(
    { kind: Type.Literal('uniform'), minMs: ms('The least.'), maxMs: ms('The most.') },
    { ...strict, description: 'Everything between two bounds, equally likely.' },
  ),
  Type.Object(
    {
      kind: Type.Literal('exponential'),
      meanMs: ms('The mean, the least included.', positive),
      minMs: least,
    },
    { ...strict, description: 'The least plus an exponential: mostly short, now and then long.' },
  ),
  Type.Object(
    {
      kind: Type.Literal('normal'),
      meanMs: ms('The mean, before what is too small is drawn again.'),
      sdMs: ms('The standard deviation.', { minimum: 0 }),
      minMs: least,
    },
    { ...strict, description: 'Bell-shaped, drawn again until it is at least the least.' },
  ),
  Type.Object(
    {
      kind: Type.Literal('pareto'),
      scaleMs: ms('The least value.', positive),
      alpha: Type.Number({ minimum: 0.1, description: 'The smaller, the heavier the tail.' }),
    },
    { ...strict, description: 'A heavy tail: a few are very long.' },
  ),
  Type.Object(
    {
      kind: Type.Literal('log-normal'),
      medianMs: ms('Half of the values are below it.', positive),
      sigma: Type.Number({ minimum: 0, maximum: 10, description: 'The spread of the logarithm.' }),
    },
    { ...strict, description: 'Skewed to the right, as services often answer.' },
  ),
  Type.Object(
    {
      kind: Type.Literal('mixture'),
      parts: Type.Array(
        Type.Object(
          {
            weight: Type.Number({
              ...positive,
              maximum: 1e9,
              description: 'How often, beside the other parts.',
            }),
            of: part,
          },
          strict,
        ),
        { minItems: 1, description: 'Each with its `weight` and `of`, a distribution.' },
      ),
    },
    { ...strict, description: 'One of several distributions, chosen by weight for each value.' },
  ),
];

/** A distribution of times: one of the kinds of `distribution.ts`. */
export const distributionSchema = Type.Unsafe<Distribution>(Type.Union(DISTRIBUTION_KINDS));

/** Throws a ScenarioError unless `value` is a distribution whose samples are at least `leastMs`. */
export function checkDistribution(value: unknown, path: string, leastMs: number): void {
  const { kind } = (value ?? {}) as { readonly kind?: unknown };
  const names = DISTRIBUTION_KINDS.map((schema) => schema.properties.kind.const);
  const schema = DISTRIBUTION_KINDS[names.findIndex((name) => name === kind)];
  if (schema === undefined) {
    if (typeof kind === 'string') {
      throw new ScenarioError(`There is no distribution "${kind}".`, {
        path: `${path}/kind`,
        hint: didYouMean(kind, names),
      });
    }
    throw new ScenarioError(`${path} is no distribution.`, {
      path,
      hint: `It is a set of named values that begins with its kind: ${names.join(', ')}.`,
    });
  }
  const fields = Object.keys(schema.properties);
  for (const name of Object.keys(value as object)) {
    if (fields.includes(name)) continue;
    throw new ScenarioError(`${path} has no part "${name}".`, {
      path: `${path}/${name}`,
      hint: didYouMean(name, fields),
    });
  }
  const error = Value.Errors(schema, value)[0];
  if (error !== undefined) throw explain(schema, value, error, path);
  checkBounds(value as Distribution, path, leastMs);
}

function checkBounds(d: Distribution, path: string, leastMs: number): void {
  if (d.kind === 'mixture') {
    d.parts.forEach((p, i) => checkDistribution(p.of, `${path}/parts/${i}/of`, leastMs));
    return;
  }
  if (d.kind === 'uniform' && d.minMs > d.maxMs) {
    throw new ScenarioError(`${path} ends at ${d.maxMs} ms before it begins at ${d.minMs} ms.`, {
      path,
      hint: 'maxMs must not be less than minMs.',
    });
  }
  if (d.kind === 'exponential' && d.meanMs <= (d.minMs ?? 0)) {
    throw new ScenarioError(`${path}/meanMs must be more than its minMs, ${d.minMs ?? 0}.`, {
      path: `${path}/meanMs`,
      hint: 'The mean includes the least.',
    });
  }
  // Of clocks and extras what is drawn may be negative.
  const lowest = leastOf(d);
  if (lowest < -LONGEST_MS) {
    throw new ScenarioError(`${path} may be ${lowest} ms.`, {
      path,
      hint: `It is at least ${-LONGEST_MS} ms.`,
    });
  }
  if (lowest >= leastMs) return;
  throw new ScenarioError(`${path} must be at least ${leastMs} ms, but it may be ${lowest} ms.`, {
    path,
    hint: 'Raise its least value.',
  });
}

function leastOf(d: Exclude<Distribution, { readonly kind: 'mixture' }>): number {
  switch (d.kind) {
    case 'constant':
      return d.ms;
    case 'uniform':
    case 'exponential':
    case 'normal':
      return d.minMs ?? 0;
    case 'pareto':
      return d.scaleMs;
    case 'log-normal':
      return 0;
  }
}
