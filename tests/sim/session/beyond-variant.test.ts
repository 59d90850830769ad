/**
 * A run with rules off that its variant has on: it is compared with the variant, so that nothing
 * changes its verdict but what the rules change; and a rule that nobody follows is refused.
 */
import { describe, expect, it } from 'vitest';
import {
  COMPONENTS,
  ScenarioError,
  Session,
  decodeLink,
  encodeLink,
  makeRegistry,
  makeSpec,
  rulesInUse,
  simulate,
  sourceOf,
} from 'faultline';
import type { AnyBehaviour, AnyScenario, Plan, Report, Rule } from 'faultline';
import { catalogue } from '../../../scenarios/index.ts';

const find = (id: string): AnyScenario => catalogue.find((one) => one.id === id)!;
const failover = find('consensus/leader-failover');
const RULE = 'raft.persist-before-reply';

const shown = (report: Report) =>
  report.checks.map(({ check, expected, result, verdict }) => [check, expected, result, verdict]);

function refusal(look: () => unknown): ScenarioError {
  try {
    look();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nobody complained');
}

describe('a rule that is off beyond the variant', () => {
  // No leader loses its office by then: the rule is followed and never needed.
  const needless = { seed: 3, untilMs: 1_000, ablations: ['raft.lost-is-not-failed'] };

  it('changes no verdict where it changes no check', () => {
    for (const { name } of failover.variants) {
      const whole = simulate(failover, { seed: 3, untilMs: 1_000, variant: name });
      const without = simulate(failover, { ...needless, variant: name });
      expect(without).toMatchObject({ variant: name, beyondVariant: needless.ablations });
      expect(shown(without)).toEqual(shown(whole));
    }
  });

  it('makes a find of a check that breaks without it', () => {
    const other: AnyScenario = { ...failover, variants: failover.variants.slice(0, 1) };
    const report = simulate(other, { seed: 3, ablations: [RULE] });
    expect(report).toMatchObject({ variant: 'default', beyondVariant: [RULE], verdict: 'fail' });
    const safety = report.checks.find(({ check }) => check === 'raft-safety');
    expect(safety).toMatchObject({ expected: 'holds', result: 'fail', verdict: 'fail' });
  });

  it('makes a find of a check that should break, and holds without it', () => {
    const forgetful = failover.variants.find(({ name }) => name === 'forgetful')!;
    const lesson = { ...forgetful, ablations: [] };
    const other: AnyScenario = { ...failover, variants: [lesson] };
    const report = simulate(other, { seed: 3, ablations: ['raft.lost-is-not-failed'] });
    expect(report).toMatchObject({ variant: 'forgetful', verdict: 'fail' });
    const safety = report.checks.find(({ check }) => check === 'raft-safety');
    expect(safety).toMatchObject({ expected: 'breaks', result: 'pass', verdict: 'fail' });
    expect(safety?.why).toMatch(/holds with these rules off, and breaks with them on/);
  });

  it('is named with the variant that has most of the rules off already', () => {
    const both = { seed: 3, untilMs: 1_000, ablations: ['raft.lost-is-not-failed', RULE, RULE] };
    expect(simulate(failover, both)).toMatchObject({
      variant: 'forgetful',
      beyondVariant: ['raft.lost-is-not-failed'],
    });
    expect(simulate(failover, { ...both, ablations: [RULE, RULE] })).toMatchObject({
      variant: 'forgetful',
      beyondVariant: [],
    });
  });

  it('is compared the same way in a document that travels', () => {
    const spec = makeSpec(failover, needless);
    const session = new Session(spec, { scenarios: catalogue });
    const from = sourceOf(failover.id, session);
    const { planOverride: _none, ...rest } = spec;
    const carried = { ...rest, scenario: { document: session.plan, from }, params: {} };
    const report = new Session(decodeLink(encodeLink(carried)).spec).run();
    expect(report.beyondVariant).toEqual(needless.ablations);
    expect(shown(report)).toEqual(shown(session.run()));
  });
});

describe('the rule by which what nobody waits for is not begun', () => {
  const metastable = find('anti-patterns/metastable-failure');
  const variant = 'no-stale-work';

  it('is what the way back of a service depends on', () => {
    const run = (rule: string) => simulate(metastable, { seed: 1, variant, ablations: [rule] });
    const without = run('traffic.drop-expired');
    expect(without.verdict).toBe('fail');
    expect(without.checks.find(({ check }) => check === 'recovers')?.result).toBe('fail');
    const stale = simulate(metastable, { seed: 1, variant: 'default' });
    expect(without.traceHash).toBe(stale.traceHash);
  });
});

describe('a rule that no component of the run follows', () => {
  const off = (rule: string) => refusal(() => simulate(failover, { ablations: [rule] }));

  it('is refused with the nearest that one does', () => {
    const error = off('paxos.persist-before-reply');
    expect(error.message).toMatch(/No component of this run follows .* one of paxos-kv/);
    expect([error.path, error.hint]).toEqual(['ablations', `Did you mean ${RULE}?`]);
    expect(off('raft.persist-before-replying').hint).toBe(`Did you mean ${RULE}?`);
    expect(off('raft.persist-before-replying').message).toMatch(/There is no rule/);
  });

  it('is refused where nobody follows any', () => {
    const plan = {
      title: 'One store',
      summary: '',
      durationMs: 1,
      network: {},
      groups: [{ name: 'store', component: 'limit-store', count: 1 }],
      faults: [],
      checks: [],
      story: [],
    };
    const spec = { ...makeSpec(failover), scenario: { document: plan }, ablations: [RULE] };
    expect(refusal(() => new Session(spec)).hint).toMatch(/no rule that can be switched off/);
  });
});

describe('a rule that a component follows, and nothing in the run uses', () => {
  const refused = (id: string, rule: string, params: object = {}) =>
    refusal(() => simulate(find(id), { params: { ...params }, ablations: [rule] }));

  it('is refused, with those that are in use', () => {
    const { message, path, hint } = refused('patterns/hedging', 'traffic.fallback');
    expect(message).toMatch(/"traffic.fallback" would change nothing: .* nobody uses it/);
    expect(path).toBe('ablations');
    expect(hint).toMatch(/The choices are .*traffic\.hedge/);
    expect(hint).not.toMatch(/codel|bulkhead|retry/);
    const stale = refused('anti-patterns/metastable-failure', 'traffic.drop-expired');
    expect(stale.path).toBe('ablations');
  });

  const from = (config: Record<string, unknown>, app: object = {}): Plan => ({
    title: 'T',
    summary: '',
    durationMs: 1,
    network: {},
    groups: [
      { name: 'c', component: 'http-client', count: 1, links: { target: 's' }, config },
      { name: 's', component: 'service', count: 1, config: { steps: [], ...app } },
    ],
    faults: [],
    checks: [],
    story: [],
  });
  const used = (plan: Plan) => rulesInUse(plan, makeRegistry()).map(({ id }) => id);
  const retries = { maxAttempts: 2 };

  it.each<readonly [rule: string, call: object]>([
    ['retry-jitter', retries],
    ['retry-backoff', { ...retries, backoff: { policy: 'constant' } }],
    ['retry-budget', { ...retries, retryBudget: { kind: 'envoy' } }],
    ['retry-after', retries],
    ['circuit-breaker', { circuitBreaker: { enabled: true } }],
    ['bulkhead', { maxConcurrentCalls: 1 }],
    ['hedge', { hedge: { afterMs: 5 } }],
    ['throttle', { throttleK: 2 }],
    ['deadline-propagation', { propagateDeadline: true }],
  ])('traffic.%s is in use by a call policy that says so alone', (rule, call) => {
    expect(used(from({}))).toEqual(['traffic.timeout']);
    expect(used(from({ call }))).toContain(`traffic.${rule}`);
  });

  it('is no draw where none is made, and no pause where there is none', () => {
    const paused = (policy: string) => used(from({ call: { ...retries, backoff: { policy } } }));
    expect(paused('exponential')).not.toContain('traffic.retry-jitter');
    expect(paused('none')).not.toContain('traffic.retry-jitter');
    expect(paused('none')).not.toContain('traffic.retry-backoff');
  });

  it.each<readonly [rule: string, app: object]>([
    ['backpressure', { admission: { concurrencyLimit: 1 } }],
    ['load-shedding', { admission: { concurrencyLimit: 1, discipline: 'priority' } }],
    ['codel', { admission: { concurrencyLimit: 1, codel: true } }],
    ['drop-expired', { admission: { concurrencyLimit: 1, dropExpired: true } }],
    ['deadline-propagation', { propagateDeadline: true }],
  ])('traffic.%s is in use by a service that says so alone', (rule, app) => {
    expect(used(from({}, app))).toContain(`traffic.${rule}`);
  });
});

describe('a parameter that changes nothing in the plan', () => {
  it.each<readonly [id: string, params: { readonly [name: string]: unknown }]>([
    ['rate-limiter/local-with-sync', { counting: 'local', syncMs: 10 }],
    ['load-balancing/power-of-two', { policy: 'random', choices: 5 }],
    ['caching/missing-objects', { negativeTtlMs: 5_000 }],
  ])('leaves a run of %s the variant that it is, and is named', (id, params) => {
    const scenario = find(id);
    const session = new Session(makeSpec(scenario, { seed: 1, params }), { scenarios: catalogue });
    const { variant, idleParams } = session;
    expect(idleParams).toHaveLength(1);
    expect(params).toHaveProperty(idleParams[0]!);
    const own = new Session(makeSpec(scenario, { seed: 1, variant: variant!.name }), {
      scenarios: catalogue,
    });
    expect(own.idleParams).toEqual([]);
    const [run, whole] = [session.run(), own.run()];
    expect(run.idleParams).toEqual(idleParams);
    expect([run.verdict, run.traceHash]).toEqual([whole.verdict, whole.traceHash]);
    expect(shown(run)).toEqual(shown(whole));
  });

  it('is another matter than one that changes it', () => {
    const params = { loadPercent: 61 };
    const spec = makeSpec(find('anti-patterns/metastable-failure'), { seed: 1, params });
    const session = new Session(spec, { scenarios: catalogue });
    expect([session.variant, session.idleParams]).toEqual([null, []]);
  });
});

describe('parameters of no variant', () => {
  const params = { electionTimeoutMs: 2_000, nodes: 3 };

  it('are judged by the variant that the run is but for them: what breaks there may break', () => {
    const report = simulate(failover, { seed: 1, params });
    expect(report).toMatchObject({ variant: null, nearVariant: 'patient', verdict: 'pass' });
    const hiccup = report.checks.find(({ check }) => check === 'a-hiccup');
    expect(hiccup).toMatchObject({ expected: 'breaks', result: 'fail', verdict: 'pass' });
    expect(hiccup?.why).toMatch(/^As in the variant patient: /);
    expect(report.findings.map(({ expected }) => expected)).toEqual([true]);
  });

  it('are judged the same way while the run goes on, and in a document that travels', () => {
    const spec = makeSpec(failover, { params });
    const session = new Session(spec, { scenarios: catalogue });
    const before = session.checkFrames().find(({ id }) => id === 'a-hiccup');
    expect(before).toMatchObject({ expected: 'holds' });
    const report = session.run();
    const after = session.checkFrames().find(({ id }) => id === 'a-hiccup');
    expect(after).toMatchObject({ verdict: 'fail', expected: 'breaks' });
    const document = { document: session.plan, from: sourceOf(failover.id, session) };
    const carried = decodeLink(encodeLink({ ...spec, scenario: document, params: {} })).spec;
    const again = new Session(carried).run();
    expect(again).toMatchObject({ variant: null, nearVariant: 'patient', verdict: 'pass' });
    expect(again.checks).toEqual(report.checks);
  });

  it('let nothing break that holds there', () => {
    const mild = simulate(failover, { seed: 1, params: { electionTimeoutMs: 200 } });
    expect(mild).toMatchObject({ variant: null, nearVariant: 'default', verdict: 'pass' });
    const late = { electionTimeoutMs: 1_900 };
    const worse = simulate(failover, { seed: 1, params: late });
    expect(worse).toMatchObject({ nearVariant: 'default', verdict: 'fail' });
    const without = simulate(failover, { seed: 1, params, ablations: [RULE] });
    expect(without).toMatchObject({ nearVariant: 'patient', verdict: 'fail' });
    const safety = without.checks.find(({ check }) => check === 'raft-safety');
    expect(safety).toMatchObject({ expected: 'holds', result: 'fail' });
  });

  it('name no variant where a person has interfered', () => {
    const spec = makeSpec(failover, { params, planOverride: { faults: [] } });
    const report = new Session(spec, { scenarios: catalogue }).run();
    expect([report.variant, report.nearVariant]).toEqual([null, null]);
  });
});

describe('the rules of components', () => {
  const registry = makeRegistry();

  it('are all followed by one', () => {
    const followed = new Set(
      Object.values<AnyBehaviour>(COMPONENTS).flatMap(({ rules = [] }) => rules),
    );
    expect([...registry.rules.keys()].filter((id) => !followed.has(id))).toEqual([]);
  });

  it('cover whatever a variant of the catalogue switches off', () => {
    for (const scenario of catalogue) {
      for (const { name, ablations = [] } of scenario.variants) {
        if (ablations.length === 0) continue;
        const spec = makeSpec(scenario, { variant: name });
        const { plan } = new Session(spec, { scenarios: catalogue });
        expect(rulesInUse(plan, registry).map(({ id }) => id)).toEqual(
          expect.arrayContaining([...ablations]),
        );
      }
    }
  });

  it('that a file registers without a follower are refused, and the other way round', () => {
    const rule: Rule = { id: 'mine.own', rule: 'R.', breaks: 'B.', source: 'S' };
    const alone = refusal(() => makeRegistry({ rules: [rule] }));
    expect([alone.path, alone.hint]).toEqual([
      'registers/rules',
      'Name it in `rules` of the behaviour that asks for it.',
    ]);
    const component = { ...COMPONENTS.database, component: 'mine', rules: ['mine.own'] };
    expect(refusal(() => makeRegistry({ components: [component] })).message).toMatch(
      /mine follows a rule "mine.own" that is not registered/,
    );
    const both = makeRegistry({ components: [component], rules: [rule] });
    expect(both.rules.has('mine.own')).toBe(true);
  });
});
