/** What a service, a client and a call policy refuse before the run: the sentence and the place. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, makeRegistry } from 'faultline';
import type { GroupPlan, Plan } from 'faultline';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { caller, scriptedServer } from '../support/traffic-partners.ts';

const registry = makeRegistry({ components: [scriptedServer(() => null), caller] });

interface Words {
  readonly steps?: readonly object[];
  readonly service?: object;
  readonly client?: object;
  readonly links?: Readonly<Record<string, string>>;
}
/** Steps that follow every link. */
const followed = (links: Words['links']): readonly object[] =>
  Object.keys(links ?? { all: 'b', web: 'd' }).map((to) => ({ do: 'call', to }));

/** A client c of two services s, which call three servers b (http, sql, cache) and two d (http). */
function planOf({ steps, service, client, links }: Words): Plan {
  const groups: GroupPlan[] = [
    { name: 'b', component: 'scripted-server', count: 3 },
    { name: 'd', component: 'service', count: 2 },
    {
      name: 's',
      component: 'service',
      count: 2,
      links: links ?? { all: 'b', web: 'd' },
      config: { steps: [...(steps ?? []), ...followed(links)], ...service },
    },
    {
      name: 'c',
      component: 'http-client',
      count: 1,
      links: { target: 's' },
      config: { ...client },
    },
  ];
  return {
    title: 'x',
    summary: 'x',
    durationMs: 1_000,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups,
    faults: [],
    checks: [],
    story: [],
  };
}
function refusal(words: Words): readonly [string, string, string] | null {
  try {
    checkPlan(planOf(words), registry);
    return null;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return [error.message, error.path, error.hint];
  }
}
const step = (one: object) => refusal({ steps: [one] });
const S = 'groups/s/config';
const C = 'groups/c/config';

describe('a plan that can work', () => {
  it('is not refused', () => {
    const time = { kind: 'constant', ms: 1 };
    const steps = [
      { do: 'work', time },
      { do: 'call', to: 'web', every: true, need: 2, otherwise: [{ do: 'wait', time }] },
      { do: 'query', to: 'all', times: 2 },
      {
        do: 'cached',
        in: 'all',
        near: { capacity: 1, ttlMs: 5 },
        miss: [{ do: 'query', to: 'all' }],
      },
      { do: 'put', in: 'all' },
      { do: 'invalidate', in: 'all', by: 'version' },
      { do: 'parallel', branches: [[], []], need: 2 },
      { do: 'either', share: 0.5, then: [], otherwise: [] },
      { do: 'fail', share: 0.5 },
      { do: 'batch', maxSize: 2, maxDelayMs: 1, steps: [{ do: 'work', time }] },
    ];
    const service = { upstreams: [{ to: 'all', pool: { maxOpen: 2 } }, { to: 'web' }] };
    expect(refusal({ steps, service })).toBe(null);
  });
});

