/** Groups: who is told of whom, and that no place and no name of a life is given twice. */
import { describe, expect, it } from 'vitest';
import { ms } from 'faultline';
import type { Hooks } from './support/lab.ts';
import { Lab, answer, ask, note } from './support/lab.ts';

const groupsOf = (hooks: Hooks = {}): Lab =>
  new Lab({
    groups: [
      { name: 'n', count: 3, hooks },
      { name: 'c', count: 1, hooks: {}, links: { servers: 'n' } },
      { name: 'stranger', count: 1, hooks: {} },
    ],
  });
const CLIENT = 3;
const STRANGER = 4;

describe('a group', () => {
  it('is known to its members and to whoever links to it from the start', () => {
    const lab = groupsOf().ms(1);
    expect(lab.node(0).context.members('peers')).toEqual([0, 1, 2]);
    expect(lab.node(CLIENT).context.members('servers')).toEqual([0, 1, 2]);
    expect(lab.node(CLIENT).context.members('peers')).toEqual([CLIENT]);
    // The link is optional, and this group's plan leaves it out.
    expect(lab.node(STRANGER).context.members('servers')).toEqual([]);
    expect(() => lab.node(STRANGER).context.members('cache')).toThrow(
      /asks for a link cache that it does not declare/,
    );
  });

  it('has its members in zones, in turn or as the plan places them, and nodes know which', () => {
    const lab = new Lab({
      network: { regions: [{ name: 'r', zones: ['a', 'b'] }] },
      groups: [
        { name: 'n', count: 3, hooks: {} },
        { name: 'c', count: 1, hooks: {}, links: { servers: 'n' }, placement: { zone: 'b' } },
      ],
    }).ms(1);
    const { context } = lab.node(CLIENT);
    expect(context.members('servers').map((node) => context.zoneOf(node))).toEqual(['a', 'b', 'a']);
    expect(context.zoneOf(context.self)).toBe('b');
  });

  it('that grows tells members and links, once each, by an event of their own', () => {
    const lab = groupsOf().ms(1);
    const before = lab.run.eventNumber;
    const index = lab.parts.growth.spawn('n');
    expect(index).toBe(5);
    expect(lab.node(CLIENT).context.members('servers')).toEqual([0, 1, 2]);
    lab.ms(2);
    expect(lab.node(CLIENT).context.members('servers')).toEqual([0, 1, 2, 5]);
    expect(lab.saw(0)).toEqual(['start', 'members n 0,1,2,5']);
    expect(lab.saw(STRANGER)).toEqual(['start']);
    expect(lab.saw(index)).toEqual(['start']);
    expect(lab.node(index).context.members('peers')).toEqual([0, 1, 2, 5]);
    expect(lab.run.eventNumber).toBe(before + 5);
  });

  it('that shrinks tells those that are left', () => {
    const lab = groupsOf().ms(1);
    lab.parts.growth.retire(1);
    lab.ms(2);
    expect(lab.node(1).status).toBe('retired');
    expect(lab.saw(0)).toEqual(['start', 'members n 0,2']);
    expect(lab.node(CLIENT).context.members('servers')).toEqual([0, 2]);
    const events = lab.run.eventNumber;
    lab.parts.growth.retire(1);
    lab.ms(3);
    expect(lab.run.eventNumber).toBe(events);
  });

  it('gives places, ordinals and incarnations in order, and no id twice', () => {
    const lab = groupsOf().ms(1);
    const { growth } = lab.parts;
    growth.retire(1);
    const second = growth.spawn('n');
    const fourth = growth.spawn('n');
    growth.retire(second);
    growth.retire(fourth);
    const third = growth.spawn('n');
    lab.ms(2);
    const ids = lab.parts.host.nodes.map(({ identity }) => identity.id);
    expect(ids).toEqual([
      ...['n/1/0', 'n/2/0', 'n/3/0', 'c/1/0', 'stranger/1/0'],
      ...['n/2/1', 'n/4/0', 'n/2/2'],
    ]);
    expect([second, fourth, third]).toEqual([5, 6, 7]);
    expect(new Set(ids).size).toBe(ids.length);
    // In order of ordinal, whatever their places.
    expect(lab.parts.host.groups.get('n')).toEqual([0, 7, 2]);
  });

  it('tells a paused member when it goes on and a restarted one at its start', () => {
    const lab = groupsOf().ms(1);
    lab.inject('p', { type: 'pause', target: 'n1' }).inject('c', { type: 'crash', target: 'n2' });
    lab.parts.growth.spawn('n');
    lab.ms(2);
    expect(lab.saw(0)).toEqual(['start']);
    lab.undo('p').undo('c').ms(3);
    expect(lab.saw(0)).toEqual(['start', 'members n 0,1,2,5']);
    expect(lab.node(1).context.members('peers')).toEqual([0, 1, 2, 5]);
  });
});

describe('a retired node', () => {
  it('hears nothing, says nothing and cannot be brought back', () => {
    const lab = groupsOf({
      start: (ctx) => {
        ctx.setTimer('t', 0, ms(10));
        ctx.work(ms(10), 0);
      },
    }).ms(1);
    lab.parts.growth.retire(0);
    lab.node(CLIENT).context.send(0, note(1));
    lab.node(CLIENT).context.call(0, ask(1), { timeout: ms(5), tag: 1 });
    lab.inject('c', { type: 'crash', target: 'n' }).undo('c').ms(100);
    expect(lab.node(0)).toMatchObject({ status: 'retired', state: null });
    expect(lab.saw(CLIENT)).toEqual(['start', 'members n 3', 'unknown 1']);
    expect(lab.node(1).status).toBe('up');
  });

  it('does not hand its packets to the next of its name', () => {
    const lab = groupsOf({}).ms(1);
    lab.node(CLIENT).context.send(0, note(1));
    lab.parts.growth.retire(0);
    const next = lab.parts.growth.spawn('n');
    lab.ms(10);
    expect(lab.node(next).identity).toMatchObject({ name: 'n1', id: 'n/1/1' });
    expect(lab.saw(next)).toEqual(['start']);
  });

  it('draws from streams that its successor does not share', () => {
    const drawn: number[] = [];
    const hooks: Hooks = {
      start: (ctx) => void drawn.push(ctx.stream('x').uint32()),
    };
    const lab = groupsOf(hooks).ms(1);
    lab.parts.growth.retire(0);
    lab.parts.growth.spawn('n');
    lab.ms(2);
    expect(new Set(drawn).size).toBe(4);
  });
});

describe('a node added to a plan', () => {
  it('shifts no draw of another', () => {
    const draws = (count: number): number[] => {
      const drawn: number[] = [];
      new Lab({
        groups: [
          {
            name: 'n',
            count,
            hooks: {
              start: (ctx) => ctx.self === 0 && ctx.call(0, ask(1), { timeout: ms(9), tag: 0 }),
              ask: (ctx, _state, n, at) => {
                drawn.push(ctx.stream('x').uint32());
                ctx.reply(at, answer(n));
              },
            },
          },
        ],
        network: { latency: { kind: 'uniform', minMs: 1, maxMs: 2 } },
      }).ms(20);
      return drawn;
    };
    expect(draws(1)).toHaveLength(1);
    expect(draws(4)).toEqual(draws(1));
  });
});
