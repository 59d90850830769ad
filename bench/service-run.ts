/**
 * The run of the service benchmark: twenty senders, 50,000 requests a simulated second among them,
 * whatever comes back; one service with eight cores that works on each request for an exponential
 * time. It is the M/M/8 station of queueing theory at a utilisation of 0.7, and the time that a
 * request spends there is compared with it.
 */
import {
  Session,
  Type,
  defineBehaviour,
  defineContract,
  definePredicate,
  defineScenario,
  makeSpec,
  micros,
  ms,
  stateOf,
} from '../src/sim/index.ts';
import type { CallRef, ClientFact, Context, SessionOptions } from '../src/sim/index.ts';

export const SENDERS = 20;
export const REQUESTS_PER_SECOND = 50_000;
export const CORES = 8;
export const UTILISATION = 0.7;
export const SERVICE_MICROS = (UTILISATION * CORES * 1_000_000) / REQUESTS_PER_SECOND;
const GAP_MICROS = (SENDERS * 1_000_000) / REQUESTS_PER_SECOND;

interface Job {
  readonly type: 'job.do';
  readonly number: number;
}
interface Done {
  readonly type: 'job.done';
  readonly number: number;
}

const jobs = defineContract<Job | Done>({
  name: 'jobs',
  about: 'A sender has a job done.',
  source: 'The benchmark of a service',
  messages: {
    'job.do': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.number,
      label: (m) => `job ${m.number}`,
    },
    'job.done': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.number,
      label: (m) => `job ${m.number} is done`,
    },
  },
  errors: [],
});

const nothing = Type.Object({}, { additionalProperties: false });
type Ctx = Context<object>;

interface Waiting {
  readonly call: CallRef;
  readonly number: number;
  readonly sinceMicros: number;
}
interface ServiceState {
  nextTag: number;
  readonly waiting: Map<number, Waiting>;
  served: number;
  /** Of all that were served: from the arrival to the reply. */
  sojournMicros: number;
}

const service = defineBehaviour<
  ServiceState,
  object,
  Job,
  { component: 'bench-service'; fields: [] }
>({
  component: 'bench-service',
  about: 'Works on each job for an exponential time.',
  source: 'The M/M/c station of queueing theory',
  leavesOut: [],
  badge: 'SV',
  serves: [jobs],
  links: {},
  config: nothing,
  facts: {},
  roleNames: {},
  start: () => ({ nextTag: 0, waiting: new Map(), served: 0, sojournMicros: 0 }),
  on: {
    'job.do': (state, ctx, { number }, _from, call) => {
      const tag = state.nextTag++;
      state.waiting.set(tag, { call, number, sinceMicros: ctx.mono() });
      ctx.work(micros(ctx.stream('service').exponential(SERVICE_MICROS)), tag);
    },
  },
  onWorked(state, ctx, tag) {
    const job = state.waiting.get(tag);
    if (job === undefined) return;
    state.waiting.delete(tag);
    state.served += 1;
    state.sojournMicros += ctx.mono() - job.sinceMicros;
    ctx.reply<Done>(job.call, { type: 'job.done', number: job.number });
  },
  roles: () => [],
  view: () => ({ component: 'bench-service', fields: [] }),
});

interface SenderState {
  /** A double: gaps that were rounded one by one would shift the rate. */
  nextMicros: number;
  readonly open: Map<number, number>;
}

function arm(state: SenderState, ctx: Ctx): void {
  state.nextMicros += ctx.stream('arrivals').exponential(GAP_MICROS);
  ctx.setTimer('next', 0, micros(Math.max(0, Math.round(state.nextMicros) - ctx.mono())));
}

const sender = defineBehaviour<
  SenderState,
  object,
  never,
  { component: 'bench-sender'; fields: [] },
  ClientFact
>({
  component: 'bench-sender',
  about: 'Sends jobs at its rate, whatever comes back.',
  source: 'The open loop of queueing theory',
  leavesOut: [],
  badge: 'SN',
  serves: [],
  links: { service: { about: 'Who does the jobs.', contract: jobs } },
  config: nothing,
  facts: {
    'client.invoked': { weight: 'minor', sentence: (f) => `${f.client} asks for ${f.f}` },
    'client.completed': { weight: 'minor', sentence: (f) => `${f.client}: ${f.outcome}` },
  },
  roleNames: {},
  start(ctx) {
    const state: SenderState = { nextMicros: 0, open: new Map() };
    arm(state, ctx);
    return state;
  },
  on: {},
  onTimer(state, ctx) {
    const [to] = ctx.members('service');
    if (to === undefined) return;
    const number = ctx.unique();
    state.open.set(number, ctx.mono());
    ctx.tell({ type: 'client.invoked', op: number, client: ctx.id, f: 'job', input: number });
    ctx.call<Job>(to, { type: 'job.do', number }, { timeout: ms(1_000), tag: number });
    arm(state, ctx);
  },
  onResult(state, ctx, tag, { outcome }) {
    const since = state.open.get(tag) ?? 0;
    state.open.delete(tag);
    ctx.tell({
      type: 'client.completed',
      op: tag,
      client: ctx.id,
      f: 'job',
      outcome,
      output: null,
      retries: 0,
      latencyMicros: ctx.mono() - since,
    });
  },
  roles: () => [],
  view: () => ({ component: 'bench-sender', fields: [] }),
});

const keepsUp = definePredicate({
  name: 'bench-keeps-up',
  about: 'Fewer than a thousand jobs wait.',
  args: nothing,
  components: ['bench-service'],
  holds: (world) =>
    world.group('service').every((node) => (stateOf(service, node)?.waiting.size ?? 0) < 1_000),
});

const scenario = defineScenario({
  id: 'bench/service',
  title: 'A service under load',
  summary: '',
  tier: 'calm',
  sources: [],
  leavesOut: [],
  thingsToTry: [],
  params: {},
  plan: () => ({
    title: 'A service under load',
    summary: '',
    durationMs: 3_600_000,
    network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.8 } },
    groups: [
      { name: 'service', component: 'bench-service', count: 1, cores: CORES },
      { name: 'c', component: 'bench-sender', count: SENDERS, links: { service: 'service' } },
    ],
    faults: [],
    checks: [
      { id: 'served', use: 'slo', args: { metric: 'success-share', atLeast: 0.99 } },
      { id: 'quick', use: 'slo', args: { metric: 'p99-ms', atMost: 10 } },
      { id: 'keeps-up', use: 'always', args: { predicate: 'bench-keeps-up' } },
    ],
    story: [],
  }),
  variants: [{ name: 'default', about: '' }],
  registers: { components: [service, sender], predicates: [keepsUp] },
});

export function serviceSession(options: SessionOptions = {}): Session {
  return new Session(makeSpec(scenario), { ...options, scenarios: [scenario] });
}

/** What the service has seen so far: how many jobs, and how long one was there on average. */
export function served(session: Session): { readonly count: number; readonly meanMicros: number } {
  const state = stateOf(service, session.world.node(0));
  const count = state?.served ?? 0;
  return { count, meanMicros: (state?.sojournMicros ?? 0) / Math.max(1, count) };
}

/** How long a job is at an M/M/c station on average: Erlang's C formula. */
export function expectedMicros(): number {
  const offered = UTILISATION * CORES;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < CORES; k++) {
    term *= offered / k;
    sum += term;
  }
  const last = (term * offered) / CORES / (1 - UTILISATION);
  const waits = last / (sum + last);
  return SERVICE_MICROS * (1 + waits / (CORES * (1 - UTILISATION)));
}
