/**
 * Runs a topology in a session and keeps, exactly, when each request began and ended.
 *
 * The run has three parts: a warm-up that is dropped, the time that is measured, and a time without
 * new requests in which all that began gets its answer, so that no slow request is left out. In
 * every run: each request ends exactly once, nobody gets lost in any queue, and Little's law holds
 * in each as an identity of sums.
 */
import { Session, Type, defineCheck, defineScenario, makeSpec } from 'faultline';
import type { Flow, GroupPlan } from 'faultline';
import { SliceSums } from './controls.ts';
import type { Passed, Slicing } from './controls.ts';

/** One unit of a row's time: long beside the microsecond that times are rounded to. */
export const UNIT_MS = 10;
export const WARM_SHARE = 0.1;

/** A list of numbers that grows without boxing them. */
class Numbers {
  values = new Float64Array(1 << 16);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}

interface Completed {
  readonly type: 'client.completed';
  readonly op: number;
  readonly outcome: string;
  readonly error?: string;
  readonly retries: number;
  readonly hedges?: number;
}
interface Invoked {
  readonly type: 'client.invoked';
  readonly op: number;
  readonly f: string;
}

/** What the facts of clients said: requests in the order in which they began. */
class Recording {
  readonly began = new Numbers();
  /** -1 while it is under way. */
  readonly ended = new Numbers();
  /** 1: answered well. */
  readonly ok = new Numbers();
  readonly route = new Numbers();
  /** When requests that were answered well ended, in order. */
  readonly departures = new Numbers();
  readonly routes = new Map<string, number>();
  readonly errors = new Map<string, number>();
  /** Second tries: retries and hedges, of requests that began after the warm-up. */
  again = 0;
  endedTwice = 0;
  readonly #open = new Map<number, number>();
  readonly #warmMicros: number;

  constructor(warmMicros: number) {
    this.#warmMicros = warmMicros;
  }

  invoked({ op, f }: Invoked, now: number): void {
    this.#open.set(op, this.began.length);
    let route = this.routes.get(f);
    if (route === undefined) {
      route = this.routes.size;
      this.routes.set(f, route);
    }
    this.began.push(now);
    this.ended.push(-1);
    this.ok.push(0);
    this.route.push(route);
  }

  completed({ op, outcome, error, retries, hedges = 0 }: Completed, now: number): void {
    const at = this.#open.get(op);
    if (at === undefined) {
      this.endedTwice += 1;
      return;
    }
    this.#open.delete(op);
    this.ended.values[at] = now;
    if ((this.began.values[at] as number) >= this.#warmMicros) {
      this.again += retries + hedges;
    }
    if (outcome === 'ok') {
      this.ok.values[at] = 1;
      this.departures.push(now);
    } else {
      this.errors.set(error ?? '', (this.errors.get(error ?? '') ?? 0) + 1);
    }
  }

  get stillOpen(): number {
    return this.#open.size;
  }
}

export interface Topology {
  readonly groups: readonly GroupPlan[];
  /** In units, the warm-up included. */
  readonly units: number;
  /** In units; default: a tenth of the run. */
  readonly warmUnits?: number;
  readonly seed: number;
  readonly slicing?: Slicing;
  /** In milliseconds; default UNIT_MS. */
  readonly unitMs?: number;
  /** In units: how long the last requests may take. Default: a fifth of the run, at least 200. */
  readonly drainUnits?: number;
}

/** A flow between the warm-up and the end of arrivals. */
export interface Between {
  readonly arrived: number;
  /** The mean number inside. */
  readonly inside: number;
}

export interface Measured {
  readonly seed: number;
  readonly events: number;
  /** Requests that began after the warm-up. */
  readonly requests: number;
  readonly ok: number;
  /** Answered well per unit of time, all of the measured time. */
  readonly throughput: number;
  readonly again: number;
  readonly errors: ReadonlyMap<string, number>;
  readonly between: ReadonlyMap<string, Between>;
  /** Of the slices: each has the mean zero. None without slicing. */
  readonly surprises: readonly number[];
  /** In units: when requests began, and when as many in order ended. For runs where all is well. */
  times(): { readonly began: Float64Array; readonly departures: Float64Array };
  /** In units, rising; of one route where one is named. */
  sojourns(route?: string): Float64Array;
  /**
   * In units, rising: how long each waited for one of `c` places, first come, first served. The
   * n-th to come begins when all but c - 1 of those before it have gone.
   */
  waits(c: number): Float64Array;
}

