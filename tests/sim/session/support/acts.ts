/** Random things that a person may do to a run. */
import type { Act, Fault, FaultType, Session } from 'faultline';
import type { Random } from '../../../support/seeds.ts';

/** A fault of any type, aimed at random nodes of the run as it is now. */
export function randomFault(session: Session, random: Random): Fault {
  const names = session.world.nodes.map((node) => node.id);
  const some = (): string[] => names.filter(() => random.chance(40)).concat(random.pick(names));
  const target = random.chance(50) ? some() : random.pick(names);
  const probability = random.pick([0.05, 0.5, 1]);
  const factor = random.between(2, 20);
  const ends = random.chance(50) ? { from: some(), to: some() } : {};
  const groups = random.chance(50) ? [some()] : [some(), some()];
  // By type: a new fault does not compile until it may strike here, too.
  const makers: { readonly [T in FaultType]: () => Extract<Fault, { readonly type: T }> } = {
    crash: () => ({ type: 'crash', target, ...pick({ machineUp: random.chance(50) }) }),
    terminate: () => ({ type: 'terminate', target, ...pick(GRACE, { preStopMs: 20 }) }),
    pause: () => ({ type: 'pause', target }),
    partition: () => ({ type: 'partition', groups }),
    'one-way': () => ({ type: 'one-way', from: some(), to: some() }),
    'cut-link': () => ({ type: 'cut-link', a: some(), b: some() }),
    loss: () => ({ type: 'loss', ...ends, probability, ...pick({ burst: 0.8 }) }),
    latency: () => ({ type: 'latency', ...ends, ...pick(SLOWER, { factor }) }),
    duplicate: () => ({ type: 'duplicate', ...ends, probability }),
    reorder: () => ({ type: 'reorder', ...ends, probability, by: HELD }),
    'clock-jump': () => ({ type: 'clock-jump', target, byMs: random.between(-500, 500) }),
    'clock-drift': () => ({ type: 'clock-drift', target, ppm: random.between(-1e5, 1e5) }),
    'slow-disk': () => ({ type: 'slow-disk', target, factor }),
    'fsync-off': () => ({ type: 'fsync-off', target }),
    'slow-cpu': () => ({ type: 'slow-cpu', target, factor }),
  };
  function pick<A extends object, B extends object = object>(one: A, other?: B): A | B {
    return random.chance(50) ? one : ((other ?? {}) as B);
  }
  return random.pick<() => Fault>(Object.values(makers))();
}

const GRACE = { graceMs: 100 } as const;
const SLOWER = { extra: { kind: 'exponential', meanMs: 5 } } as const;
const HELD = { kind: 'uniform', minMs: 0, maxMs: 20 } as const;

/** Anything that a person may do now. Faults of the plan may be undone by their ids, too. */
export function randomAct(session: Session, random: Random, number: number): Act {
  const { plan, world } = session;
  const injected = session.spec.interventions.flatMap(({ act }) =>
    act.do === 'inject' ? [act.id] : [],
  );
  const known = [...plan.faults.map((entry, i) => entry.id ?? `fault-${i + 1}`), ...injected];
  const groups = world.groups();
  const living = world.nodes.filter((node) => node.status !== 'retired');
  const what = random.int(100);
  if (what < 55 || (what < 75 && known.length === 0)) {
    return { do: 'inject', id: `act-${number}`, fault: randomFault(session, random) };
  }
  if (what < 75) return { do: 'undo', id: random.pick(known) };
  if (what < 82) return { do: 'heal-all' };
  if (what < 92 || living.length < 4) return { do: 'spawn', group: random.pick(groups) };
  return { do: 'retire', node: random.pick(living).id };
}

/** Moves on to a moment at which something is likely to go wrong. */
export function moveOn(session: Session, random: Random): void {
  const { plan, nowMicros, durationMicros } = session;
  const ahead = plan.faults
    .flatMap((entry) => (entry.atMs === undefined ? [] : [Math.round(entry.atMs * 1_000)]))
    .concat(Math.round((plan.healAtMs ?? plan.durationMs) * 1_000))
    .filter((at) => at > nowMicros && at < durationMicros);
  const how = random.int(6);
  if (how === 0) return;
  if (how === 1) session.advance({ events: random.between(1, 5) });
  else if (how === 2) session.advance({ events: random.between(1, 1_500) });
  else if (how === 3) session.advance({ untilMicros: nowMicros + random.between(0, 3) });
  else if (how === 4) session.advance({ untilMicros: nowMicros + random.between(0, 400_000) });
  else session.advance({ untilMicros: (ahead[0] ?? nowMicros) - random.int(2) });
}
