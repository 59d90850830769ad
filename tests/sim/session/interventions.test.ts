/**
 * What a person does to a run, live, is the same as the list of it given in advance: at random
 * moments, between simultaneous events, in idle time, at the very time of a fault of the plan, on
 * paused and crashed nodes, again and again at one moment.
 */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from 'faultline';
import type { RunSpec, Session } from 'faultline';
import { forSeeds, randomOf } from '../../support/seeds.ts';
import type { Random } from '../../support/seeds.ts';
import { moveOn, randomAct } from './support/acts.ts';
import {
  CASES,
  everything,
  expectSame,
  open,
  simultaneous,
  withoutSearch,
} from './support/runs.ts';

const ACTS = 12;

/** Plays a run to its end, acting on it on the way. */
function playLive(spec: RunSpec, random: Random): Session {
  const session = open(spec, { checkpoints: random.chance(50) });
  for (let number = 0; number < ACTS; number++) {
    moveOn(session, random);
    if (session.ended !== null) break;
    session.intervene(randomAct(session, random, number));
  }
  session.advance();
  return session;
}

function variations(spec: RunSpec): readonly RunSpec[] {
  const crowded = simultaneous(spec);
  return [spec, crowded, { ...crowded, order: { permute: 5 } }, { ...spec, order: { permute: 6 } }];
}

describe.each(CASES)('interventions in $name', ({ spec }) => {
  it('are the same run live and given in advance', () => {
    forSeeds(2, import.meta.url, (seed, random) => {
      for (const base of variations(withoutSearch(spec(seed)))) {
        const live = playLive(base, random);
        const asData = JSON.parse(JSON.stringify(live.spec)) as RunSpec;
        const whole = open(asData);
        whole.advance();
        expect(whole.traceHash, JSON.stringify(asData.interventions)).toBe(live.traceHash);
        expectSame(everything(whole), everything(live));
        const pieces = open(asData);
        while (pieces.ended === null) moveOn(pieces, random);
        expectSame(everything(pieces), everything(live));
      }
    });
  });
});

describe('an intervention', () => {
  const { spec } = CASES[0] as (typeof CASES)[number];

  it('has the present moment for a key, and changes the run', () => {
    const session = open(spec(1));
    session.advance({ events: 500 });
    const made = session.intervene({
      do: 'inject',
      id: 'x',
      fault: { type: 'crash', target: 'n1' },
    });
    expect(made).toMatchObject({ micros: session.nowMicros, afterEventNumber: 500 });
    expect(session.world.nodes[0]?.status).toBe('down');
    session.advance();
    const calm = open(spec(1));
    calm.advance();
    expect(session.traceHash).not.toBe(calm.traceHash);
  });

  it('at an earlier moment drops the later ones and starts a generation', () => {
    const session = open(spec(1), { checkpoints: true });
    session.advance({ events: 2_000 });
    session.intervene({ do: 'inject', id: 'late', fault: { type: 'pause', target: 'n2' } });
    session.advance({ events: 2_000 });
    expect(session.generation).toBe(0);
    session.seek({ event: 1_500 });
    session.intervene({ do: 'inject', id: 'early', fault: { type: 'pause', target: 'n3' } });
    expect(session.generation).toBe(1);
    expect(session.spec.interventions.map(({ act }) => act)).toMatchObject([{ id: 'early' }]);
    session.advance();
    const afresh = open(session.spec);
    afresh.advance();
    expectSame(everything(afresh), everything(session));
  });

  it('that cannot be done changes nothing', () => {
    const session = open(spec(1));
    session.advance({ events: 700 });
    expect(() => session.intervene({ do: 'spawn', group: 'nobody' })).toThrow(ScenarioError);
    expect(() => session.intervene({ do: 'retire', node: 'nobody' })).toThrow(ScenarioError);
    expect(() =>
      session.intervene({ do: 'inject', id: 'x', fault: { type: 'crash', target: 'nobody' } }),
    ).toThrow(ScenarioError);
    expect(session.spec.interventions).toEqual([]);
    session.advance();
    const calm = open(spec(1));
    calm.advance();
    expectSame(everything(session), everything(calm));
  });

  it('reaches another node of the same place on each branch', () => {
    const session = open(spec(1), { checkpoints: true });
    session.advance({ events: 1_000 });
    session.intervene({ do: 'spawn', group: 'a' });
    session.advance({ events: 3_000 });
    session.seek({ event: 900 });
    session.intervene({ do: 'spawn', group: 'b' });
    session.advance();
    const afresh = open(session.spec);
    afresh.advance();
    expectSame(everything(afresh), everything(session));
  });

  it('acts on whoever bears a name now, not on the one who bore it before', () => {
    const session = open(spec(1));
    session.advance({ events: 1_000 });
    session.intervene({ do: 'retire', node: 'a1' });
    session.intervene({ do: 'spawn', group: 'a' });
    session.intervene({ do: 'retire', node: 'a1' });
    const named = session.world.nodes.filter((node) => node.name === 'a1');
    expect(named.map((node) => [node.id, node.status])).toEqual([
      ['a/1/0', 'retired'],
      ['a/1/1', 'retired'],
    ]);
  });

  it('is refused when the run is over', () => {
    const session = open(spec(1));
    session.advance();
    expect(() => session.intervene({ do: 'heal-all' })).toThrow(ScenarioError);
  });

  it('made at random repeats itself', () => {
    const first = playLive(spec(3), randomOf(9));
    expectSame(everything(playLive(spec(3), randomOf(9))), everything(first));
  });
});
