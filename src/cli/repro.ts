/**
 * The one command and the one link that repeat a run.
 */
import { encodeLink, sourceOf } from '../sim/index.ts';
import type { AnyScenario, Built, RunSpec } from '../sim/index.ts';
import { shellWord } from './format.ts';
import type { Host } from './host.ts';
import { parametersOf } from './list.ts';
import type { Subject } from './subject.ts';

/** The address of `npm start`, when FAULTLINE_URL names no other. */
export const URL_DEFAULT = 'http://localhost:5173/';

export function baseUrl(host: Host): string {
  const given = host.env['FAULTLINE_URL'];
  return given === undefined || given === '' ? URL_DEFAULT : given.replace(/#.*$/, '');
}

export interface Repro {
  readonly command: string;
  readonly link: string;
}

export function reproOf(
  spec: RunSpec,
  subject: Subject,
  built: Built,
  host: Host,
  traceHash?: string,
): Repro {
  const shared = sharedSpec(spec, subject, built);
  const view = traceHash === undefined ? {} : { traceHash };
  const link = `${baseUrl(host)}${encodeLink(shared, view)}`;
  return { command: commandOf(spec, subject, link, host), link };
}

/**
 * A link names no file of this machine. A scenario file that uses catalogue parts only is data
 * once built, so its link carries the plan itself and what is expected of it; one with code of its
 * own is named, and its plan hash says which version of it.
 */
export function sharedSpec(spec: RunSpec, subject: Subject, built: Built): RunSpec {
  const { scenario, file } = subject;
  if ('document' in spec.scenario || file === null || scenario === null) return spec;
  if (scenario.registers !== undefined) return spec;
  // The plan is what the override made of it.
  const { planOverride: _applied, ...rest } = spec;
  const from = sourceOf(scenario.id, built);
  return { ...rest, scenario: { document: built.plan, from }, params: {} };
}

export function commandOf(spec: RunSpec, subject: Subject, link: string, host: Host): string {
  const { simMicros, ...otherLimits } = spec.limits;
  const plain =
    spec.interventions.length === 0 &&
    Object.keys(spec.planOverride ?? {}).length === 0 &&
    Object.keys(otherLimits).length === 0;
  if (!plain || !subject.named) return `${host.invocation} replay ${shellWord(link)}`;
  const words = ['run', subject.target, '--seed', String(spec.seed)];
  for (const [name, value] of Object.entries(spec.params)) {
    if (isDefault(subject.scenario, name, value)) continue;
    words.push('--param', `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  for (const rule of spec.ablations) words.push('--off', rule);
  if (spec.order !== 'fifo') words.push('--order', `permute:${spec.order.permute}`);
  if (simMicros !== undefined) words.push('--until', `${simMicros / 1_000}ms`);
  return `${host.invocation} ${words.map(shellWord).join(' ')}`;
}

function isDefault(scenario: AnyScenario | null, name: string, value: unknown): boolean {
  if (scenario === null) return false;
  const shape = new Map(parametersOf(scenario)).get(name);
  return shape !== undefined && JSON.stringify(shape.default) === JSON.stringify(value);
}
