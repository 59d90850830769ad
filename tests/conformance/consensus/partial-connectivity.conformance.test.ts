/**
 * Who goes on when links are cut one by one: the table of Omni-Paxos (2023), with the clique of
 * Howard & Abraham (2020) and links that are dead in one direction, under the real models.
 *
 * Each cell is asserted over several seeds, by what clients were told and who was elected; the
 * criteria are in support/partial.ts. Where the source has no value, the cell says what was found.
 *
 * Differs from the table: a chained group under plain Raft does not change its leader for ever
 * where anything is written, be it the no-op of a new leader. The far server lacks what was
 * written since the cut and is refused, and the first election that the middle one wins is the
 * last. It goes on for ever where logs stay equal: the row in which nobody writes, no-ops included.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Selector } from 'faultline';
import { SHAPES, SYSTEMS, courseOf } from './support/partial.ts';
import type { Course, Outcome, Shape } from './support/partial.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';
const SEEDS = LONG ? 20 : 3;

type ShapeName = keyof typeof SHAPES;
type SystemName = keyof typeof SYSTEMS;

interface Cell {
  readonly outcome: Outcome;
  /** What the table says; none: it has no value. */
  readonly published?: string;
  /** Of the operations before the cut. */
  readonly shareAtMost?: number;
  readonly shareAtLeast?: number;
}

const TABLE: readonly (readonly [ShapeName, { readonly [S in SystemName]?: Cell }])[] = [
  [
    'quorumLoss',
    {
      raft: { outcome: 'recovers', published: 'recovers (A)' },
      preVote: { outcome: 'deadlock', published: 'deadlock' },
      checkQuorum: { outcome: 'recovers', published: 'recovers (A)' },
      heartbeat: { outcome: 'deadlock', published: 'deadlock' },
      progress: { outcome: 'recovers', published: 'recovers (re-evaluation)' },
    },
  ],
  [
    'chained',
    {
      raft: { outcome: 'recovers', published: 'livelock, terms grow' },
      preVote: { outcome: 'stable', published: 'stable B' },
      checkQuorum: { outcome: 'stable', published: 'stable B' },
      heartbeat: {
        outcome: 'ping-pong',
        published: 'lower throughput',
        shareAtMost: 0.85,
        shareAtLeast: 0.3,
      },
      progress: { outcome: 'ping-pong', shareAtMost: 0.85, shareAtLeast: 0.3 },
    },
  ],
  [
    'chainedReads',
    {
      raft: { outcome: 'ping-pong', published: 'livelock, terms grow' },
      preVote: { outcome: 'stable', published: 'stable B' },
      checkQuorum: { outcome: 'stable', published: 'stable B' },
      logsOnly: { outcome: 'ping-pong', published: 'ping-pongs' },
      heartbeat: { outcome: 'ping-pong', published: 'lower throughput', shareAtMost: 0.85 },
      progress: { outcome: 'ping-pong', shareAtMost: 0.85 },
    },
  ],
  [
    'clique',
    {
      raft: { outcome: 'ping-pong', published: 'no stable leader' },
      preVote: { outcome: 'stable', published: 'stable' },
      checkQuorum: { outcome: 'stable', published: 'stable' },
      heartbeat: { outcome: 'ping-pong' },
      progress: { outcome: 'ping-pong' },
    },
  ],
  [
    'deafToOne',
    {
      raft: { outcome: 'stable', published: 'the follower stays quiet' },
      preVote: { outcome: 'stable', published: 'the follower stays quiet' },
      checkQuorum: { outcome: 'stable', published: 'the follower stays quiet' },
      heartbeat: { outcome: 'stable' },
      progress: { outcome: 'stable' },
    },
  ],
  [
    'deafToAll',
    {
      raft: { outcome: 'deadlock', published: 'the leader loses its acks' },
      preVote: { outcome: 'deadlock', published: 'the leader loses its acks' },
      checkQuorum: { outcome: 'recovers', published: 'the leader steps down' },
      heartbeat: { outcome: 'deadlock' },
      progress: { outcome: 'recovers' },
    },
  ],
  [
    'unheard',
    {
      preVote: { outcome: 'stable', published: 'no disruption' },
      checkQuorum: { outcome: 'stable', published: 'no disruption' },
    },
  ],
];

const CELLS = TABLE.flatMap(([shape, cells]) =>
  Object.entries(cells).map(([system, cell]) => ({
    shape,
    system: system as SystemName,
    cell,
    title: `${SHAPES[shape].name} | ${SYSTEMS[system as SystemName].name}`,
  })),
);

const lines: string[] = [];

function lineOf(title: string, cell: Cell, courses: readonly Course[]): string {
  const range = (of: (course: Course) => number): string => {
    const all = courses.map((course) => Math.round(of(course)));
    return `${Math.min(...all)}..${Math.max(...all)}`;
  };
  return [
    title,
    cell.published ?? '-',
    cell.outcome,
    `${range((c) => c.elections)} elections`,
    `terms +${range((c) => c.terms)}`,
    `${range((c) => c.share * 100)} % of operations`,
  ].join(' | ');
}

