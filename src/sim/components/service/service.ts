/**
 * A service: requests come in through a door, each is worked on step by step, and answered.
 *
 * Invariants: every request is answered at most once; who is let in holds its place until its main
 * thread has ended, also when nobody waits any more (abandoned work still burns capacity).
 */
import { cache } from '../../contracts/cache.ts';
import { health } from '../../contracts/health.ts';
import type { HealthCheck, HealthStatus } from '../../contracts/health.ts';
import { http } from '../../contracts/http.ts';
import type { HttpRequest } from '../../contracts/http.ts';
import { sql } from '../../contracts/sql.ts';
import { Type, field } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { micros, ms } from '../../kernel/time.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Behalf, CallRef, CallResult, Context } from '../../node/behaviour.ts';
import type { GroupSettings, TerminateStage } from '../../node/behaviour.ts';
import { checkCallPolicy, checkScattered } from '../../traffic/check-policy.ts';
import { flowOf } from '../../traffic/flow.ts';
import { TRAFFIC_RULES, admissionUnder, policyUnder } from '../../traffic/rules.ts';
import { upstreamFlows } from '../../traffic/upstream-view.ts';
import { UPSTREAMS_MAX, newUpstream, ownerOf, upstreamOf } from '../../traffic/upstream.ts';
import type { CallEnd, Upstream } from '../../traffic/upstream.ts';
import {
  UPSTREAM_TIMERS,
  onTryResult,
  onUpstreamTimer,
  refreshMembers,
} from '../../traffic/upstream-calls.ts';
import { checkConfig } from './check-config.ts';
import { checkSteps } from './check-steps.ts';
import { serviceConfig } from './config.ts';
import type { ServiceConfig } from './config.ts';
import { SERVICE_FACTS } from './facts.ts';
import type { ServiceFact } from './facts.ts';
import { flushBatch, onCallEnd, resume, run, spawn } from './interpreter.ts';
import { closedDoor, isIdle, letIn, onRequestTimeout, receive, restartAfter } from './jobs.ts';
import { END, compile } from './program.ts';
import { routing } from './routing.ts';
import { GAUGES, view } from './show.ts';
import { newState } from './state.ts';
import type { Job, ServiceState, Thread } from './state.ts';
import type { ServiceView } from './view.ts';
import { trafficNeeds } from '../../traffic/call-rules.ts';
import { policyFor, rulesInUse } from './rules-in-use.ts';
import { stepsOf, usage } from './usage.ts';
import { waitingForFlights, waitingInBatches } from './waiting.ts';

type Ctx = Context<ServiceConfig>;

function start(ctx: Ctx): ServiceState {
  const { config } = ctx;
  const upstreams = ctx.links.map((role, index) => upstreamFor(config, ctx, role, index));
  const [group = ''] = ctx.id.split('/');
  const isOff = ctx.ablations.includes('traffic.deadline-propagation');
  const propagates = config.propagateDeadline && !isOff;
  const isStarting = config.startupMs > 0;
  const hasFallback = !ctx.ablations.includes('traffic.fallback');
  const program = compile(config.steps, config.routes, hasFallback);
  const own = configUnder(config, ctx.ablations);
  const state = newState(own, program, hashText(group), upstreams, isStarting, propagates);
  if (isStarting) ctx.setTimer('ready', 0, ms(config.startupMs));
  for (const up of upstreams) refreshMembers(up, ctx);
  armGc(ctx);
  return state;
}

/** The same object where no rule of the door is off. */
function configUnder(config: ServiceConfig, ablations: readonly string[]): ServiceConfig {
  const admission = admissionUnder(config.admission, ablations);
  return admission === config.admission ? config : Object.freeze({ ...config, admission });
}

function upstreamFor(config: ServiceConfig, ctx: Ctx, role: string, index: number): Upstream {
  return newUpstream(role, index, policyUnder(policyFor(config, role), ctx.ablations));
}

function armGc(ctx: Ctx): void {
  const { everyMs } = ctx.config.gc;
  if (everyMs > 0) ctx.setTimer('gc', 0, micros(ctx.stream('gc').exponential(ms(everyMs))));
}

/** The entry of the job's route. */
function beginJob(state: ServiceState, ctx: Ctx, slot: number): void {
  const { entries } = state.program;
  const job = state.jobs[slot] as Job;
  spawn(state, ctx, slot, entries.get(job.route) ?? entries.get('*') ?? END);
}

/** Whether calls of any of them have ended that nobody has taken yet. */
function haveEnded(upstreams: readonly Upstream[]): boolean {
  for (let at = 0; at < upstreams.length; at++) {
    if ((upstreams[at] as Upstream).ended.length > 0) return true;
  }
  return false;
}

