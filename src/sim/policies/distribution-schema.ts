/**
 * Distributions as a user writes them: their schema, and what a schema cannot say of them in one
 * sentence with the place and the nearest valid choice.
 */
import { Type, Value } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { Distribution } from './distribution.ts';

const positive = { exclusiveMinimum: 0 };
const strict = { additionalProperties: false };
const part = Type.Unsafe<Distribution>(Type.Any());

const KINDS = [
  Type.Object({ kind: Type.Literal('constant'), ms: Type.Number() }, strict),
  Type.Object(
    { kind: Type.Literal('uniform'), minMs: Type.Number(), maxMs: Type.Number() },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('exponential'),
      meanMs: Type.Number(positive),
      minMs: Type.Optional(Type.Number()),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('normal'),
      meanMs: Type.Number(),
      sdMs: Type.Number({ minimum: 0 }),
      minMs: Type.Optional(Type.Number()),
    },
    strict,
  ),
  Type.Object(
    { kind: Type.Literal('pareto'), scaleMs: Type.Number(positive), alpha: Type.Number(positive) },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('log-normal'),
      medianMs: Type.Number(positive),
      sigma: Type.Number({ minimum: 0 }),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('mixture'),
      parts: Type.Array(Type.Object({ weight: Type.Number(positive), of: part }, strict), {
        minItems: 1,
      }),
    },
    strict,
  ),
];

/** A distribution of times: one of the kinds of `distribution.ts`. */
export const distributionSchema = Type.Unsafe<Distribution>(Type.Union(KINDS));

/** Throws a ScenarioError unless `value` is a distribution whose samples are at least `leastMs`. */
export function checkDistribution(value: unknown, path: string, leastMs: number): void {
  const { kind } = (value ?? {}) as { readonly kind?: unknown };
  const names = KINDS.map((schema) => schema.properties.kind.const);
  const schema = KINDS[names.findIndex((name) => name === kind)];
  if (schema === undefined) {
    throw new ScenarioError(`${path} is no distribution.`, {
      path,
      hint: `Its kind: ${didYouMean(String(kind), names)}`,
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
  if (error !== undefined) {
    const where = `${path}${error.instancePath}`;
    throw new ScenarioError(`${where} ${error.message}.`, {
      path: where,
      hint: `A distribution of kind ${String(kind)} has ${fields.join(', ')}.`,
    });
  }
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
    });
  }
  if (d.kind === 'exponential' && d.meanMs <= (d.minMs ?? 0)) {
    throw new ScenarioError(`${path}/meanMs must be more than its minMs, ${d.minMs ?? 0}.`, {
      path: `${path}/meanMs`,
    });
  }
  const least = leastOf(d);
  if (least >= leastMs) return;
  throw new ScenarioError(`${path} must be at least ${leastMs} ms, but it may be ${least} ms.`, {
    path,
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
