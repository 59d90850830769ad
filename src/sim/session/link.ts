/**
 * Links: a run specification as the part of an address after `#`.
 *
 * What people may want to read or change is written plainly; the rest is packed in `x`:
 *
 *     #s=cap/cp-partition&seed=7&v=1&p.nodes=5&off=raft.pre-vote&h=0123456789abcdef@1500&t=3200000
 *
 * | part | means |
 * |---|---|
 * | `s` | id of the scenario; `ph` the hash of its plan |
 * | `seed`, `v` | seed; version of the engine |
 * | `p.NAME` | a parameter: a number, true, false, null, JSON, or else text |
 * | `off` | rules switched off, with commas |
 * | `order` | `permute:N` for the seeded order of simultaneous events |
 * | `h` | trace hash that the run must have, `@` the event after which (without: at the end) |
 * | `t` | the moment looked at, in simulated microseconds |
 * | `x` | document and the scenario that it is from, planOverride, limits, interventions |
 *
 * Invariant: decodeLink(encodeLink(spec)) is spec, and whatever a stranger writes gives either a
 * specification of the right shape or a ScenarioError.
 */
import { canonicalJson } from '../kernel/canonical.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { LinkExtras } from './link-schema.ts';
import { checkExtras } from './link-schema.ts';
import { pack, parseData, unpack } from './packed.ts';
import { ENGINE } from './spec.ts';
import type { RunSpec } from './spec.ts';

/** What a link says beside the run itself. */
export interface LinkView {
  /** The trace hash that the run must show. */
  readonly traceHash?: string;
  /** After this event; without it, at the end of the run. */
  readonly hashEvent?: number;
  /** The moment that was looked at. */
  readonly atMicros?: number;
}

export interface DecodedLink extends LinkView {
  readonly spec: RunSpec;
}

/** Longer than any link that an address bar takes, short enough to be looked at by every host. */
export const LINK_CHARACTERS_MAX = 2_000_000;

/** The seed of a link that names none. */
const DEFAULT_SEED = 1;

export function encodeLink(spec: RunSpec, view: LinkView = {}): string {
  const parts: string[] = [];
  const say = (key: string, value: string) => parts.push(`${escapePart(key)}=${escapePart(value)}`);
  if ('id' in spec.scenario) {
    say('s', spec.scenario.id);
    if (spec.scenario.planHash !== undefined) say('ph', spec.scenario.planHash);
  }
  say('seed', String(spec.seed));
  say('v', String(spec.engine));
  for (const [name, value] of byName(spec.params)) say(`p.${name}`, parameterText(value));
  if (spec.ablations.length > 0) say('off', spec.ablations.join(','));
  if (spec.order !== 'fifo') say('order', `permute:${spec.order.permute}`);
  if (view.traceHash !== undefined) {
    say('h', view.hashEvent === undefined ? view.traceHash : `${view.traceHash}@${view.hashEvent}`);
  }
  if (view.atMicros !== undefined) say('t', String(view.atMicros));
  const extras = extrasOf(spec);
  if (extras !== null) say('x', pack(extras));
  return `#${parts.join('&')}`;
}

/** Accepts a whole address, or the part from `#` on, with or without the `#`. */
export function decodeLink(text: string): DecodedLink {
  if (text.length > LINK_CHARACTERS_MAX) {
    throw new ScenarioError(
      `The link has ${text.length} letters, more than the ${LINK_CHARACTERS_MAX} that are allowed.`,
      { path: 'link', hint: 'Share the scenario as a file instead.' },
    );
  }
  const parts = splitParts(text.slice(text.indexOf('#') + 1).trim());
  const packed = parts.plain.get('x');
  const extras = packed === undefined ? {} : checkExtras(unpack(packed));
  const order = parts.plain.get('order');
  return {
    spec: {
      engine: whole(parts.plain.get('v'), 'v', ENGINE),
      scenario: scenarioOf(parts.plain, extras),
      params: Object.fromEntries(parts.params),
      ablations: listOf(parts.plain.get('off')),
      seed: whole(parts.plain.get('seed'), 'seed', DEFAULT_SEED),
      order: order === undefined ? 'fifo' : parseOrder(order, 'link.order'),
      ...(extras.planOverride === undefined ? {} : { planOverride: extras.planOverride }),
      limits: extras.limits ?? {},
      interventions: extras.interventions ?? [],
    },
    ...hashOf(parts.plain.get('h')),
    ...(parts.plain.has('t') ? { atMicros: whole(parts.plain.get('t'), 't', 0) } : {}),
  };
}

/** `fifo` or `permute:N`, as links and the command line write it. */
export function parseOrder(text: string, path: string): RunSpec['order'] {
  if (text === 'fifo') return 'fifo';
  const match = /^permute:(\d{1,16})$/.exec(text);
  const seed = match === null ? NaN : Number(match[1]);
  if (Number.isSafeInteger(seed)) return { permute: seed };
  throw new ScenarioError(`The order of simultaneous events is fifo or permute:N, not "${text}".`, {
    path,
    hint: 'N is a seed: permute:1 gives one order, permute:2 another.',
  });
}

