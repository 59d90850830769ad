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
import { afterAll, describe, expect, it } from 'vitest';
import { SHAPES, SYSTEMS, courseOf } from './support/partial.ts';
import type { Course, Outcome } from './support/partial.ts';

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

afterAll(() => {
  const head = 'links left | system | published | measured | elections | terms | operations';
  console.info([head, ...lines].join('\n'));
});
