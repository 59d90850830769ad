/**
 * From what the checks say to the verdict of a run: expected findings are a pass, an expected
 * break that did not come is a failure. Fail outranks unknown outranks pass.
 *
 * A run with rules off that its variant has on is compared with the variant: a check that shows
 * something else than with the rules on is a failure, for that is what the run was made to find.
 */
import type { Verdict } from '../check/check.ts';
import type { Expectation } from '../scenario/scenario.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import type { GaugeTotal } from '../observe/gauges.ts';
import type { CheckPlan } from '../scenario/plan.ts';
import type { JudgedVariant } from './document-source.ts';
import { encodeLink } from './link.ts';
import type { LiveCheck, Observers } from './observers.ts';
import type { Prepared } from './prepare.ts';
import type { CheckReport, FindingReport, GaugeReport } from './report.ts';
import type { MetricsReport, Report } from './report.ts';
import { ENDED_DURATION } from './run.ts';
import type { Run } from './run.ts';
import type { RunSpec } from './spec.ts';

export function expectationOf(variant: JudgedVariant | null, check: string): Expectation {
  return variant?.expect?.[check] ?? 'holds';
}

export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('unknown') ? 'unknown' : 'pass';
}

interface Judged {
  readonly spec: RunSpec;
  readonly prepared: Prepared;
  readonly run: Run;
  readonly observers: Observers;
  readonly stateHash: string;
  readonly linkBase: string;
}

export function judge(judged: Judged): Report {
  const { spec, prepared, run, observers } = judged;
  const checks = observers.checks.map((check) => judgeCheck(check, judged));
  const ended = run.ended ?? 'not finished';
  // Whatever lies behind a limit is not known; a failure that was seen stays one.
  const cut: Verdict = ended === ENDED_DURATION ? 'pass' : 'unknown';
  const traceHash = run.parts.kernel.hash.hex();
  return {
    spec,
    scenario: prepared.name,
    title: prepared.plan.title,
    params: prepared.params,
    seed: spec.seed,
    variant: prepared.variant?.name ?? null,
    beyondVariant: prepared.beyond,
    nearVariant: prepared.near?.name ?? null,
    idleParams: prepared.idle,
    verdict: worst([...checks.map((c) => c.verdict), cut]),
    modified: spec.ablations,
    events: run.eventNumber,
    simulatedMicros: run.now,
    traceHash,
    stateHash: judged.stateHash,
    ended,
    endedHint: hintOf(run),
    checks,
    findings: observers.checks.flatMap((check, i) =>
      findingsOf(check, checks[i]?.verdict ?? 'fail', prepared.variant ?? prepared.near ?? null),
    ),
    metrics: metricsOf(run, observers),
    repro: {
      command: commandOf(spec),
      link: `${judged.linkBase}${encodeLink(spec, { traceHash })}`,
    },
  };
}

const NAMED_MAX = 4;

/** Which nodes went in a circle at one moment, and what would let time go on. */
function hintOf(run: Run): string {
  const nodes = run.standingStill.map((index) => run.parts.host.node(index));
  if (nodes.length === 0) return '';
  const names = nodes.map(({ identity, behaviour }) => `${identity.name} (${behaviour.component})`);
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return (
    `Time stands still: ${names.slice(0, NAMED_MAX).join(', ')}${more} went on without any ` +
    'passing. Give them some: a latency of the network, a think time of the clients (thinkMs), ' +
    'or a step of work.'
  );
}