/** Calls that ended while something was handled: their threads go on, and so do those who wait. */
function settle(state: ServiceState, ctx: Ctx): void {
  do {
    for (let at = 0; at < state.upstreams.length; at++) {
      const { ended } = state.upstreams[at] as Upstream;
      while (ended.length > 0) onCallEnd(state, ctx, ended.shift() as CallEnd);
    }
    letIn(state, ctx, beginJob);
  } while (haveEnded(state.upstreams));
  if (state.isDraining && isIdle(state)) stop(state, ctx);
}

function onRequest(
  state: ServiceState,
  ctx: Ctx,
  message: HttpRequest,
  _from: number,
  call: Parameters<typeof receive>[3],
): void {
  const slot = receive(state, ctx, message, call);
  if (slot < 0) return;
  beginJob(state, ctx, slot);
  settle(state, ctx);
}

function onTimer(state: ServiceState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'wait') resume(state, ctx, key);
  else if (kind === 'wait-lease') run(state, ctx, key);
  else if (kind === 'batch') flushBatch(state, ctx, key);
  else if (kind === 'request') onRequestTimeout(state, ctx, key);
  else if (kind === 'ready') state.isStarting = false;
  else if (kind === 'gc') collect(state, ctx);
  else if (kind === 'grace') stop(state, ctx);
  else if ((UPSTREAM_TIMERS as readonly string[]).includes(kind)) {
    onUpstreamTimer(state.upstreams[upstreamOf(key)] as Upstream, ctx, kind, key);
  }
  settle(state, ctx);
}

function collect(state: ServiceState, ctx: Ctx): void {
  const { pauseMs } = ctx.config.gc;
  state.pauses += 1;
  ctx.stall(ms(pauseMs));
  ctx.tell<ServiceFact>({ type: 'service.gc-pause', pauseMs });
  armGc(ctx);
}

function stop(state: ServiceState, ctx: Ctx): void {
  ctx.tell<ServiceFact>({ type: 'service.drained', cut: state.flow.inside });
  ctx.exit(restartAfter(state.restartMs));
}

/** It takes nothing new, and ends when nothing is under way, or, unless null, after `graceMs`. */
function drain(state: ServiceState, ctx: Ctx, graceMs: number | null, restartMs: number): void {
  state.isDraining = true;
  state.restartMs = restartMs;
  ctx.tell<ServiceFact>({ type: 'service.draining', underWay: state.flow.inside });
  if (graceMs !== null) ctx.setTimer('grace', 0, ms(graceMs));
  if (isIdle(state)) stop(state, ctx);
}

function onTerminate(state: ServiceState, ctx: Ctx, stage: TerminateStage): void {
  const { mode, timeoutMs } = ctx.config.shutdown;
  if (stage === 'pre-stop') state.isLeaving = true;
  else if (mode === 'immediate') ctx.exit(ms(0));
  else if (!state.isDraining) drain(state, ctx, timeoutMs === 0 ? null : timeoutMs, 0);
}

function onHealthCheck(state: ServiceState, ctx: Ctx, call: CallRef): void {
  const code = closedDoor(state, ctx);
  if (code === 'connection-refused') return ctx.refuse(call, code);
  const ready = !state.isLeaving && !state.isDraining && !state.isStarting;
  ctx.reply<HealthStatus>(call, { type: 'health.status', ready });
}

/** Of two with one name only one would be used. */
function checkTwice(names: readonly string[], noun: string, pathOf: (i: number) => string): void {
  const at = names.findIndex((name, i) => names.indexOf(name) < i);
  if (at < 0) return;
  throw new ScenarioError(`There are two ${noun}s "${names[at] ?? ''}".`, {
    path: pathOf(at),
    hint: 'Keep one of them.',
  });
}

/** Somebody opened a list and wrote nothing into it: it is not a link that is too many. */
function checkEmpty({ steps, routes }: ServiceConfig, group: GroupSettings, path: string): void {
  if (group.given['steps'] === undefined || steps.length + routes.length > 0) return;
  const [role] = group.links.keys();
  if (role === undefined) return;
  throw new ScenarioError('The list of steps is empty: the service calls nobody.', {
    path,
    hint: `Write a step that follows a link (to: ${role}, or in: ${role}).`,
  });
}

