/**
 * An engine of a few lines that keeps the session's promises, for tests of the page's own parts:
 * an event every millisecond, a message per event that flies for 5 ms, nodes that count. Acts are
 * remembered and change the trace hash from then on. It never ships.
 */
import { NO_PROOF } from '../../../src/sim/index.ts';
import type {
  Act,
  CheckFrame,
  Chunk,
  FaultChange,
  FaultFrame,
  FeedEntry,
  FlightColumns,
  NodeDelta,
  NodeFrame,
  Plan,
  Report,
  RunSpec,
} from '../../../src/sim/index.ts';
import type { Engine, RunningSession } from '../../../src/viz/worker/engine-port.ts';
import type { CatalogueEntry, RequestTree } from '../../../src/viz/worker/protocol.ts';

export const EVENT_MICROS = 1_000;
const FLIGHT_MICROS = 5_000;
const NODES = 3;
export const DURATION_MICROS = 400_000;

export const plan: Plan = {
  title: 'Synthetic',
  summary: 'Counts.',
  durationMs: DURATION_MICROS / 1_000,
  network: {},
  groups: [
    { name: 'n', component: 'counter', count: NODES },
    { name: 'c', component: 'caller', count: 2, links: { servers: 'n' } },
  ],
  faults: [],
  checks: [{ id: 'counts', use: 'always' }],
  story: [
    { title: 'At once', text: '', at: { ms: 0 } },
    { title: 'Fifty', text: '', at: { when: 'fifty' } },
  ],
};

export const spec: RunSpec = {
  engine: 1,
  scenario: { id: 'test/synthetic' },
  params: {},
  ablations: [],
  seed: 1,
  order: 'fifo',
  limits: {},
  interventions: [],
};

const entry: CatalogueEntry = {
  id: 'test/synthetic',
  topic: 'test',
  title: 'Synthetic',
  summary: 'Counts.',
  tier: 'calm',
  sources: [],
  params: {},
  variants: [{ name: 'default', about: '', params: {}, ablations: [] }],
  thingsToTry: [],
  leavesOut: [],
};

export function nodeFrame(index: number, count: number): NodeFrame {
  return {
    index,
    id: `n/${index + 1}/0`,
    name: `n${index + 1}`,
    group: 'n',
    component: 'counter',
    badge: 'CO',
    zone: 'zone',
    status: 'up',
    roles: [],
    view: { component: 'counter', fields: [{ label: 'count', value: count }] },
    timers: [],
    waiting: 0,
    cores: { count: 1, busy: 0, waiting: 0 },
  };
}

/** The counter that a frame shows: how many events its node has had. */
export const countOf = (node: NodeFrame | undefined): number =>
  Number(node?.view?.fields[0]?.value ?? -1);

export class SyntheticSession implements RunningSession {
  readonly comparedWith = null;
  readonly idleParams = [];
  #spec: RunSpec;
  #now = 0;
  #event = 0;
  #applied = 0;
  #fromMicros = 0;
  #fromEvent = 0;
  #faultsAtStart: readonly FaultFrame[] = [];
  #changes: FaultChange[] = [];
  /** How often the whole run was gone through: a measure of work. */
  eventsRun = 0;

  constructor(of: RunSpec) {
    this.#spec = of;
  }
  get spec() {
    return this.#spec;
  }
  get plan() {
    return plan;
  }
  get durationMicros() {
    return DURATION_MICROS;
  }
  get nowMicros() {
    return this.#now;
  }
  get eventNumber() {
    return this.#event;
  }
  get ended() {
    return this.#now >= DURATION_MICROS ? 'duration' : null;
  }
  get traceHash() {
    return `${this.#event}-${JSON.stringify(this.#spec.interventions.slice(0, this.#applied))}`;
  }

