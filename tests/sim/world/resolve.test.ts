/** Selectors: which nodes each of them names, at the moment of asking. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, Session } from 'faultline';
import type { Plan, Selector } from 'faultline';
import { namesOf, resolve } from '../../../src/sim/world/resolve.ts';
import { specOf } from '../../support/plans.ts';

const plan: Plan = {
  title: 'A store in two zones',
  summary: 'To select from.',
  durationMs: 3_000,
  network: { regions: [{ name: 'r', zones: ['east', 'west'] }] },
  groups: [
    { name: 'n', component: 'raft-kv', count: 5, placement: 'spread' },
    {
      name: 'c',
      component: 'kv-client',
      count: 2,
      links: { servers: 'n' },
      placement: { zone: 'west' },
    },
  ],
  faults: [],
  checks: [],
  story: [],
};

const open = () => new Session(specOf(plan));

const session = open();
session.advance({ untilMicros: 1_000_000 });
const { world } = session;
const pick = (selector: Selector) => namesOf(world, resolve(world, selector));
const leader: Selector = { role: 'leader', group: 'n' };
const leaderName = pick(leader);

describe('a selector', () => {
  it.each<readonly [Selector, string]>([
    ['n3', 'n3'],
    ['n/3/0', 'n3'],
    ['n', 'n1, n2, n3, n4, n5'],
    ['all', 'n1, n2, n3, n4, n5, c1, c2'],
    [['c2', 'n4', 'c2', 'n'], 'n1, n2, n3, n4, n5, c2'],
    [[], ''],
    [{ zone: 'east' }, 'n1, n3, n5'],
    [{ zone: 'west' }, 'n2, n4, c1, c2'],
    [{ zone: 'nowhere' }, ''],
    [{ role: 'client' }, 'c1, c2'],
    [{ role: 'client', group: 'n' }, ''],
    [{ except: ['n2', 'n3'], from: 'n' }, 'n1, n4, n5'],
    [{ except: 'all', from: 'n' }, ''],
    [{ first: 2, of: 'n' }, 'n1, n2'],
    [{ first: 9, of: 'c' }, 'c1, c2'],
    [{ first: 1, of: ['n4', 'n2'] }, 'n2'],
    [{ including: 'n4', size: 3, group: 'n' }, 'n1, n2, n4'],
    [{ including: 'c1', size: 2, group: 'n' }, 'n1, n2'],
    [{ including: ['n3', 'n4', 'n5'], size: 2, group: 'n' }, 'n3, n4, n5'],
  ])('%j names %s', (selector, names) => {
    expect(pick(selector)).toBe(names);
  });

  it('by role names who plays it now', () => {
    expect(leaderName).toMatch(/^n\d$/);
    expect(pick({ except: leader, from: 'n' }).split(', ')).toHaveLength(4);
    expect(pick({ including: leader, size: 2, group: 'n' }).split(', ')).toContain(leaderName);
    expect(pick({ including: leader, size: 2, group: 'n' }).split(', ')).toHaveLength(2);
  });

  it('of what is not there is refused, with the nearest name', () => {
    expect(() => pick('n9')).toThrow(ScenarioError);
    expect(() => pick('m')).toThrow(/There is no node or group "m"/);
    try {
      pick('al');
    } catch (error) {
      expect((error as ScenarioError).hint).toContain('all');
    }
  });
});

describe('a selection', () => {
  it('leaves out who has retired, and takes in who has come', () => {
    const own = open();
    own.advance({ untilMicros: 500_000 });
    own.intervene({ do: 'retire', node: 'n2' });
    own.intervene({ do: 'spawn', group: 'c' });
    own.advance({ untilMicros: 600_000 });
    const names = (selector: Selector) => namesOf(own.world, resolve(own.world, selector));
    expect(names('n')).toBe('n1, n3, n4, n5');
    expect(names('c')).toBe('c1, c2, c3');
    expect(names('n2')).toBe('');
    expect(names({ first: 2, of: 'n' })).toBe('n1, n3');
  });

  it('names a node that is down, but by no role', () => {
    const own = open();
    own.advance({ untilMicros: 1_000_000 });
    const fault = { type: 'crash', target: leader } as const;
    own.intervene({ do: 'inject', id: 'it', fault });
    expect(namesOf(own.world, resolve(own.world, leader))).toBe('');
    expect(namesOf(own.world, resolve(own.world, leaderName))).toBe(leaderName);
  });
});