describe('partial connectivity', () => {
  it.each(CELLS)('$title', ({ title, shape, system, cell }) => {
    const courses: Course[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const course = courseOf(SHAPES[shape], SYSTEMS[system], seed);
      courses.push(course);
      expect(course.outcome, `seed ${seed}: ${JSON.stringify(course)}`).toBe(cell.outcome);
      expect(course.share, `seed ${seed}`).toBeLessThanOrEqual(cell.shareAtMost ?? 1.25);
      expect(course.share, `seed ${seed}`).toBeGreaterThanOrEqual(cell.shareAtLeast ?? 0);
    }
    lines.push(lineOf(title, cell, courses));
  });

  it('one cannot hear the leader | plain Raft: it stands, and costs the group its leader', () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { elections } = courseOf(SHAPES.unheard, SYSTEMS.raft, seed);
      expect(elections, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it('without anybody to elect, the rounds of Multi-Paxos grow all the same', () => {
    const { elections, terms } = courseOf(SHAPES.quorumLoss, SYSTEMS.heartbeat, 1);
    expect(elections).toBe(0);
    expect(terms).toBeGreaterThan(20);
  });
});

/** The published rows: their shapes are those that are run, and their words those of the cells. */
interface Scenario {
  readonly name: string;
  readonly nodes: number;
  readonly initial_leader: string | number;
  readonly links_up_after: readonly string[];
  readonly expect: { readonly [system: string]: string };
}
const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const { partial_connectivity: published } = JSON.parse(
  readFileSync(join(folder, 'vectors.json'), 'utf8'),
) as { readonly partial_connectivity: { readonly scenarios: readonly Scenario[] } };

/** Where nobody writes is where the published course of plain Raft is seen: see above. */
const SHAPES_OF: { readonly [name: string]: readonly ShapeName[] } = {
  quorum_loss: ['quorumLoss'],
  chained: ['chainedReads', 'chained'],
  howard_abraham_1: ['clique'],
};
const SYSTEM_OF: { readonly [name: string]: SystemName } = {
  raft: 'raft',
  raft_prevote: 'preVote',
  raft_prevote_only: 'preVote',
  raft_prevote_checkquorum: 'checkQuorum',
  multipaxos_alive_based: 'heartbeat',
  multipaxos: 'heartbeat',
};
/** Of which there is no model. */
const OTHERS = ['vr', 'omnipaxos'];
const OUTCOMES: readonly (readonly [words: RegExp, outcome: Outcome])[] = [
  [/^recovers/, 'recovers'],
  [/^deadlock/, 'deadlock'],
  [/^livelock|^no stable leader|^reduced decided count/, 'ping-pong'],
  [/^stable leader/, 'stable'],
];

/** How many links the leader keeps, and how many each of all does. */
interface Links {
  readonly ofLeader: number;
  readonly ofEach: readonly number[];
}

function linksPublished({ nodes, initial_leader, links_up_after }: Scenario): Links {
  const ends = links_up_after.flatMap((link) => link.split('-'));
  const count = (name: string): number => ends.filter((end) => end === name).length;
  const linked = [...new Set(ends)].map(count);
  const alone = Array.from({ length: nodes - linked.length }, () => 0);
  const ofEach = [...linked, ...alone].sort((a, b) => a - b);
  return { ofLeader: count(String(initial_leader)), ofEach };
}

/** Who is meant, of servers by number of which 0 leads. */
function meant(selector: Selector, servers: number): readonly number[] {
  const all = Array.from({ length: servers }, (_, i) => i);
  if (selector === 'n') return all;
  if (Array.isArray(selector)) return selector.flatMap((one: Selector) => meant(one, servers));
  const is = selector as object;
  if ('role' in is) return [0];
  if ('first' in is) {
    const { first, of } = is as { readonly first: number; readonly of: Selector };
    return meant(of, servers).slice(0, first);
  }
  const { except, from } = is as { readonly except: Selector; readonly from: Selector };
  const without = meant(except, servers);
  return meant(from, servers).filter((one) => !without.includes(one));
}

function linksLeft({ servers, cuts }: Shape): Links {
  const isCut = (one: number, two: number): boolean =>
    cuts.some(({ fault }) => {
      if (fault.type !== 'cut-link') throw new Error(`a fault of type ${fault.type}`);
      const [a, b] = [meant(fault.a, servers), meant(fault.b, servers)];
      return (a.includes(one) && b.includes(two)) || (a.includes(two) && b.includes(one));
    });
  const all = Array.from({ length: servers }, (_, i) => i);
  const links = all.map((one) => all.filter((two) => two !== one && !isCut(one, two)).length);
  return { ofLeader: links[0]!, ofEach: links.toSorted((a, b) => a - b) };
}

describe.each(published.scenarios)('published: $name', (scenario) => {
  const { name, nodes, expect: told } = scenario;
  const shapes = SHAPES_OF[name] ?? [];

  it('is a shape that is run, of as many servers and links', () => {
    expect(shapes.length, `no shape for ${name}`).toBeGreaterThan(0);
    for (const shape of shapes) {
      expect(SHAPES[shape].servers).toBe(nodes);
      expect(linksLeft(SHAPES[shape])).toEqual(linksPublished(scenario));
    }
  });

  it.each(Object.entries(told))('%s: %s', (system, words) => {
    if (OTHERS.includes(system)) {
      console.info(`${name}, ${system}: there is no model of it`);
      return;
    }
    const [, outcome] = OUTCOMES.find(([pattern]) => pattern.test(words)) ?? [];
    expect(outcome, `what is meant by: ${words}`).toBeDefined();
    const outcomes = TABLE.filter(([shape]) => shapes.includes(shape)).map(
      ([, cells]) => cells[SYSTEM_OF[system] as SystemName]?.outcome,
    );
    expect(outcomes, `${name}, ${system}`).toContain(outcome);
  });
});

afterAll(() => {
  const head = 'links left | system | published | measured | elections | terms | operations';
  console.info([head, ...lines].join('\n'));
});