function check(config: ServiceConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkSteps(config.steps, `${path}/steps`, group);
  checkEmpty(config, group, `${path}/steps`);
  checkConfig(config, path);
  config.routes.forEach((one, i) => checkSteps(one.steps, `${path}/routes/${i}/steps`, group));
  const roles = [...group.links.keys()];
  if (roles.length > UPSTREAMS_MAX) {
    throw new ScenarioError(`A service may have ${UPSTREAMS_MAX} links, not ${roles.length}.`, {
      path: `${group.path}/links`,
      hint: 'Split the service in two.',
    });
  }
  checkTwice(
    config.routes.map(({ route }) => route),
    'route',
    (i) => `${path}/routes/${i}/route`,
  );
  checkTwice(
    config.upstreams.map(({ to }) => to),
    'upstream',
    (i) => `${path}/upstreams/${i}/to`,
  );
  config.upstreams.forEach((one, i) => {
    const target = group.links.get(one.to);
    if (target === undefined) {
      throw new ScenarioError(`The service has no link "${one.to}".`, {
        path: `${path}/upstreams/${i}/to`,
        hint: didYouMean(one.to, roles),
      });
    }
    const given = (group.given['upstreams'] as readonly unknown[])[i];
    checkCallPolicy(one, target, `${path}/upstreams/${i}`, given);
  });
  for (const [role, target] of group.links) {
    if (config.upstreams.some(({ to }) => to === role)) continue;
    checkScattered(policyFor(config, role).balance.policy, target, {
      path: `${group.path}/links/${role}`,
      hint: `Add upstreams: [{ to: ${role}, balance: { policy: ring-hash } }]`,
    });
  }
}

function roleOf({ isDraining, isStarting, isLeaving }: ServiceState): string {
  if (isDraining) return 'draining';
  return isStarting ? 'starting' : isLeaving ? 'leaving' : 'ready';
}

/** What it does in the background it does for nobody: nobody waits for it. */
function onBehalf(state: ServiceState, tag: number): Behalf | null {
  const owner = ownerOf(state.upstreams[upstreamOf(tag)] as Upstream, tag);
  if (owner < 0) return null;
  const { job } = state.threads[owner] as Thread;
  return { of: 'call', call: (state.jobs[job] as Job).call };
}

export const service = defineBehaviour<
  ServiceState,
  ServiceConfig,
  HttpRequest | HealthCheck,
  ServiceView,
  ServiceFact
>({
  component: 'service',
  about: 'Answers requests by a list of steps: work on its cores, calls, queries, caches.',
  source: 'M/G/c/K stations of queueing theory; resilience4j; Envoy; Go database/sql; RFC 8289',
  leavesOut: [
    'Bytes: a message takes as long as its link says, whatever its size.',
    'Threads: work waits for cores, not for a thread of its own.',
  ],
  badge: 'SV',
  serves: [http, health],
  links: {
    '*': { about: 'A group that its steps call, by any name.', contract: [http, cache, sql] },
  },
  config: serviceConfig,
  check,
  routing,
  usage,
  mayWrite: (config) => stepsOf(config).some((step) => 'write' in step && step.write === true),
  facts: SERVICE_FACTS,
  rules: TRAFFIC_RULES.map(({ id }) => id),
  ruleNeeds: trafficNeeds(
    TRAFFIC_RULES.map(({ id }) => id),
    rulesInUse,
  ),
  roleNames: {
    ready: 'Takes requests.',
    starting: 'Is not ready yet.',
    leaving: 'Still takes requests, and says that it is not ready: it will be told to end.',
    draining: 'Finishes what is under way and takes nothing new.',
  },
  actions: {
    drain: {
      about: 'Take no more requests, finish those under way, and stop (SIGTERM).',
      args: Type.Object(
        {
          graceMs: field.millis({ about: 'Then it stops anyway.', default: 30_000 }),
          restartMs: field.number({
            about: 'It starts again after so long; -1: never.',
            default: -1,
            min: -1,
            unit: 'ms',
          }),
        },
        { additionalProperties: false },
      ),
      unavailable: (state) => (state.isDraining ? 'It is draining already.' : null),
      perform(state, ctx, args) {
        const { graceMs, restartMs } = args as {
          readonly graceMs: number;
          readonly restartMs: number;
        };
        drain(state, ctx, graceMs, restartMs);
      },
    },
  },
  start,
  on: {
    'http.request': onRequest,
    'health.check': (state, ctx, _message, _from, call) => onHealthCheck(state, ctx, call),
  },
  onTerminate,
  onTimer,
  onWorked(state, ctx, tag) {
    resume(state, ctx, tag);
    settle(state, ctx);
  },
  onResult(state, ctx, tag, result: CallResult) {
    onTryResult(state.upstreams[upstreamOf(tag)] as Upstream, ctx, tag, result);
    settle(state, ctx);
  },
  onBehalf,
  onMembers(state, ctx) {
    for (const up of state.upstreams) refreshMembers(up, ctx);
  },
  gauges: GAUGES,
  flows: (state) => [
    flowOf('requests', state.flow),
    flowOf('queue', state.admission.queueFlow),
    flowOf('flights', state.flightFlow, waitingForFlights(state)),
    flowOf('batches', state.batchFlow, waitingInBatches(state)),
    ...state.upstreams.flatMap(upstreamFlows),
  ],
  roles: (state) => [roleOf(state)],
  view,
});
