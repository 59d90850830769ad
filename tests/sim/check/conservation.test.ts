/** Nobody gets lost: each law by a flow that breaks it, and when it is looked at. */
import { describe, expect, it } from 'vitest';
import type { Flow, World } from 'faultline';
import { conservation, holdLaws, lawBroken } from '../../../src/sim/check/conservation.ts';
import type { CheckEnv, RunningCheck } from '../../../src/sim/check/check.ts';
import { enter, flowOf, leave, newFlow } from '../../../src/sim/traffic/flow.ts';
import { forSeeds } from '../../support/seeds.ts';

/** Two came at 10 and 20, the first left at 50: it was looked at then. */
function sound(): Flow {
  const flow = newFlow();
  enter(flow, 10);
  enter(flow, 20);
  leave(flow, 10, 50);
  return flowOf('queue', flow);
}

describe('a flow', () => {
  it('is still sound where its sums are too large to be exact', () => {
    const flow = newFlow();
    const day = 86_400_000_001;
    // 150,000 that stay for half a day, more or less: 10^16 us together.
    for (let i = 0; i < 150_000; i++) enter(flow, day + 7 * i);
    for (let i = 0; i < 50_000; i++) leave(flow, day + 7 * i, 2 * day + 3 * i);
    const { sojournMicros, areaMicros } = flow;
    expect(areaMicros).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(lawBroken(flowOf('queue', flow))).toBe(null);
    const broken = { ...flowOf('queue', flow), sojournMicros: sojournMicros * 1.001 };
    expect(lawBroken(broken)).toMatch(/together they spent/);
  });

  it('that is sound breaks no law', () => {
    expect(sound()).toEqual({
      name: 'queue',
      arrived: 2,
      left: 1,
      inside: 1,
      areaMicros: 70,
      sojournMicros: 40,
      arrivalsInsideMicros: 20,
      changedMicros: 50,
    });
    expect(lawBroken(sound())).toBe(null);
    expect(lawBroken(flowOf('empty', newFlow()))).toBe(null);
  });

  it('of whom one got lost, or was counted twice, breaks the first', () => {
    const why = 'queue: 3 arrived, but 1 left and 1 are inside.';
    expect(lawBroken({ ...sound(), arrived: 3 })).toBe(why);
    expect(lawBroken({ ...sound(), left: 2 })).toMatch(/2 arrived, but 2 left/);
    expect(lawBroken({ ...sound(), inside: 0 })).toMatch(/0 are inside/);
  });

  it('whose times do not add up breaks the second', () => {
    const why = 'queue: together they spent 70 us there, but the area is 71 us.';
    expect(lawBroken({ ...sound(), areaMicros: 71 })).toBe(why);
    expect(lawBroken({ ...sound(), sojournMicros: 41 })).toMatch(/spent 71 us/);
    expect(lawBroken({ ...sound(), arrivalsInsideMicros: 21 })).toMatch(/spent 69 us/);
    expect(lawBroken({ ...sound(), changedMicros: 51 })).toMatch(/spent 71 us/);
  });

  it('that was told a wrong time of arrival is found out when all are gone', () => {
    const flow = newFlow();
    enter(flow, 10);
    leave(flow, 10, 50);
    enter(flow, 60);
    leave(flow, 55, 80);
    expect(lawBroken(flowOf('queue', flow))).toBe(
      'queue: the 0 inside cannot have arrived at 5 us, all together.',
    );
    expect(lawBroken({ ...sound(), arrivalsInsideMicros: 51 })).toMatch(/the 1 inside cannot/);
    expect(lawBroken({ ...sound(), arrivalsInsideMicros: -1 })).toMatch(/the 1 inside cannot/);
  });

  it('is sound whatever comes and goes', () => {
    forSeeds(50, import.meta.url, (_seed, random) => {
      const flow = newFlow();
      const inside: number[] = [];
      let now = 0;
      for (let i = 0; i < 200; i++) {
        now += random.int(5);
        if (inside.length > 0 && random.chance(50)) {
          const [gone] = inside.splice(random.int(inside.length), 1);
          leave(flow, gone as number, now);
        } else {
          enter(flow, now);
          inside.push(now);
        }
        expect(lawBroken(flowOf('queue', flow))).toBe(null);
      }
    });
  });
});

describe('the end of a run', () => {
  const world = (flow: Flow) =>
    ({
      nodes: [
        { name: 'down', behaviour: { flows: () => [flow] }, state: null },
        { name: 'app1', behaviour: { flows: () => [sound(), flow] }, state: {} },
        { name: 'other', behaviour: {}, state: {} },
      ],
    }) as unknown as World;

  it('holds the laws of every place, whatever the plan checks', () => {
    expect(() => holdLaws(world(sound()))).not.toThrow();
    expect(() => holdLaws(world({ ...sound(), arrived: 3 }))).toThrow(
      'app1, queue: 3 arrived, but 1 left and 1 are inside.',
    );
  });
});

describe('the check', () => {
  function stage(flows: () => readonly Flow[]) {
    const told: string[] = [];
    const node = { index: 0, name: 's1', state: {}, behaviour: { flows } };
    const dead = { index: 1, name: 's2', state: null, behaviour: { flows } };
    const world = { nodes: [node, dead, { ...node, behaviour: {} }] } as unknown as World;
    const env = { world, report: ({ why }: { why: string }) => void told.push(why) };
    const check: RunningCheck = conservation.create({} as never, env as unknown as CheckEnv);
    return { check, told };
  }

  it('passes where all is sound, and is unknown where nothing came', () => {
    const { check, told } = stage(() => [sound()]);
    check.onEnd?.(true);
    expect([check.standing(true).verdict, told]).toEqual(['pass', []]);
    expect(check.standing(true).text).toBe('2 passed 1 place');
    const idle = stage(() => [flowOf('queue', newFlow())]);
    idle.check.onEnd?.(true);
    expect(idle.check.standing(true).verdict).toBe('unknown');
  });

  it('fails when a fault comes or goes and somebody is lost, once', () => {
    const { check, told } = stage(() => [{ ...sound(), arrived: 3 }]);
    check.onFault?.('start', {} as never);
    check.onFault?.('end', {} as never);
    check.onEnd?.(true);
    expect(told).toEqual(['s1, queue: 3 arrived, but 1 left and 1 are inside.']);
    expect(check.standing(true).verdict).toBe('fail');
  });

  it('remembers over a checkpoint', () => {
    const { check } = stage(() => [{ ...sound(), arrived: 3 }]);
    const before = check.save();
    check.onEnd?.(true);
    const after = check.save();
    check.restore(before);
    expect(check.standing(true).verdict).toBe('unknown');
    check.restore(after);
    expect(check.standing(true).verdict).toBe('fail');
  });
});
