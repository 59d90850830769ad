/**
 * Variants of one scenario are pairs: with one seed the same clients want the same things, so that
 * what differs in the end comes from what the variant changes.
 *
 * What holds, and is asserted of all variants of the catalogue's stores: each client asks for the
 * same things of the same keys in the same order, for as long as both runs last. Who follows a
 * plan (a script, a rate) asks at the same moments, too. Who thinks between an answer and the next
 * question asks for the first thing at the same moment, and later ones as the answers come.
 */
import { describe, expect, it } from 'vitest';
import { Session, makeSpec } from 'faultline';
import type { AnyScenario } from 'faultline';
import { catalogue } from '../../scenarios/index.ts';

/** Within the compared time: pairs whose point is that something else is asked for, and what. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['cap/merging-types cart', 'another type has other operations'],
  ['cap/merging-types title', 'another type has other operations'],
  ['cap/merging-types plain-number', 'another type has other operations'],
  ['consensus/flapping-link logs-only', 'nobody writes in it'],
  ['consensus/lost-fsync late', 'more is written before a later outage'],
  ['consensus/lost-fsync flushed-late', 'more is written before a later outage'],
]);

/** By then every fault of most of them has struck, and clients have asked hundreds of things. */
const UNTIL_MICROS = 8_000_000;

interface Asked {
  readonly atMicros: number;
  readonly words: string;
}
interface Arrivals {
  readonly asked: ReadonlyMap<string, readonly Asked[]>;
  /** Groups whose clients wait for an answer and then think. */
  readonly thinking: ReadonlySet<string>;
}

function arrivalsOf(scenario: AnyScenario, variant: string): Arrivals {
  const spec = makeSpec(scenario, { seed: 1, variant });
  const observe = { checks: false, metrics: false };
  const session = new Session(spec, { scenarios: [scenario], observe });
  session.advance({ untilMicros: UNTIL_MICROS });
  const asked = new Map<string, Asked[]>();
  for (const { node, f, key = '', callMicros } of session.observers.history.ops()) {
    const { name } = session.world.node(node!);
    const one = { atMicros: callMicros!, words: `${f} ${key}` };
    const known = asked.get(name);
    if (known === undefined) asked.set(name, [one]);
    else known.push(one);
  }
  const thinks = session.plan.groups.filter(({ config }) => 'thinkMs' in (config ?? {}));
  return { asked, thinking: new Set(thinks.map(({ name }) => name)) };
}

/** What differs between the arrivals of two runs, a line for each client. */
function differences(one: Arrivals, other: Arrivals): string[] {
  const lines: string[] = [];
  for (const [name, mine] of one.asked) {
    const theirs = other.asked.get(name) ?? [];
    const both = Math.min(mine.length, theirs.length);
    const thinks = one.thinking.has(name.replace(/\d+$/, ''));
    const timed = thinks ? Math.min(both, 1) : both;
    if (both === 0) lines.push(`${name} asks in one of them alone`);
    for (let i = 0; i < both; i++) {
      const [a, b] = [mine[i]!, theirs[i]!];
      if (a.words === b.words && (i >= timed || a.atMicros === b.atMicros)) continue;
      lines.push(`${name}, number ${i}: ${a.words} at ${a.atMicros}, ${b.words} at ${b.atMicros}`);
      break;
    }
  }
  return lines;
}

const TOPICS = ['cap', 'consensus', 'storage'];
const stores = catalogue.filter(({ id }) => TOPICS.includes(id.split('/')[0]!));
let compared = 0;
const met = new Set<string>();

describe.each(stores.map((scenario) => [scenario.id, scenario] as const))('%s', (id, scenario) => {
  const [first, ...others] = scenario.variants.map(({ name }) => name);
  const base = arrivalsOf(scenario, first!);

  it.each(others)(`${first} and %s`, (variant) => {
    const other = arrivalsOf(scenario, variant);
    met.add(`${id} ${variant}`);
    const found = differences(base, other);
    if (OTHERWISE.has(`${id} ${variant}`)) expect(found).not.toEqual([]);
    else expect(found, 'seed 1').toEqual([]);
    compared += base.asked.size;
  });
});

it('compared hundreds of clients, and met each exception', () => {
  expect(stores.length).toBeGreaterThanOrEqual(28);
  expect(compared).toBeGreaterThan(200);
  for (const pair of OTHERWISE.keys()) expect(met).toContain(pair);
});
