/** `list`: the catalogue by topic. */
import { catalogue } from '../../scenarios/index.ts';
import type { AnyScenario } from '../sim/index.ts';
import type { Action } from './command.ts';
import { EXIT } from './exit.ts';
import { paintFor } from './paint.ts';
import type { Paint } from './paint.ts';
import { columns } from './report/lines.ts';

export const list: Action = async ({ flags, host }) => {
  if (flags.on('json')) {
    host.stdout.write(`${JSON.stringify(catalogue.map(describe), null, 2)}\n`);
    return EXIT.pass;
  }
  const paint = paintFor(host.stdout, host.env);
  const topics = [...new Set(catalogue.map((scenario) => scenario.topic))];
  const blocks = topics.map((topic) => {
    const own = catalogue.filter((scenario) => scenario.topic === topic);
    return [paint.bold(topic), ...own.map((scenario) => scenarioText(scenario, paint))].join('\n');
  });
  const hint = paint.dim(`${host.invocation} run <id> runs one; --help says more.`);
  host.stdout.write(`${blocks.join('\n\n')}\n\n${hint}\n`);
  return EXIT.pass;
};

/** What a program needs to know to run the scenario. */
export function describe(scenario: AnyScenario) {
  return {
    id: scenario.id,
    topic: scenario.topic,
    title: scenario.title,
    summary: scenario.summary,
    tier: scenario.tier,
    params: parametersOf(scenario).map(([name, schema]) => ({ name, ...schema })),
    variants: scenario.variants.map(({ name, about, params, ablations }) => ({
      name,
      about,
      params: params ?? {},
      ablations: ablations ?? [],
    })),
    sources: scenario.sources,
  };
}

interface ParameterDoc {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
}

/** The schemas are JSON Schema: data that says its own bounds. */
export function parametersOf(scenario: AnyScenario): readonly (readonly [string, ParameterDoc])[] {
  const properties = scenario.params.properties as { readonly [name: string]: ParameterDoc };
  return Object.entries(properties);
}

function scenarioText(scenario: AnyScenario, paint: Paint): string {
  const lines = [`  ${paint.bold(scenario.id)}  ${scenario.title}`];
  const rows = parametersOf(scenario).map(([name, doc]) => [
    { text: `      --param ${name}=${String(doc.default)}` },
    { text: rangeOf(doc), shown: paint.dim(rangeOf(doc)) },
    { text: doc.description ?? '', shown: paint.dim(doc.description ?? '') },
  ]);
  lines.push(...columns(rows));
  const others = scenario.variants.slice(1).map((variant) => variant.name);
  if (others.length > 0) lines.push(`      --variant ${others.join(' | ')}`);
  return lines.join('\n');
}

function rangeOf(doc: ParameterDoc): string {
  if (doc.enum !== undefined) return doc.enum.map(String).join(' | ');
  const unit = doc.unit === undefined || doc.unit === 'count' ? '' : ` ${doc.unit}`;
  if (doc.minimum !== undefined && doc.maximum !== undefined) {
    return `${doc.minimum} to ${doc.maximum}${unit}`;
  }
  if (doc.minimum !== undefined) return `from ${doc.minimum}${unit}`;
  return doc.type === 'boolean' ? 'true | false' : (doc.type ?? '') + unit;
}
