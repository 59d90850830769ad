import { ScenarioError } from 'faultline';
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import { AskBench } from '../support/ask-bench.ts';
import { constant, db } from './support.ts';

function errorOf(groups: readonly GroupPlan[]): ScenarioError {
  try {
    new AskBench({ groups });
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nothing is wrong with it');
}

describe('a database that cannot work is refused with the place', () => {
  it.each([
    ['no connections', { maxConnections: 0 }, 'groups/db/config/maxConnections'],
    ['a negative time', { read: { time: constant(-1) } }, 'groups/db/config/read/time'],
    ['no such distribution', { write: { time: { kind: 'expo' } } }, 'config/write/time/kind'],
    [
      'a statement twice',
      { statements: [{ statement: 'a' }, { statement: 'a' }] },
      'groups/db/config/statements/1/statement',
    ],
    [
      'a bad time of a statement',
      { statements: [{ statement: 'a', slowTime: constant(-1) }] },
      'groups/db/config/statements/0/slowTime',
    ],
    ['a negative delay', { replicationDelay: constant(-1) }, 'config/replicationDelay'],
  ])('%s', (_what, config, path) => {
    expect(errorOf([db(config)]).path).toContain(path);
  });

  it('a replica of several', () => {
    const error = errorOf([db({}, { count: 2 }), db({}, { name: 'r', links: { primary: 'db' } })]);
    expect(error.path).toContain('groups/r/links/primary');
    expect(error.message).toContain('2 members');
  });
});