function scenarioOf(topology: Topology, recording: Recording, durationMs: number) {
  const listens = defineCheck<object, null, Invoked | Completed>({
    use: 'records-requests',
    about: 'Each request ends exactly once.',
    args: Type.Object({}),
    create: (_args, env) => ({
      components: [],
      facts: ['client.invoked', 'client.completed'],
      probes: [],
      onFact({ fact, atMicros }) {
        if (fact.type === 'client.invoked') recording.invoked(fact, atMicros);
        else recording.completed(fact, atMicros);
      },
      onEnd() {
        const { stillOpen, endedTwice } = recording;
        if (stillOpen + endedTwice === 0) return;
        env.report({ why: `${stillOpen} requests never ended, ${endedTwice} ended twice.` });
      },
      standing: () => ({ verdict: 'pass', text: '' }),
      save: () => null,
      restore: () => undefined,
    }),
  });
  return defineScenario({
    id: 'queueing/station',
    title: 'A station',
    summary: 'A station of queueing theory.',
    tier: 'calm',
    sources: [{ title: 'The queueing grid' }],
    leavesOut: [],
    thingsToTry: [],
    params: {},
    registers: { checks: [listens] },
    plan: () => ({
      title: 'A station',
      summary: '',
      durationMs,
      network: { latency: { kind: 'constant', ms: 0 } },
      groups: topology.groups,
      faults: [],
      checks: [{ id: 'ends-once', use: 'records-requests' }],
      story: [],
      limits: { events: 1e9, simMicros: 1e15, pending: 1e7 },
    }),
    variants: [{ name: 'default', about: 'As it is.' }],
  });
}

function flowsOf(session: Session): ReadonlyMap<string, Flow> {
  const flows = new Map<string, Flow>();
  for (const node of session.world.nodes) {
    for (const flow of node.behaviour.flows?.(node.state) ?? []) {
      flows.set(`${node.id.replace(/\/\d+$/, '')} ${flow.name}`, flow);
    }
  }
  return flows;
}

/** Nobody gets lost, and the area under the number inside is the time that all spent inside. */
function assertLaws(flows: ReadonlyMap<string, Flow>, seed: number): void {
  for (const [name, flow] of flows) {
    if (flow.arrived !== flow.left + flow.inside) {
      throw new Error(`seed ${seed}: somebody got lost at ${name}: ${JSON.stringify(flow)}`);
    }
    const spent = flow.sojournMicros + flow.inside * flow.changedMicros - flow.arrivalsInsideMicros;
    if (!Number.isSafeInteger(spent) || flow.areaMicros !== spent) {
      throw new Error(`seed ${seed}: Little's law fails at ${name}: ${JSON.stringify(flow)}`);
    }
  }
}

function between(
  before: ReadonlyMap<string, Flow>,
  after: ReadonlyMap<string, Flow>,
  fromMicros: number,
  untilMicros: number,
): ReadonlyMap<string, Between> {
  const area = (flow: Flow | undefined, now: number) =>
    flow === undefined ? 0 : flow.areaMicros + flow.inside * (now - flow.changedMicros);
  const found = new Map<string, Between>();
  for (const [name, flow] of after) {
    const first = before.get(name);
    found.set(name, {
      arrived: flow.arrived - (first?.arrived ?? 0),
      inside: (area(flow, untilMicros) - area(first, fromMicros)) / (untilMicros - fromMicros),
    });
  }
  return found;
}

export function runTopology(topology: Topology): Measured {
  const { units, seed, unitMs = UNIT_MS } = topology;
  const { warmUnits = units * WARM_SHARE } = topology;
  const warmMicros = Math.floor(warmUnits * unitMs * 1_000);
  const stopMs = Math.ceil(units * unitMs);
  const drainUnits = topology.drainUnits ?? Math.max(200, units / 5);
  const durationMs = stopMs + Math.ceil(drainUnits * unitMs);
  const recording = new Recording(warmMicros);
  const groups = topology.groups.map((group) =>
    group.component === 'http-client' ? { ...group, config: { ...group.config, stopMs } } : group,
  );
  const scenario = scenarioOf({ ...topology, groups }, recording, durationMs);
  const session = new Session(makeSpec(scenario, { seed }), {
    scenarios: [scenario],
    observe: { history: false, metrics: false },
    checkpoints: false,
  });
  session.advance({ untilMicros: warmMicros });
  const warm = flowsOf(session);
  assertLaws(warm, seed);
  const surprises = slices(session, topology, warmMicros, stopMs * 1_000);
  session.advance({ untilMicros: stopMs * 1_000 });
  const stop = flowsOf(session);
  assertLaws(stop, seed);
  session.advance();
  const end = flowsOf(session);
  assertLaws(end, seed);
  for (const [name, { inside }] of end) {
    if (inside !== 0) throw new Error(`seed ${seed}: ${inside} are still inside ${name}`);
  }
  const finding = session.checkFrames()[0]?.findings[0];
  if (finding !== undefined || session.ended !== 'duration') {
    throw new Error(`seed ${seed}: ${finding?.why ?? ''} ${session.ended ?? ''}`);
  }
  const unitMicros = unitMs * 1_000;
  return measured(recording, {
    seed,
    events: session.eventNumber,
    unitMicros,
    warmMicros,
    stopMicros: stopMs * 1_000,
    between: between(warm, stop, warmMicros, stopMs * 1_000),
    surprises,
  });
}