describe('steps', () => {
  it('of an unknown kind', () => {
    expect(step({ do: 'wrok' })).toEqual([
      'There is no step "wrok".',
      `${S}/steps/0/do`,
      'Did you mean work?',
    ]);
  });

  it('without a kind', () => {
    expect(step({ time: 1 })?.slice(0, 2)).toEqual([`${S}/steps/0 is no step.`, `${S}/steps/0`]);
    expect(step({ time: 1 })?.[2]).toContain('{ do: work | wait | call | query');
  });

  it('with a part that they do not have', () => {
    expect(step({ do: 'call', to: 'web', rout: 'GET /' })).toEqual([
      'The step "call" has no part "rout".',
      `${S}/steps/0/rout`,
      'Did you mean route?',
    ]);
  });

  it('that name no link', () => {
    expect(step({ do: 'call', to: 'wep' })).toEqual([
      'The service has no link "wep".',
      `${S}/steps/0/to`,
      'Did you mean web?',
    ]);
    expect(refusal({ steps: [{ do: 'call', to: 'web' }], links: {} })).toEqual([
      'The service has no link "web".',
      `${S}/steps/0/to`,
      'Add links: { web: GROUP } to the group.',
    ]);
  });

  it('that speak another contract than the group they name', () => {
    expect(step({ do: 'query', to: 'web' })).toEqual([
      'This step speaks sql, but "web" is service: it serves http, health.',
      `${S}/steps/0/to`,
      'Let the link "web" name a group that serves sql.',
    ]);
    expect(step({ do: 'cached', in: 'web' })?.[1]).toBe(`${S}/steps/0/in`);
  });

  it('that need more than there are', () => {
    expect(step({ do: 'call', to: 'web', every: true, need: 3 })).toEqual([
      'need is 3, but there are only 2 members.',
      `${S}/steps/0/need`,
      'Ask for 2 at most, or leave need out: then all must.',
    ]);
    expect(step({ do: 'parallel', branches: [[]], need: 2 })?.slice(0, 2)).toEqual([
      'need is 2, but there is only 1 branch.',
      `${S}/steps/0/need`,
    ]);
    expect(step({ do: 'call', to: 'web', need: 1 })).toEqual([
      'need says how many of every member must answer.',
      `${S}/steps/0/need`,
      'Write every: true, too.',
    ]);
  });

  it('within steps, with their place', () => {
    const bad = { do: 'nothing' };
    const at = (one: object) => step(one)?.[1];
    expect(at({ do: 'either', share: 1, then: [bad] })).toBe(`${S}/steps/0/then/0/do`);
    expect(at({ do: 'either', share: 1, then: [], otherwise: [bad] })).toBe(
      `${S}/steps/0/otherwise/0/do`,
    );
    expect(at({ do: 'parallel', branches: [[], [bad]] })).toBe(`${S}/steps/0/branches/1/0/do`);
    expect(at({ do: 'batch', maxSize: 1, maxDelayMs: 0, steps: [bad] })).toBe(
      `${S}/steps/0/steps/0/do`,
    );
    expect(at({ do: 'cached', in: 'all', miss: [bad] })).toBe(`${S}/steps/0/miss/0/do`);
    expect(at({ do: 'call', to: 'web', otherwise: [bad] })).toBe(`${S}/steps/0/otherwise/0/do`);
    expect(refusal({ service: { routes: [{ route: 'GET /', steps: [bad] }] } })?.[1]).toBe(
      `${S}/routes/0/steps/0/do`,
    );
  });

  it('that are no list', () => {
    expect(step({ do: 'either', share: 1, then: { do: 'fail', share: 1 } })).toEqual([
      `${S}/steps/0/then must be a list of steps.`,
      `${S}/steps/0/then`,
      'Put the step in brackets: [{ do: ... }].',
    ]);
  });

  it('whose numbers make no sense', () => {
    const at = (one: object) => step(one)?.[1];
    expect(at({ do: 'work', time: { kind: 'constant', ms: -1 } })).toContain(`${S}/steps/0/time`);
    expect(at({ do: 'fail', share: 2 })).toBe(`${S}/steps/0/share`);
    expect(at({ do: 'query', to: 'all', times: 0 })).toBe(`${S}/steps/0/times`);
    expect(at({ do: 'batch', maxSize: 0, maxDelayMs: 1, steps: [] })).toBe(`${S}/steps/0/maxSize`);
    expect(at({ do: 'cached', in: 'all', near: { capacity: 0, ttlMs: 1 } })).toContain('near');
  });
});

describe('names', () => {
  it('of upstreams that are no links', () => {
    expect(refusal({ service: { upstreams: [{ to: 'al' }] } })).toEqual([
      'The service has no link "al".',
      `${S}/upstreams/0/to`,
      'Did you mean all?',
    ]);
  });

  it('that come twice', () => {
    const routes = [{ route: 'GET /' }, { route: 'GET /' }];
    expect(refusal({ service: { routes } })).toEqual([
      'There are two routes "GET /".',
      `${S}/routes/1/route`,
      'Keep one of them.',
    ]);
    expect(refusal({ service: { upstreams: [{ to: 'web' }, { to: 'web' }] } })?.[1]).toBe(
      `${S}/upstreams/1/to`,
    );
  });
});