const KEYS = ['s', 'ph', 'seed', 'v', 'off', 'order', 'h', 't', 'x'];

interface Parts {
  readonly plain: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, unknown>;
}

function splitParts(text: string): Parts {
  const plain = new Map<string, string>();
  const params = new Map<string, unknown>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const key = unescapePart(equals < 0 ? part : part.slice(0, equals));
    const value = unescapePart(equals < 0 ? '' : part.slice(equals + 1));
    const parameter = key.startsWith('p.') && key.length > 2;
    if (!parameter && !KEYS.includes(key)) {
      throw new ScenarioError(`The link has a part "${shorten(key)}" that no link has.`, {
        path: 'link',
        hint: didYouMean(key, [...KEYS, 'p.NAME']),
      });
    }
    if (parameter ? params.has(key.slice(2)) : plain.has(key)) {
      throw new ScenarioError(`The link says "${shorten(key)}" twice.`, { path: `link.${key}` });
    }
    if (parameter) params.set(key.slice(2), parameterValue(value, key));
    else plain.set(key, value);
  }
  return { plain, params };
}

function scenarioOf(plain: ReadonlyMap<string, string>, extras: LinkExtras): RunSpec['scenario'] {
  const id = plain.get('s');
  const { document, from } = extras;
  if (document === undefined && from !== undefined) {
    throw new ScenarioError('The link says where a document is from, but holds none.', {
      path: 'link.x.from',
    });
  }
  if (document !== undefined) {
    if (id === undefined) return { document, ...(from === undefined ? {} : { from }) };
    throw new ScenarioError('The link names a scenario and holds another one.', { path: 'link.s' });
  }
  if (id === undefined || id === '') {
    throw new ScenarioError('The link names no scenario.', {
      path: 'link.s',
      hint: 'A link looks like #s=cap/cp-partition&seed=7.',
    });
  }
  const planHash = plain.get('ph');
  return planHash === undefined ? { id } : { id, planHash };
}

function extrasOf(spec: RunSpec): LinkExtras | null {
  const extras: LinkExtras = {
    ...('document' in spec.scenario ? spec.scenario : {}),
    ...(spec.planOverride === undefined ? {} : { planOverride: spec.planOverride }),
    ...(Object.keys(spec.limits).length === 0 ? {} : { limits: spec.limits }),
    ...(spec.interventions.length === 0 ? {} : { interventions: spec.interventions }),
  };
  return Object.keys(extras).length === 0 ? null : extras;
}

function hashOf(text: string | undefined): Pick<LinkView, 'traceHash' | 'hashEvent'> {
  if (text === undefined) return {};
  const match = /^([0-9a-f]{16})(?:@(\d{1,16}))?$/.exec(text);
  if (match === null) {
    throw new ScenarioError(
      `The trace hash of the link is 16 hex digits, not "${shorten(text)}".`,
      {
        path: 'link.h',
      },
    );
  }
  const [, traceHash, event] = match;
  return event === undefined
    ? { traceHash: traceHash! }
    : { traceHash: traceHash!, hashEvent: whole(event, 'h', 0) };
}

function whole(text: string | undefined, key: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new ScenarioError(`The link's ${key} must be a whole number, not "${shorten(text)}".`, {
    path: `link.${key}`,
  });
}

const listOf = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : text.split(',').filter((word) => word !== '');

/** A value that is read as JSON: what looks so is JSON, and everything else is text as it is. */
const JSON_VALUE = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$|^["[{]/;

function parameterText(value: unknown): string {
  const plainText = typeof value === 'string' && !JSON_VALUE.test(value) && isWellFormed(value);
  return plainText ? value : canonicalJson(value);
}

function parameterValue(text: string, key: string): unknown {
  return JSON_VALUE.test(text) ? parseData(text, `link.${key}`) : text;
}

function byName(params: RunSpec['params']): readonly (readonly [string, unknown])[] {
  return Object.entries(params).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Percent-encoding; a fragment may hold slashes, colons, commas and `@`, so they stay. */
function escapePart(text: string): string {
  if (!isWellFormed(text)) {
    throw new ScenarioError('A name holds half a character, which no link can carry.', {
      path: 'link',
    });
  }
  return encodeURIComponent(text).replace(/%(2F|3A|2C|40)/g, (code) => decodeURIComponent(code));
}

function unescapePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ScenarioError('The link is damaged: a percent sign is not followed by a code.', {
      path: 'link',
      hint: 'Copy the whole link again.',
    });
  }
}

/** Whether every surrogate has its partner. */
function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

const shorten = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 39)}…`);