/** What went through each member of a group, at the time that the session has come to. */
function passed(session: Session, group: string, nowMicros: number, unitMicros: number): Passed[] {
  const found: Passed[] = [];
  for (const node of session.world.nodes) {
    if (!node.id.startsWith(`${group}/`)) continue;
    const flows = node.behaviour.flows?.(node.state) ?? [];
    let served = 0;
    for (const flow of flows) {
      const area = flow.areaMicros + flow.inside * (nowMicros - flow.changedMicros);
      if (flow.name === 'requests') served += area;
      if (flow.name === 'queue') served -= area;
    }
    const { inside, arrived, left } = flows.find(({ name }) => name === 'requests') as Flow;
    found.push({ inside, arrived, left, served: served / unitMicros });
  }
  return found;
}

/** Takes the session from the warm-up to the end of arrivals, slice by slice. */
function slices(
  session: Session,
  { slicing, unitMs = UNIT_MS }: Topology,
  fromMicros: number,
  untilMicros: number,
): readonly number[] {
  if (slicing === undefined) return [];
  const unitMicros = unitMs * 1_000;
  const step = Math.round(slicing.every * unitMicros);
  const sums = new SliceSums(slicing, passed(session, slicing.group, fromMicros, unitMicros));
  for (let at = fromMicros; at < untilMicros;) {
    const next = Math.min(untilMicros, at + step);
    session.advance({ untilMicros: next });
    sums.add(passed(session, slicing.group, next, unitMicros), (next - at) / unitMicros);
    at = next;
  }
  return sums.means;
}

function measured(
  recording: Recording,
  run: {
    readonly seed: number;
    readonly events: number;
    readonly unitMicros: number;
    readonly warmMicros: number;
    readonly stopMicros: number;
    readonly between: ReadonlyMap<string, Between>;
    readonly surprises: readonly number[];
  },
): Measured {
  const { began, ended, ok, route, departures } = recording;
  const { unitMicros, warmMicros, stopMicros } = run;
  let first = 0;
  while (first < began.length && (began.values[first] as number) < warmMicros) first += 1;
  let good = 0;
  for (let i = first; i < began.length; i++) good += ok.values[i] as number;
  let answers = 0;
  for (let i = 0; i < departures.length; i++) {
    const at = departures.values[i] as number;
    if (at >= warmMicros && at < stopMicros) answers += 1;
  }
  return {
    seed: run.seed,
    events: run.events,
    requests: began.length - first,
    ok: good,
    throughput: (answers * unitMicros) / (stopMicros - warmMicros),
    again: recording.again,
    errors: recording.errors,
    between: run.between,
    surprises: run.surprises,
    times: () => ({
      began: began.values.slice(first, began.length).map((at) => at / unitMicros),
      departures: departures.values.slice(first, departures.length).map((at) => at / unitMicros),
    }),
    sojourns(name) {
      const wanted = name === undefined ? -1 : recording.routes.get(name);
      const found = new Numbers();
      for (let i = first; i < began.length; i++) {
        if (ok.values[i] !== 1 || (wanted !== -1 && route.values[i] !== wanted)) continue;
        found.push(((ended.values[i] as number) - (began.values[i] as number)) / unitMicros);
      }
      return found.values.slice(0, found.length).sort();
    },
    waits(c) {
      const found = new Float64Array(began.length - first);
      for (let i = first; i < began.length; i++) {
        const at = began.values[i] as number;
        const freed = i < c ? at : (departures.values[i - c] as number);
        found[i - first] = Math.max(0, freed - at) / unitMicros;
      }
      return found.sort();
    },
  };
}
