/** What a client asks of a store without a leader that it can only refuse is refused before. */
import { makeRegistry } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';

function refusalOf(store: object, client: object, component = 'quorum-store'): unknown {
  const links = { servers: 'n' };
  const groups = [
    { name: 'n', component, count: 3, config: store },
    { name: 'c', component: 'kv-client', count: 1, links, config: client },
  ];
  const plan = { title: 't', summary: '', durationMs: 1_000, network: {}, groups };
  try {
    checkPlan({ ...plan, faults: [], checks: [], story: [] } as never, makeRegistry());
    return null;
  } catch (error) {
    return error;
  }
}
const listed = (deed: string, value: number) => ({
  mode: 'listed',
  operations: [
    { atMs: 1, do: 'get', key: 'a' },
    { atMs: 10, do: deed, key: 'a', value },
  ],
});

describe('a share of compare-and-set', () => {
  it('is refused where nothing is compared', () => {
    const path = 'groups/c/config/casShare';
    expect(refusalOf({}, { casShare: 0.5 })).toMatchObject({ path });
    expect(refusalOf({}, { casShare: 0 })).toBeNull();
    expect(refusalOf({}, { casShare: 0.5 }, 'raft-kv')).toBeNull();
  });
});

describe('an update', () => {
  it.each([
    ['g-counter', 'increment', 5],
    ['pn-counter', 'increment', -5],
    ['or-set', 'add', 1],
    ['or-set', 'remove', 1],
    ['lww-register', 'assign', 1],
  ])('that keys of %s take is taken: %s by %i', (conflicts, deed, value) => {
    expect(refusalOf({ conflicts }, listed(deed, value))).toBeNull();
  });
  it.each([
    ['g-counter', 'increment', -5],
    ['or-set', 'increment', 5],
    ['lww-register', 'add', 1],
    ['pn-counter', 'assign', 1],
    ['version-vectors', 'increment', 1],
    ['last-write-wins', 'add', 1],
  ])('that keys of %s do not know is refused: %s by %i', (conflicts, deed, value) => {
    const path = 'groups/c/config/operations/1/do';
    expect(refusalOf({ conflicts }, listed(deed, value))).toMatchObject({ path });
  });
});

describe('a put', () => {
  const path = 'groups/c/config/operations/1/do';
  it.each(['lww-register', 'version-vectors', 'last-write-wins'])('is taken by %s', (conflicts) => {
    expect(refusalOf({ conflicts }, listed('put', 1))).toBeNull();
    expect(refusalOf({ conflicts }, { readShare: 0.5 })).toBeNull();
  });
  it.each(['g-counter', 'pn-counter', 'or-set'])('is refused where keys are %s', (conflicts) => {
    expect(refusalOf({ conflicts }, listed('put', 1))).toMatchObject({ path });
    const drawn = { path: 'groups/c/config/readShare' };
    expect(refusalOf({ conflicts }, { readShare: 0.5 })).toMatchObject(drawn);
    expect(refusalOf({ conflicts }, { readShare: 1 })).toBeNull();
  });
});