function judgeCheck(check: LiveCheck, judged: Judged): CheckReport {
  const { variant, beyond, near } = judged.prepared;
  const standing = check.running.standing(judged.observers.ended);
  const expectation = expectationOf(variant, check.plan.id);
  const first = check.findings[0];
  const base = {
    check: check.plan.id,
    use: check.plan.use,
    about: check.about,
    result: standing.verdict,
    ...(check.running.reached === undefined ? {} : { reached: check.running.reached }),
  };
  if (near !== undefined && expectationOf(near, check.plan.id) !== 'holds') {
    if (standing.verdict === 'fail') {
      const why = `As in the variant ${near.name}: ${first?.why ?? standing.text}`;
      return { ...base, expected: 'breaks', verdict: 'pass', why };
    }
  }
  if (expectation === 'holds') {
    const why = first?.why ?? standing.text;
    return { ...base, expected: 'holds', verdict: standing.verdict, why };
  }
  const breaks = { ...base, expected: 'breaks' } as const;
  if (standing.verdict === 'unknown') return { ...breaks, verdict: 'unknown', why: standing.text };
  if (standing.verdict === 'pass') {
    const why =
      beyond.length > 0
        ? 'It holds with these rules off, and breaks with them on.'
        : 'It was expected to break, but it held.';
    return { ...breaks, verdict: 'fail', why };
  }
  // How it breaks is said of the variant itself: with another rule off it may break in another way.
  const { count, witness } = beyond.length > 0 ? {} : expectation.breaks;
  if (count !== undefined && check.findings.length !== count) {
    const why = `${check.findings.length} findings, not ${count} as expected.`;
    return { ...breaks, verdict: 'fail', why };
  }
  if (witness !== undefined && first?.why.includes(witness) !== true) {
    const why = `It broke in another way than expected ("${witness}"): ${first?.why ?? ''}`;
    return { ...breaks, verdict: 'fail', why };
  }
  return { ...breaks, verdict: 'pass', why: `As expected: ${first?.why ?? standing.text}` };
}

function findingsOf(
  check: LiveCheck,
  verdict: Verdict,
  variant: JudgedVariant | null,
): readonly FindingReport[] {
  const expected = expectationOf(variant, check.plan.id) !== 'holds' && verdict === 'pass';
  return check.findings.map((finding) => ({
    check: finding.check,
    verdict: expected ? 'pass' : 'fail',
    expected,
    atMicros: finding.atMicros,
    event: finding.event,
    why: finding.why,
    evidence: finding.evidence,
  }));
}

function metricsOf(run: Run, observers: Observers): MetricsReport {
  const { metrics } = observers;
  const { network, host } = run.parts;
  const quantile = (percent: number): number => metrics.latencies.percentile(percent);
  const summary = metrics.latencies.summary();
  return {
    operations: metrics.invoked,
    ok: metrics.ok,
    fail: metrics.fail,
    // What was still under way at the end is as unknown as what timed out.
    unknown: metrics.invoked - metrics.ok - metrics.fail,
    retries: metrics.retries,
    hedges: metrics.hedges,
    latencyMicros: {
      p50: quantile(50),
      p90: quantile(90),
      p95: quantile(95),
      p99: quantile(99),
      p999: quantile(99.9),
      max: summary.max,
      mean: summary.mean,
    },
    byOperation: metrics.operations.totals(),
    messagesSent: network.packetsSent,
    messagesLost: network.packetsLost,
    lateReplies: host.calls.lateReplies,
    facts: [...metrics.facts]
      .map(([type, count]) => ({ type, count }))
      .sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0)),
    errors: metrics.errors,
    gauges: gaugesOf(observers),
  };
}

function gaugesOf({ gauges, checks }: Observers): readonly GaugeReport[] {
  return gauges.totals().map((total) => {
    const about = checks.filter(({ plan }) => isAbout(plan, total));
    return { ...total, checks: about.map(({ plan }) => plan.id) };
  });
}

function isAbout({ use, args }: CheckPlan, { group, title }: GaugeTotal): boolean {
  if (use !== 'gauge') return false;
  const named = args as { readonly group?: unknown; readonly gauge?: unknown };
  return named.group === group && named.gauge === title;
}

/** The one command that repeats the run. What no flag can say travels in the link. */
export function commandOf(spec: RunSpec): string {
  const plain =
    'id' in spec.scenario &&
    spec.interventions.length === 0 &&
    spec.planOverride === undefined &&
    Object.keys(spec.limits).length === 0;
  if (!plain || !('id' in spec.scenario)) return `faultline replay '${encodeLink(spec)}'`;
  const words = ['faultline', 'run', spec.scenario.id, '--seed', String(spec.seed)];
  for (const [name, value] of Object.entries(spec.params)) {
    words.push('--param', `${name}=${typeof value === 'string' ? value : canonicalJson(value)}`);
  }
  for (const rule of spec.ablations) words.push('--off', rule);
  if (spec.order !== 'fifo') words.push('--order', `permute:${spec.order.permute}`);
  return words.join(' ');
}