describe('how a group is called', () => {
  const policy = (one: object) => refusal({ service: { upstreams: [{ to: 'all', ...one }] } });
  const U = `${S}/upstreams/0`;

  it('with weights that are all 0', () => {
    expect(policy({ balance: { weights: [0] } })).toEqual([
      'Every member of "b" has weight 0: nobody gets a request.',
      `${U}/balance/weights`,
      'Give at least one of them a weight above 0.',
    ]);
    expect(refusal({ client: { call: { balance: { weights: [0, 0] } } } })?.[1]).toBe(
      `${C}/call/balance/weights`,
    );
  });

  it('with more weights than members', () => {
    expect(policy({ balance: { weights: [1, 2, 3, 4] } })).toEqual([
      'There are 4 weights, but "b" has 3 members.',
      `${U}/balance/weights`,
      'They are given to the members in turn: give each its own, 3 in all.',
    ]);
  });

  it('with a table of maglev whose size is no prime', () => {
    expect(policy({ balance: { policy: 'maglev', tableSize: 100 } })).toEqual([
      'The table of maglev needs a prime, and 100 is none.',
      `${U}/balance/tableSize`,
      'Envoy uses 65537.',
    ]);
    expect(policy({ balance: { policy: 'maglev', tableSize: 101 } })).toBe(null);
  });

  it('never for a pool that would keep more than it opens', () => {
    // More idle ones than there may be open: as in Go, no more than those.
    expect(policy({ pool: { maxOpen: 1 } })).toBe(null);
    expect(policy({ pool: { maxOpen: 3, maxIdle: 3 } })).toBe(null);
  });

  it('with words about a queue where nobody waits', () => {
    const told = (admission: object) => refusal({ service: { admission } });
    const hint = 'Set concurrencyLimit: so many requests are worked on at once.';
    const at = 'groups/s/config/admission';
    expect(told({ limitPolicy: 'aimd' })).toEqual([
      'limitPolicy changes nothing: without a limit nobody waits.',
      `${at}/limitPolicy`,
      hint,
    ]);
    for (const words of [
      { discipline: 'lifo' },
      { codel: true },
      { shedAbove: [2, 1] },
      { dropExpired: true },
    ]) {
      const [name = ''] = Object.keys(words);
      expect(told(words)?.[1]).toBe(`${at}/${name}`);
      expect(told({ ...words, concurrencyLimit: 4 })).toBe(null);
    }
  });

  it('with a pool for a group that is no database', () => {
    const service = { upstreams: [{ to: 'web', pool: { maxOpen: 3 } }] };
    expect(refusal({ service })).toEqual([
      'A pool is for connections of a database; "d" is none.',
      `${U}/pool`,
      'maxConcurrentCalls bounds the calls of any group.',
    ]);
  });

  it('with a first pause over the longest', () => {
    expect(policy({ backoff: { baseMs: 10, capMs: 9 } })).toEqual([
      'The first pause is longer than the longest.',
      `${U}/backoff/baseMs`,
      'capMs is 9.',
    ]);
  });
});

describe('a client', () => {
  it('that asks for nothing', () => {
    expect(refusal({ client: { routes: [{ share: 0 }, { share: 0 }] } })).toEqual([
      'Every route has the share 0: nothing would be asked for.',
      `${C}/routes`,
      'Give at least one of them a share above 0.',
    ]);
  });

  it('with a rate below 0', () => {
    const rate = (ratePerSecond: number) =>
      refusal({ client: { arrivals: { kind: 'poisson', ratePerSecond } } });
    expect(rate(-1)?.[0]).toMatch(/0/);
    expect(rate(-1)?.[1]).toBe(`${C}/arrivals/ratePerSecond`);
    expect(rate(1)).toBe(null);
  });

  it('with arrivals of an unknown kind', () => {
    expect(refusal({ client: { arrivals: { kind: 'poison' } } })).toEqual([
      'There is no arrivals "poison".',
      `${C}/arrivals/kind`,
      'Did you mean poisson?',
    ]);
  });
});