  advance(to: { untilMicros?: number; events?: number }): void {
    const until = Math.min(to.untilMicros ?? Infinity, DURATION_MICROS);
    let left = to.events ?? Infinity;
    while (left > 0) {
      this.#applyDue(until);
      const next = (this.#event + 1) * EVENT_MICROS;
      if (next > until) {
        this.#now = Math.max(this.#now, until);
        return;
      }
      this.#now = next;
      this.#event += 1;
      this.eventsRun += 1;
      left -= 1;
    }
  }

  #applyDue(until: number): void {
    for (;;) {
      const due = this.#spec.interventions[this.#applied];
      if (due === undefined || due.micros > until) return;
      if (due.afterEventNumber > this.#event) return;
      if (due.micros < this.#now && due.afterEventNumber < this.#event) return;
      this.#now = Math.max(this.#now, due.micros);
      this.#perform(due.act);
    }
  }

  #perform(act: Act): void {
    this.#applied += 1;
    if (act.do !== 'inject') return;
    this.#changes.push({
      micros: this.#now,
      event: this.#event,
      change: 'start',
      fault: faultOf(act.id),
    });
  }

  get #active(): FaultFrame[] {
    return this.#spec.interventions
      .slice(0, this.#applied)
      .flatMap(({ act }) => (act.do === 'inject' ? [faultOf(act.id)] : []));
  }

  seek(to: { micros: number } | { event: number }): void {
    this.#now = 0;
    this.#event = 0;
    this.#applied = 0;
    if ('event' in to) this.advance({ events: to.event });
    else this.advance({ untilMicros: to.micros });
    this.#begin();
  }

  #begin(): void {
    this.#fromMicros = this.#now;
    this.#fromEvent = this.#event;
    this.#faultsAtStart = this.#active;
    this.#changes = [];
  }

  intervene(act: Act) {
    if (this.ended !== null) throw new Error('The run is over.');
    if (act.do === 'undo') throw new Error('Nothing to undo.');
    const intervention = { micros: this.#now, afterEventNumber: this.#event, act };
    const kept = this.#spec.interventions.slice(0, this.#applied);
    this.#spec = { ...this.#spec, interventions: [...kept, intervention] };
    this.#perform(act);
    return intervention;
  }

  inspect(node: number) {
    return { config: { node }, actions: [] };
  }

  /** Every event is a request of its owner, and the later the slower. */
  slowest(node: number | null) {
    const events = Array.from({ length: this.#event }, (_, i) => i + 1);
    const all = events.filter((event) => node === null || ownerOf(event) === node);
    const slowest = all.slice(-2).reverse().map(treeOf);
    return { of: all.length, slowest };
  }

  report(): Report {
    return { traceHash: this.traceHash } as unknown as Report;
  }

  takeChunk(): Chunk {
    const from = this.#fromEvent;
    const count = this.#event - from;
    const events = Array.from({ length: count }, (_, i) => from + 1 + i);
    const chunk: Chunk = {
      generation: 0,
      fromMicros: this.#fromMicros,
      toMicros: this.#now,
      fromEvent: from,
      toEvent: this.#event,
      eventMicros: Float64Array.from(events, (event) => event * EVENT_MICROS),
      keyframe: Array.from({ length: NODES }, (_, index) => nodeFrame(index, countAt(index, from))),
      deltas: events.map(deltaOf),
      flights: flightsOf(events),
      feed: events.map(feedOf),
      faults: this.#faultsAtStart,
      faultChanges: this.#changes,
      checks: [checkOf(this.#event)],
      checkChanges: [from, ...events].map((event) => {
        const { verdict, status, expected } = checkOf(event);
        const micros = event === from ? this.#fromMicros : event * EVENT_MICROS;
        return { micros, event, check: 0, verdict, status, expected };
      }),
      metrics: [],
      gauges: [],
      storyMicros: [0, this.#event >= 50 ? 50 * EVENT_MICROS : null],
      traceHash: this.traceHash,
      ended: this.ended,
    };
    this.#begin();
    return chunk;
  }
}

const treeOf = (event: number): RequestTree => {
  const fromMicros = event * EVENT_MICROS;
  const toMicros = fromMicros + event;
  const bar = { fromMicros, toMicros, there: null };
  const row = { title: `request ${event}`, depth: 0, bar, outcome: 'ok', result: 'ok' } as const;
  return { number: event, endMicros: toMicros, rows: [{ ...row, kind: 'request' }], more: 0 };
};

/** Event k belongs to node k modulo the number of nodes. */
const ownerOf = (event: number): number => event % NODES;
const countAt = (index: number, event: number): number =>
  Array.from({ length: event }, (_, i) => i + 1).filter((e) => ownerOf(e) === index).length;

const deltaOf = (event: number): NodeDelta => ({
  micros: event * EVENT_MICROS,
  event,
  node: nodeFrame(ownerOf(event), countAt(ownerOf(event), event)),
});

const feedOf = (event: number): FeedEntry => ({
  micros: event * EVENT_MICROS,
  event,
  node: ownerOf(event),
  type: 'count',
  weight: event % 10 === 0 ? 'major' : 'minor',
  text: `event ${event}`,
});

const faultOf = (id: string): FaultFrame => ({
  id,
  type: 'crash',
  label: `fault ${id}`,
  by: 'person',
  nodes: [0],
  islands: [],
  cutLinks: [],
});

/** One finding, at event 100. */
const checkOf = (event: number): CheckFrame => ({
  id: 'counts',
  use: 'always',
  about: '',
  verdict: event >= 100 ? 'fail' : 'unknown',
  status: `after ${event}`,
  expected: 'holds',
  findings:
    event >= 100
      ? [
          {
            check: 'counts',
            micros: 100 * EVENT_MICROS,
            event: 100,
            why: 'a hundred',
            evidence: [100],
            nodes: [],
          },
        ]
      : [],
});

function flightsOf(events: readonly number[]): FlightColumns {
  const column = (value: (event: number) => number) => events.map(value);
  return {
    count: events.length,
    id: Float64Array.from(column((event) => event)),
    event: Float64Array.from(column((event) => event)),
    from: Uint16Array.from(column(ownerOf)),
    to: Uint16Array.from(column((event) => ownerOf(event + 1))),
    kind: Uint8Array.from(column((event) => event % 7)),
    // Every fourth is lost.
    fate: Uint8Array.from(column((event) => (event % 4 === 0 ? 1 : 0))),
    sentMicros: Float64Array.from(column((event) => event * EVENT_MICROS)),
    dueMicros: Float64Array.from(column((event) => event * EVENT_MICROS + FLIGHT_MICROS)),
    label: events.map((event) => `message ${event}`),
  };
}

export interface SyntheticEngine extends Engine {
  readonly sessions: SyntheticSession[];
}

export function syntheticEngine(): SyntheticEngine {
  const sessions: SyntheticSession[] = [];
  return {
    sessions,
    catalogue: () => [entry],
    entry: (id) => (id === entry.id ? { ...entry, rules: [] } : null),
    resolve: (source) => {
      if (source.from === 'link' && source.link.includes('wrong')) throw new Error('wrong link');
      const of = source.from === 'spec' ? source.spec : spec;
      const claim = source.from === 'link' && source.link.includes('h=');
      return {
        spec: of,
        expectedHash: claim ? { traceHash: '400-[]', afterEvent: null } : null,
        atMicros: null,
        otherEngine: source.from === 'link' && source.link.includes('v=9') ? 9 : null,
      };
    },
    trace: (of) => new SyntheticSession(of),
    explain: () => ({ slice: () => false, result: () => NO_PROOF }),
    open: (of) => {
      const session = new SyntheticSession(of);
      sessions.push(session);
      return session;
    },
    link: (of, extra) => `#acts=${of.interventions.length}&h=${extra.traceHash ?? ''}`,
    problemOf: (error) => ({
      kind: 'scenario',
      message: (error as Error).message,
      path: '',
      hint: '',
    }),
  };
}

/** The run cut into chunks of the given lengths in microseconds, the last one repeated. */
export function chunksOf(lengths: readonly number[], of: RunSpec = spec): Chunk[] {
  const session = new SyntheticSession(of);
  const chunks: Chunk[] = [];
  for (let i = 0; session.ended === null; i++) {
    const length = lengths[Math.min(i, lengths.length - 1)]!;
    session.advance({ untilMicros: session.nowMicros + length });
    chunks.push(session.takeChunk());
  }
  return chunks;
}
