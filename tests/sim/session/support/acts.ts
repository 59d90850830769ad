/** Random things that a person may do to a run. */
import type { Act, Fault, Session } from 'faultline';
import type { Random } from '../../../support/seeds.ts';

/** A fault of any type, aimed at random nodes of the run as it is now. */
export function randomFault(session: Session, random: Random): Fault {
  const names = session.world.nodes.map((node) => node.id);
  const some = (): string[] => names.filter(() => random.chance(40)).concat(random.pick(names));
  const target = some();
  const probability = random.pick([0.05, 0.5, 1]);
  return random.pick<() => Fault>([
    () => ({ type: 'crash', target }),
    () => ({ type: 'crash', target: random.pick(names) }),
    () => ({ type: 'pause', target }),
    () => ({ type: 'pause', target: random.pick(names) }),
    () => ({ type: 'partition', groups: [some()] }),
    () => ({ type: 'partition', groups: [some(), some()] }),
    () => ({ type: 'one-way', from: some(), to: some() }),
    () => ({ type: 'cut-link', a: some(), b: some() }),
    () => ({ type: 'loss', probability, ...(random.chance(50) ? { burst: 0.8 } : {}) }),
    () => ({ type: 'loss', from: some(), to: some(), probability }),
    () => ({ type: 'latency', factor: random.between(2, 9) }),
    () => ({ type: 'latency', from: some(), extra: { kind: 'exponential', meanMs: 5 } }),
    () => ({ type: 'duplicate', probability }),
    () => ({ type: 'reorder', probability, by: { kind: 'uniform', minMs: 0, maxMs: 20 } }),
    () => ({ type: 'clock-jump', target, byMs: random.between(-500, 500) }),
    () => ({ type: 'clock-drift', target, ppm: random.between(-100_000, 100_000) }),
    () => ({ type: 'slow-disk', target, factor: random.between(2, 20) }),
    () => ({ type: 'slow-cpu', target, factor: random.between(2, 20) }),
  ])();
}

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
