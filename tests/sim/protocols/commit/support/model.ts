/**
 * Shards that commit one transaction as a model to explore: whatever may happen next, within
 * bounds.
 *
 * Two kinds of time. Asynchronous: messages come in any order or never, and a timer fires whenever
 * it likes. Synchronous, as three-phase commit assumes: a timer fires only when nothing is under
 * way any more, so that silence means a crash (or, where there are cuts, a cut).
 */
import type { Model } from '../../../../../src/sim/protocols/explore.ts';
import type { CommitMachine, CommitTimer } from '../../../../../src/sim/protocols/commit/state.ts';
import { Shards, envelopeText } from './shards.ts';
import type { Shard, ShardsOptions } from './shards.ts';

export interface CommitModelOptions extends Omit<ShardsOptions, 'refuse'> {
  readonly crashes?: number;
  readonly restarts?: number;
  /** How often the shards are cut in two; no cut heals. */
  readonly cuts?: number;
  /** How many timers fire. Default: without bound. */
  readonly timers?: number;
  /** Any of the participants may vote no. */
  readonly mayRefuse?: boolean;
  /** Count the states from which somebody stays in doubt though nothing more goes wrong. */
  readonly seeBlocking?: boolean;
  /** What has happened before. */
  readonly before?: (shards: Shards) => void;
}

interface ModelState {
  readonly shards: Shards;
  readonly crashes: number;
  readonly restarts: number;
  readonly cuts: number;
  readonly timers: number;
}

const byName = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return [...(value as Map<number, unknown>)].toSorted(byFirst);
  return value instanceof Set ? [...(value as Set<number>)].toSorted() : value;
};
const byFirst = ([a]: [number, unknown], [b]: [number, unknown]): number => a - b;

/** Tickets are names: what waits for the disk, in order, is what matters. */
function machineText(machine: CommitMachine): string {
  const { syncs, nextTicket: _next, ...rest } = machine;
  return JSON.stringify([rest, [...syncs.values()]], byName);
}

const texts = new WeakMap<Shard, string>();

function shardText(shard: Shard): string {
  let text = texts.get(shard);
  if (text === undefined) {
    const { machine, disk, queue, timers, canVote } = shard;
    const live = machine === null ? 'down' : machineText(machine);
    const under = queue.map((one) => ('record' in one ? one.record : 'sync'));
    text = `${live}${JSON.stringify([disk, under, timers, canVote], byName)}`;
    texts.set(shard, text);
  }
  return text;
}

export class CommitModel implements Model<ModelState, string> {
  readonly #options: CommitModelOptions;
  /** States from which somebody stays in doubt, by who is down or cut off in them. */
  readonly blocked = new Map<string, number>();

  constructor(options: CommitModelOptions) {
    this.#options = options;
  }

  initial(): readonly ModelState[] {
    const { crashes = 0, restarts = 0, cuts = 0, timers = Infinity, ...rest } = this.#options;
    const { mayRefuse = false, participants } = rest;
    const refusals = mayRefuse ? [[], ...participants.map((one) => [one])] : [[]];
    return refusals.map((refuse) => {
      const shards = new Shards({ ...rest, refuse });
      shards.begin();
      this.#options.before?.(shards);
      return { shards, crashes, restarts, cuts, timers };
    });
  }

  successors(state: ModelState, visit: (action: string, next: ModelState) => void): void {
    const { shards, crashes, restarts, cuts, timers } = state;
    const go = (action: string, act: (copy: Shards) => void, spent: Partial<ModelState>): void => {
      const copy = shards.copy();
      act(copy);
      visit(action, { ...state, ...spent, shards: copy });
    };
    shards.network.forEach((envelope, at) => {
      go(`deliver ${envelopeText(envelope)}`, (copy) => copy.deliver(at), {});
    });
    const ids = shards.shards.map(({ config }) => config.id);
    const isQuiet = shards.network.length === 0 && !ids.some((id) => shards.isWriting(id));
    const mayFire = timers > 0 && (this.#options.synchronous !== true || isQuiet);
    for (const { config, machine, timers: armed } of shards.shards) {
      const { id } = config;
      if (machine === null) {
        if (restarts === 0) continue;
        go(`${id} restarts`, (copy) => copy.restart(id), { restarts: restarts - 1 });
        continue;
      }
      if (shards.isWriting(id)) go(`${id} writes`, (copy) => copy.write(id), {});
      const fire = (timer: CommitTimer): void =>
        go(`${id}: ${timer}`, (copy) => copy.fire(id, timer), { timers: timers - 1 });
      if (mayFire) armed.forEach(fire);
      if (crashes > 0) go(`${id} crashes`, (copy) => copy.crash(id), { crashes: crashes - 1 });
    }
    if (cuts === 0) return;
    for (const id of ids) {
      go(`${id} is cut off`, (copy) => copy.part([id]), { cuts: cuts - 1 });
    }
  }

  key({ shards, crashes, restarts, cuts, timers }: ModelState): string {
    const { network, cut, books, options } = shards;
    const under = network.map(envelopeText).toSorted().join('\n');
    const left = [crashes, restarts, cuts, timers, cut, options.refuse].join(' ');
    return [left, books.fates.join(), ...shards.shards.map(shardText), under].join('\n');
  }

  violation({ shards }: ModelState): string | null {
    const { broken } = shards.books;
    if (broken === null && this.#options.seeBlocking === true) this.#seeBlocking(shards);
    return broken;
  }

  #seeBlocking(shards: Shards): void {
    const later = shards.copy();
    later.wait();
    if (later.inDoubt().length === 0) return;
    const down = shards.shards.filter(({ machine }) => machine === null);
    const missing = [...down.map(({ config }) => config.id), ...shards.cut].toSorted().join(' ');
    this.blocked.set(missing, (this.blocked.get(missing) ?? 0) + 1);
  }

  describe(action: string): string {
    return action;
  }
}
