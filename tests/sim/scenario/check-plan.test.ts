/** Whatever a person may get wrong in a document is told in one sentence, with its place. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, Session, makeRegistry, planFromDocument } from 'faultline';
import type { RunSpec } from 'faultline';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';
import { specOf } from '../../support/plans.ts';

type Loose = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

const good = (): Loose => ({
  title: 'A store',
  summary: 'Three servers and a client.',
  durationMs: 500,
  network: {
    latency: { kind: 'uniform', minMs: 1, maxMs: 2 },
    regions: [{ name: 'r', zones: ['east', 'west'] }],
    between: [{ a: 'east', b: 'west', fifo: true }],
    links: [{ from: 'n1', to: 'c', lossProbability: 0.1 }],
  },
  groups: [
    {
      name: 'n',
      component: 'raft-kv',
      count: 3,
      placement: 'spread',
      disk: { fsync: { kind: 'constant', ms: 1 } },
      clock: { offsetMs: { kind: 'uniform', minMs: -5, maxMs: 5 } },
    },
    { name: 'c', component: 'kv-client', count: 1, links: { servers: 'n' } },
  ],
  faults: [
    { id: 'a', atMs: 380, fault: { type: 'crash', target: { role: 'leader', group: 'n' } } },
    {
      id: 'b',
      every: { interval: { kind: 'exponential', meanMs: 50 } },
      fault: { type: 'latency', extra: { kind: 'constant', ms: 1 } },
    },
    { id: 'c', when: { use: 'two-leaders' }, fault: { type: 'pause', target: ['n1', 'n/2/0'] } },
  ],
  checks: [
    { id: 'safe', use: 'raft-safety' },
    { id: 'led', use: 'sometimes', args: { predicate: 'one-leader', with: { group: 'n' } } },
    { id: 'quick', use: 'slo', args: { metric: 'p99-ms', atMost: 900, clients: 'c' } },
    { id: 'few', use: 'fact-count', args: { fact: 'raft.leader', atMost: 9 } },
  ],
  story: [
    {
      title: 'A leader',
      text: 'Somebody wins.',
      at: { when: 'one-leader' },
      focus: ['n', { first: 1, of: 'c' }],
      check: 'led',
      predict: { question: 'Who?', options: ['n1', 'n2'], answer: 1, because: 'It was quicker.' },
    },
  ],
  healAtMs: 400,
  limits: { events: 100_000 },
});

const spec = (document: Loose): RunSpec => specOf(planFromDocument(document));

function complaint(change: (document: Loose) => void): ScenarioError {
  const document = good();
  change(document);
  try {
    new Session(spec(document)).run();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nobody complained');
}

const broken = { type: 'crash', target: 'n' };

/** What is changed, where the mistake is said to be, what is said, and perhaps what is proposed. */
const MISTAKES: readonly (readonly [(d: Loose) => void, string, RegExp, RegExp?])[] = [
  [
    (d) => (d['network'].latency = { kind: 'unifrom' }),
    'network/latency/kind',
    /no distribution "unifrom"/,
    /mean uniform/,
  ],
  [(d) => (d['network'].latency = 5), 'network/latency', /no distribution/],
  [(d) => (d['network'].latency.maxMs = 0), 'network/latency', /ends at 0 ms before it begins/],
  [(d) => (d['network'].latency.max = 3), 'network/latency/max', /no part "max"/, /maxMs/],
  [
    (d) => (d['network'].latency = { kind: 'pareto', alpha: 2 }),
    'network/latency',
    /lacks scaleMs/,
    /scaleMs: The least value/,
  ],
  [
    (d) => (d['network'].latency = { kind: 'constant', ms: -1 }),
    'network/latency',
    /at least 0 ms, but it may be -1 ms/,
  ],
  [
    (d) => (d['network'].latency = { kind: 'exponential', meanMs: 2, minMs: 3 }),
    'network/latency/meanMs',
    /more than its minMs, 3/,
  ],
  [
    (d) => (d['network'].latency = { kind: 'mixture', parts: [{ weight: 1, of: { kind: 'x' } }] }),
    'network/latency/parts/0/of/kind',
    /no distribution/,
  ],
  [(d) => (d['network'].lossProbability = 2), 'network/lossProbability', /at most 1/],
  [(d) => (d['network'].latencyMs = 2), 'network/latencyMs', /no setting "latencyMs"/, /latency/],
  [(d) => (d['network'].between[0].a = 'eest'), 'network/between/0/a', /no zone or region/, /east/],
  [(d) => (d['network'].links[0].to = 'd'), 'network/links/0/to', /no node or group "d"/],
  [(d) => (d['network'].regions[0].zones = []), 'network/regions/0/zones', /zones/],
  [(d) => (d['groups'][0].placement = 'spraed'), 'groups/n/placement', /must be "spread"/],
  [(d) => (d['groups'][0].placement = { zone: 'north' }), 'groups/n/placement/zone', /no zone/],
  [(d) => (d['groups'][0].scheduling = 'lifo'), 'groups/n/scheduling', /cannot be/, /mean fifo/],
  [(d) => (d['groups'][0].disk.fsyncs = 1), 'groups/n/disk/fsyncs', /no setting/, /fsync/],
  [(d) => (d['groups'][0].disk.fsync = 1), 'groups/n/disk/fsync', /no distribution/],
  [(d) => (d['groups'][0].clock.offsetMs = 1), 'groups/n/clock/offsetMs', /no distribution/],
  [
    (d) => (d['groups'][0].config = { electionTimeoutMinMs: 900 }),
    'groups/n/config/electionTimeoutMinMs',
    /900 ms, must not be more than electionTimeoutMaxMs, 300 ms/,
  ],
  [(d) => (d['faults'][0].fault.target = 5), 'faults/0/fault/target', /selects nothing/, /"all"/],
  [(d) => (d['faults'][0].fault.target = 'm1'), 'faults/0/fault/target', /no node or group "m1"/],
  [
    (d) => (d['faults'][0].fault.target = { rol: 'leader' }),
    'faults/0/fault/target/rol',
    /no part "rol"/,
    /mean role/,
  ],
  [
    (d) => (d['faults'][0].fault.target = { role: 'leadr' }),
    'faults/0/fault/target/role',
    /no role "leadr"/,
    /mean leader/,
  ],
  [
    (d) => (d['groups'][0].placement = { zon: 'east' }),
    'groups/n/placement/zon',
    /no setting "zon"/,
    /mean zone/,
  ],
  [
    (d) => (d['faults'][0].fault.target = { role: 'leader', grop: 'n' }),
    'faults/0/fault/target/grop',
    /no part "grop"/,
    /group/,
  ],
  [
    (d) => (d['faults'][0].fault.target = { role: 'leader', group: 'm' }),
    'faults/0/fault/target/group',
    /no group "m"/,
  ],
  [
    (d) => (d['faults'][0].fault.target = { first: -1, of: 'n' }),
    'faults/0/fault/target/first',
    /whole number from 0/,
  ],
  [
    (d) => (d['faults'][0].fault.target = { except: 'n1', from: ['q'] }),
    'faults/0/fault/target/from/0',
    /no node or group "q"/,
  ],
  [
    (d) => (d['faults'][0].fault = { type: 'crush', target: 'n' }),
    'faults/0/fault/type',
    /no fault/,
    /crash/,
  ],
  [(d) => (d['faults'][0].fault = { type: 'crash' }), 'faults/0/fault', /target/],
  [(d) => (d['faults'][0].fault = { type: 'latency' }), 'faults/0/fault', /a factor, an extra/],
  [
    (d) => (d['faults'][0].fault = { type: 'slow-disk', target: 'n' }),
    'faults/0/fault',
    /a factor/,
  ],
  [
    (d) => (d['faults'][0].fault = { type: 'loss', probability: 2 }),
    'faults/0/fault/probability',
    /probability/,
  ],
  [
    (d) => (d['faults'][1].fault.extra = { kind: 'x' }),
    'faults/1/fault/extra/kind',
    /no distribution/,
  ],
  [(d) => (d['faults'][1].every.interval = 5), 'faults/1/every/interval', /no distribution/],
  [(d) => (d['faults'][1].atMs = 5), 'faults/1', /exactly one of/],
  [(d) => (d['faults'][1].id = 'a'), 'faults/1', /two faults "a"/],
  [
    (d) => (d['faults'][2].when.use = 'two-leader'),
    'faults/2/when/use',
    /no predicate/,
    /two-leaders/,
  ],
  [
    (d) => (d['faults'][2].when.args = { grup: 'n' }),
    'faults/2/when/args/grup',
    /no setting/,
    /group/,
  ],
  [(d) => (d['faults'][2].when.args = { group: 'm' }), 'faults/2/when/args/group', /no group "m"/],
  [(d) => d['faults'].push({ fault: broken }), 'faults/3', /exactly one of/],
  [(d) => (d['checks'][0].args = { group: 'm' }), 'checks/safe/args/group', /no group "m"/],
  [(d) => (d['checks'][0].use = 'raft-savety'), 'checks/safe/use', /no check/, /raft-safety/],
  [(d) => (d['checks'][1].id = 'safe'), 'checks/safe', /two checks/],
  [(d) => (d['checks'][1].args.predicate = 'x'), 'checks/led/args/predicate', /no predicate "x"/],
  [(d) => (d['checks'][1].args.with.group = 'm'), 'checks/led/args/with/group', /no group "m"/],
  [(d) => (d['checks'][2].args.clients = 'd'), 'checks/quick/args/clients', /no group "d"/],
  [
    (d) => (d['checks'][3].args.fact = 'raft.leadr'),
    'checks/few/args/fact',
    /no fact/,
    /raft\.leader/,
  ],
  [(d) => (d['checks'][3].args = {}), 'checks/few/args/fact', /no fact ""/],
  [(d) => delete d['checks'][3].args.atMost, 'checks/few/args', /sets no bound/, /atLeast or atM/],
  [
    (d) => (d['checks'][3].args = { fact: 'raft.leader', atLeast: 0 }),
    'checks/few/args',
    /hold whatever happens/,
  ],
  [(d) => delete d['checks'][2].args.atMost, 'checks/quick/args', /sets no bound/, /atLeast or/],
  [
    (d) => (d['checks'][2].args.atLeast = 901),
    'checks/quick/args/atLeast',
    /at least 901 and at most 900/,
    /not be more than atMost/,
  ],
  [
    (d) => Object.assign(d['checks'][2].args, { fromMs: 200, untilMs: 100 }),
    'checks/quick/args/untilMs',
    /ends at 100 ms, before it begins at 200 ms/,
    /ends with the run/,
  ],
  [
    (d) => (d['checks'][3].args.fromMs = 500),
    'checks/few/args/fromMs',
    /begins at 500 ms, but the run is over at 500 ms/,
    /durationMs/,
  ],
  [
    (d) => {
      const args = { predicate: 'one-leader', fromMs: 9, untilMs: 9 };
      d['checks'][1] = { id: 'led', use: 'always', args };
    },
    'checks/led/args/untilMs',
    /before it begins/,
  ],
  [
    (d) => (d['checks'][2] = { id: 'quick', use: 'gauge', args: { atMost: 1 } }),
    'checks/quick/args/group',
    /names no group/,
    /Name the group/,
  ],
  [
    (d) => (d['checks'][2] = { id: 'quick', use: 'gauge', args: { group: 'c', gauge: 'Retries' } }),
    'checks/quick/args',
    /sets no bound/,
    /atLeast or atMost/,
  ],
  [
    (d) => (d['checks'][2] = { id: 'quick', use: 'stale-reads', args: { atLeast: 3, atMost: 2 } }),
    'checks/quick/args/atLeast',
    /at least 3 and at most 2/,
  ],
  [
    (d) => (d['checks'][2] = { id: 'quick', use: 'stale-reads', args: { fromMs: 600 } }),
    'checks/quick/args/fromMs',
    /run is over/,
  ],
  [(d) => (d['story'][0].at = 3), 'story/0/at', /a set of named values/, /It has ms, when/],
  [(d) => (d['story'][0].at = {}), 'story/0/at', /must be \{ ms \} or \{ when \}/],
  [(d) => (d['story'][0].at = { m: 3 }), 'story/0/at/m', /no setting "m"/, /ms/],
  [(d) => (d['story'][0].predict.optons = []), 'story/0/predict/optons', /no setting/, /options/],
  [(d) => (d['durationMs'] = '12s'), 'durationMs', /a number of ms, not "12s"/, /Write 12000/],
  [(d) => (d['story'][0].at = { when: 'x' }), 'story/0/at/use', /no predicate "x"/],
  [(d) => (d['story'][0].focus = ['z']), 'story/0/focus/0', /no node or group "z"/],
  [(d) => (d['story'][0].check = 'safety'), 'story/0/check', /a check "safety"/, /safe/],
  [(d) => (d['story'][0].predict.answer = 2), 'story/0/predict/answer', /no option 2/],
  [
    (d) => (d['groups'][1].links = { server: 'n' }),
    'groups/c/links/server',
    /kv-client has no link "server"/,
    /servers/,
  ],
  [(d) => delete d['groups'][1].links, 'groups/c/links/servers', /needs a link "servers"/],
  [(d) => (d['groups'][1].links.servers = 'm'), 'groups/c/links/servers', /"m", which does not/],
  [
    (d) => (d['groups'][1].links.servers = 'c'),
    'groups/c/links/servers',
    /speaks kv or kv-session over "servers", but/,
  ],
  [(d) => (d['groups'][0].links = { servers: 'n' }), 'groups/n/links/servers', /has no link/],
  [(d) => (d['faults'][0].atMss = 5), 'faults/0/atMss', /no setting "atMss"/, /atMs/],
  [
    (d) => (d['faults'][0].fault.targets = 'n'),
    'faults/0/fault/targets',
    /no setting "targets"/,
    /target/,
  ],
  [(d) => (d['faults'][2].when.time = 1), 'faults/2/when/time', /no setting "time"/, /times/],
  [(d) => (d['groups'][0].counts = 1), 'groups/n/counts', /no setting "counts"/, /count/],
  [(d) => (d['chekcs'] = []), 'chekcs', /no setting "chekcs"/, /checks/],
  [(d) => (d['healAtMs'] = -1), 'healAtMs', /healAtMs/],
  [(d) => (d['limits'] = { event: 5 }), 'limits/event', /no setting/, /events/],
  [(d) => (d['limits'] = { events: 0 }), 'limits/events', /at least 1/],
];

describe('a document', () => {
  it('without a mistake runs', () => {
    const report = new Session(spec(good())).run();
    expect(report.ended).toBe('duration');
    expect(report.metrics.facts.find((f) => f.type === 'node.crashed')?.count).toBeGreaterThan(0);
  });

  it.each(MISTAKES.map(([change, ...rest]) => [String(change).slice(5), change, ...rest] as const))(
    'with %s is refused',
    (_text, change, path, sentence, hint) => {
      const error = complaint(change);
      expect(error.message).toMatch(sentence);
      expect(error.path).toBe(path);
      if (hint !== undefined) expect(error.hint).toMatch(hint);
    },
  );
});

describe('a plan that no document gave', () => {
  it('names a scheduling that there is', () => {
    const plan = planFromDocument(good());
    const lifo = { ...plan.groups[0], scheduling: 'lifo' } as unknown as (typeof plan.groups)[0];
    const groups = [lifo, ...plan.groups.slice(1)];
    expect(() => checkPlan({ ...plan, groups }, makeRegistry())).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/no scheduling "lifo"/) as string,
        path: 'groups/n/scheduling',
        hint: 'Did you mean fifo?',
      }) as Error,
    );
  });
});
