/**
 * What the tape, the feed and the charts need of a whole branch, kept small so that it is never
 * given up: who led when, which faults were in force when, the feed, the findings, the traffic.
 *
 * Invariant: it is what folding the branch's chunks from the start would give; `cutLedger` gives
 * what folding only the past would.
 */
import type {
  CheckFrame,
  Chunk,
  FaultFrame,
  FeedEntry,
  FindingFrame,
  GaugeFrame,
  MetricsFrame,
  NodeFrame,
} from '../../sim/index.ts';
import { painterOf } from '../painters/index.ts';
import type { Moment, Position } from './position.ts';
import { happened } from './position.ts';

/** Someone led, from a moment until another or until now. */
export interface LeaderSpan extends Moment {
  readonly node: number;
  readonly name: string;
  readonly term: number;
  readonly until: Moment | null;
}

export interface FaultSpan extends Moment {
  readonly fault: FaultFrame;
  readonly until: Moment | null;
}

export interface FindingMark extends FindingFrame {
  readonly expected: boolean;
}

export interface Ledger {
  readonly leaders: readonly LeaderSpan[];
  readonly faults: readonly FaultSpan[];
  readonly feed: readonly FeedEntry[];
  readonly findings: readonly FindingMark[];
  readonly metrics: readonly MetricsFrame[];
  readonly gauges: readonly GaugeFrame[];
  /** Per step of the story: when it came true, or null. */
  readonly story: readonly (number | null)[];
  /** As of the head of the branch. */
  readonly checks: readonly CheckFrame[];
}

export const EMPTY_LEDGER: Ledger = {
  leaders: [],
  faults: [],
  feed: [],
  findings: [],
  metrics: [],
  gauges: [],
  story: [],
  checks: [],
};

/** The ledger after one more chunk at the head of its branch. */
export function extendLedger(ledger: Ledger, chunk: Chunk): Ledger {
  const leaders = [...ledger.leaders];
  const start = { micros: chunk.fromMicros, event: chunk.fromEvent };
  for (const node of chunk.keyframe) noteLeader(leaders, node, start);
  for (const delta of chunk.deltas) noteLeader(leaders, delta.node, delta);
  const major = chunk.feed.filter((entry) => entry.weight === 'major');
  return {
    leaders,
    faults: extendFaults(ledger.faults, chunk, start),
    feed: major.length === 0 ? ledger.feed : [...ledger.feed, ...major],
    findings: findingsOf(chunk.checks),
    metrics: mergeWindows(ledger.metrics, chunk.metrics),
    gauges: mergeWindows(ledger.gauges, chunk.gauges),
    story: chunk.storyMicros,
    checks: chunk.checks,
  };
}

function noteLeader(leaders: LeaderSpan[], node: NodeFrame, when: Moment): void {
  const at = leaders.findIndex((span) => span.node === node.index && span.until === null);
  const open = leaders[at];
  const leads = node.status !== 'down' && node.roles.includes('leader');
  const term = painterOf(node.component).termOf(node);
  if (open !== undefined && leads && open.term === term) return;
  const moment = { micros: when.micros, event: when.event };
  if (open !== undefined) leaders[at] = { ...open, until: moment };
  if (leads) leaders.push({ ...moment, node: node.index, name: node.name, term, until: null });
}

function extendFaults(
  before: readonly FaultSpan[],
  chunk: Chunk,
  start: Moment,
): readonly FaultSpan[] {
  const spans = [...before];
  const open = (id: string) =>
    spans.findIndex((span) => span.fault.id === id && span.until === null);
  for (const fault of chunk.faults) {
    if (open(fault.id) < 0) spans.push({ ...start, fault, until: null });
  }
  for (const change of chunk.faultChanges) {
    const moment = { micros: change.micros, event: change.event };
    const at = open(change.fault.id);
    const span = spans[at];
    if (span !== undefined) spans[at] = { ...span, until: moment };
    if (change.change === 'start') spans.push({ ...moment, fault: change.fault, until: null });
  }
  return spans;
}

function findingsOf(checks: readonly CheckFrame[]): FindingMark[] {
  return checks
    .flatMap((check) =>
      check.findings.map((finding) => ({ ...finding, expected: check.expected === 'breaks' })),
    )
    .sort((a, b) => a.event - b.event || a.micros - b.micros);
}

/** A window that was still open in the chunk before comes again, with more in it. */
function mergeWindows<T extends { readonly fromMicros: number }>(
  before: readonly T[],
  more: readonly T[],
): readonly T[] {
  const first = more[0];
  if (first === undefined) return before;
  const kept = before.filter((window) => window.fromMicros < first.fromMicros);
  return [...kept, ...more];
}

const reopened = <T extends { readonly until: Moment | null }>(span: T, position: Position): T =>
  span.until !== null && !happened(span.until, position) ? { ...span, until: null } : span;

/** The ledger as it was at `position`. */
export function cutLedger(ledger: Ledger, position: Position): Ledger {
  const past = <T extends Moment>(items: readonly T[]) =>
    items.filter((item) => happened(item, position));
  const findings = past(ledger.findings);
  return {
    leaders: past(ledger.leaders).map((span) => reopened(span, position)),
    faults: past(ledger.faults).map((span) => reopened(span, position)),
    feed: past(ledger.feed),
    findings,
    metrics: ledger.metrics.filter((window) => window.toMicros <= position.micros),
    gauges: ledger.gauges.filter((window) => window.toMicros <= position.micros),
    story: ledger.story.map((at) => (at !== null && at <= position.micros ? at : null)),
    checks: ledger.checks.map((check) => ({
      ...check,
      findings: check.findings.filter((finding) => happened(finding, position)),
    })),
  };
}
