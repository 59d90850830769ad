/**
 * Random histories: of a real object whose operations take effect at one moment between call and
 * return, and of no object at all.
 */
import type { Op } from '../../../../src/sim/observe/history.ts';
import { ILLEGAL } from '../../../../src/sim/check/linearizable/model.ts';
import type { Model } from '../../../../src/sim/check/linearizable/model.ts';
import type { Random } from '../../../support/seeds.ts';

export interface Shape {
  readonly operations: number;
  readonly clients: number;
  /** Per cent of operations whose fate the client never learns. */
  readonly unknownPercent: number;
  /** Per cent of chances that an unknown operation takes effect. */
  readonly effectPercent?: number;
}

/** One kind of operation: draws an input, and says what it may return. */
export interface Kind<I, O> {
  readonly f: string;
  readonly weight: number;
  readonly input: (random: Random) => I;
  /** Every output that might be right; the object picks the first that its model accepts. */
  readonly outputs: (input: I) => readonly O[];
  readonly keys?: readonly string[];
}

interface Running<I, O> {
  op: Op<I, O>;
  phase: 'called' | 'done';
}

/** A history that a linearizable object with `model` really produced. */
export function liveHistory<S, I, O>(
  model: Model<S, I, O>,
  kinds: readonly Kind<I, O>[],
  shape: Shape,
  random: Random,
): Op<I, O>[] {
  const finished: Op<I, O>[] = [];
  const running: (Running<I, O> | undefined)[] = new Array<undefined>(shape.clients).fill(
    undefined,
  );
  const process = Array.from({ length: shape.clients }, (_, client) => client);
  let processes = shape.clients;
  let position = 0;
  let state = model.init();
  let started = 0;
  while (started < shape.operations || running.some((entry) => entry !== undefined)) {
    const client = random.int(shape.clients);
    const entry = running[client];
    if (entry === undefined) {
      if (started === shape.operations) continue;
      running[client] = {
        op: draw(kinds, started++, process[client] as number, position++, client, random),
        phase: 'called',
      };
    } else if (entry.phase === 'called') {
      const unknown = random.chance(shape.unknownPercent);
      const effect = !unknown || random.chance(shape.effectPercent ?? 50);
      if (effect) {
        const [op, next] = takeEffect(model, kinds, state, entry.op);
        state = next;
        entry.op = op;
      }
      if (unknown) {
        const { output: _, ...rest } = entry.op;
        finished.push({ ...rest, outcome: 'unknown', ret: Infinity });
        process[client] = processes++;
        running[client] = undefined;
        position++;
      } else entry.phase = 'done';
    } else {
      finished.push({ ...entry.op, ret: position++, retMicros: position * 1000 });
      running[client] = undefined;
    }
  }
  return finished.sort((a, b) => a.call - b.call);
}

function draw<I, O>(
  kinds: readonly Kind<I, O>[],
  id: number,
  process: number,
  call: number,
  client: number,
  random: Random,
): Op<I, O> {
  let ticket = random.int(kinds.reduce((sum, kind) => sum + kind.weight, 0));
  let chosen = kinds[0] as Kind<I, O>;
  for (const kind of kinds) {
    chosen = kind;
    if (ticket < kind.weight) break;
    ticket -= kind.weight;
  }
  const key = chosen.keys === undefined ? undefined : random.pick(chosen.keys);
  return {
    id,
    process,
    client: `c${client}`,
    f: chosen.f,
    ...(key === undefined ? {} : { key }),
    input: chosen.input(random),
    outcome: 'unknown',
    call,
    ret: Infinity,
    callMicros: call * 1000,
  };
}

function takeEffect<S, I, O>(
  model: Model<S, I, O>,
  kinds: readonly Kind<I, O>[],
  state: S,
  op: Op<I, O>,
): [Op<I, O>, S] {
  const kind = kinds.find((candidate) => candidate.f === op.f) as Kind<I, O>;
  for (const output of kind.outputs(op.input)) {
    const done: Op<I, O> = { ...op, output, outcome: 'ok' };
    const next = model.step(state, done);
    if (next !== ILLEGAL) return [done, next];
  }
  // Nothing it could return is right (a release of a free lock): refused, without an effect.
  return [{ ...op, outcome: 'fail' }, state];
}

/** A history of no object: random outputs, overlapping at random. */
export function wildHistory<I, O>(
  kinds: readonly Kind<I, O>[],
  shape: Shape,
  random: Random,
): Op<I, O>[] {
  const ops: Op<I, O>[] = [];
  const open: (Op<I, O> | undefined)[] = new Array<undefined>(shape.clients).fill(undefined);
  const process = Array.from({ length: shape.clients }, (_, client) => client);
  let processes = shape.clients;
  let position = 0;
  let started = 0;
  let finished = 0;
  while (finished < shape.operations) {
    const client = random.int(shape.clients);
    const op = open[client];
    if (op === undefined) {
      if (started === shape.operations) continue;
      open[client] = draw(kinds, started++, process[client] as number, position++, client, random);
      continue;
    }
    open[client] = undefined;
    finished++;
    if (random.chance(shape.unknownPercent)) {
      ops.push(op);
      process[client] = processes++;
    } else {
      const kind = kinds.find((candidate) => candidate.f === op.f) as Kind<I, O>;
      ops.push({
        ...op,
        output: random.pick(kind.outputs(op.input)),
        outcome: 'ok',
        ret: position++,
      });
    }
  }
  return ops.sort((a, b) => a.call - b.call);
}
