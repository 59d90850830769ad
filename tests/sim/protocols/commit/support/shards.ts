/**
 * Shards that commit one transaction, without a simulator around them: their disks, a set of
 * messages under way, the timers that are armed.
 *
 * Nothing happens by itself. A crash loses everything but the completed writes. What was done is
 * written into the books, and the books say when a property of atomic commitment is broken.
 * Copies share what they have not changed, so that an exploration can go on in several ways.
 */
import type { CommitNotice, Fate } from '../../../../../src/sim/contracts/txn-commit.ts';
import { clonePlain } from '../../../../../src/sim/kernel/clone.ts';
import {
  applyCommitRecord,
  cloneTxnDisk,
  createTxnDisk,
} from '../../../../../src/sim/protocols/commit/disk.ts';
import type { TxnDisk } from '../../../../../src/sim/protocols/commit/disk.ts';
import { commitRules } from '../../../../../src/sim/protocols/commit/rules.ts';
import type { CommitAblation } from '../../../../../src/sim/protocols/commit/rules.ts';
import { createCommitMachine } from '../../../../../src/sim/protocols/commit/state.ts';
import type {
  CommitConfig,
  CommitEffect,
  CommitFact,
  CommitInput,
  CommitMachine,
  CommitProtocol,
  CommitRecord,
  CommitTimer,
  ResourceManager,
} from '../../../../../src/sim/protocols/commit/state.ts';
import { recoverCommitMachine, stepCommit } from '../../../../../src/sim/protocols/commit/step.ts';
import { deepFreeze } from '../../support/servers.ts';

export const TXN = 7;

export interface Envelope {
  readonly from: number;
  readonly to: number;
  readonly message: CommitNotice;
}
type Queued = { readonly record: CommitRecord } | { readonly ticket: number };

export interface Shard {
  readonly config: CommitConfig;
  /** Null while crashed. */
  readonly machine: CommitMachine | null;
  readonly disk: TxnDisk;
  /** Records and syncs that the disk has not done, oldest first. */
  readonly queue: readonly Queued[];
  readonly timers: readonly CommitTimer[];
  /** Whether it would vote yes: once, and not when it has forgotten the transaction. */
  readonly canVote: boolean;
}

export interface ShardsOptions {
  readonly protocol: CommitProtocol;
  readonly size: number;
  readonly participants: readonly number[];
  readonly acceptors?: readonly number[];
  /** Participants that vote no. */
  readonly refuse?: readonly number[];
  /** Complete every sync at once. Default true. */
  readonly instantDisk?: boolean;
  /** What is on its way to or from a shard dies with it: nothing is late. Default false. */
  readonly synchronous?: boolean;
  readonly commitWaitMicros?: number;
  readonly refusesPivots?: boolean;
  readonly off?: readonly CommitAblation[];
}

/** What has been done, by whomever, in any of its lives. */
export interface Books {
  readonly fates: readonly string[];
  readonly broken: string | null;
}

export class Shards {
  readonly options: ShardsOptions;
  shards: readonly Shard[];
  network: readonly Envelope[] = [];
  /** Who is on this side hears nobody of the other; empty: all hear all. */
  cut: readonly number[] = [];
  books: Books = { fates: [], broken: null };
  facts: readonly CommitFact[] = [];
  /** What the last step put out, for scripts. */
  last: readonly CommitEffect[] = [];

  constructor(options: ShardsOptions, like?: Shards) {
    this.options = options;
    if (like === undefined) {
      this.shards = Array.from({ length: options.size }, (_, i) => newShard(options, i + 1));
      return;
    }
    this.shards = like.shards;
    this.network = like.network;
    this.cut = like.cut;
    this.books = like.books;
    this.facts = like.facts;
  }

  copy(): Shards {
    return new Shards(this.options, this);
  }

  shard(id: number): Shard {
    const found = this.shards[id - 1];
    if (found === undefined) throw new Error(`no shard ${id}`);
    return found;
  }

  machine(id: number): CommitMachine {
    const { machine } = this.shard(id);
    if (machine === null) throw new Error(`shard ${id} is down`);
    return machine;
  }

  #set(id: number, change: Partial<Shard>): void {
    this.shards = this.shards.map((one, i) => (i === id - 1 ? { ...one, ...change } : one));
  }

  begin(coordinator = 1): void {
    const { participants } = this.options;
    this.step(coordinator, { type: 'commit', txn: TXN, participants });
  }

  step(id: number, input: CommitInput): readonly CommitEffect[] {
    const { config, canVote } = this.shard(id);
    const machine = clonePlain(this.machine(id));
    const effects: CommitEffect[] = [];
    const rm = this.#resourceManager(id, canVote);
    stepCommit(config, machine, rm, input, effects);
    this.#set(id, { machine });
    for (const effect of effects) this.#perform(id, deepFreeze(effect));
    this.last = effects;
    if (this.options.instantDisk !== false) this.write(id);
    return effects;
  }

  /** Prepared once, or aborted here, it is not active any more. */
  #resourceManager(id: number, canVote: boolean): ResourceManager {
    const yes = { yes: true, at: { l: 10 * id, c: 0 }, hasIn: id === 2, hasOut: id === 3 } as const;
    return {
      prepare: () => {
        this.#set(id, { canVote: false });
        const vote = canVote ? yes : ({ yes: false, code: '40001' } as const);
        return deepFreeze({ vote, writes: canVote ? [{ key: `k${id}`, value: id }] : [] });
      },
    };
  }

  #perform(id: number, effect: CommitEffect): void {
    const shard = this.shard(id);
    switch (effect.type) {
      case 'send':
        return this.#post({ from: id, to: effect.to, message: effect.message });
      case 'persist':
        return this.#set(id, { queue: [...shard.queue, { record: effect.record }] });
      case 'sync':
        return this.#set(id, { queue: [...shard.queue, { ticket: effect.ticket }] });
      case 'set-timer':
        if (shard.timers.includes(effect.timer)) return;
        return this.#set(id, { timers: [...shard.timers, effect.timer].toSorted() });
      case 'cancel-timer':
        return this.#set(id, { timers: shard.timers.filter((one) => one !== effect.timer) });
      case 'apply':
        if (!effect.fate.commit) this.#set(id, { canVote: false });
        return this.#enter(`shard ${id}`, effect.fate);
      case 'answer':
        return this.#enter('the client', effect.fate);
      case 'told':
        this.facts = [...this.facts, effect.fact];
    }
  }

  #post(envelope: Envelope): void {
    const { from, to, message } = envelope;
    if (message.type === 'commit.done') this.#judgeDone(from);
    if (this.cut.includes(from) !== this.cut.includes(to)) return;
    if (this.options.synchronous === true && this.shard(to).machine === null) return;
    const text = envelopeText(envelope);
    if (!this.network.some((one) => envelopeText(one) === text)) {
      this.network = [...this.network, envelope];
    }
  }

  /** Whoever says that it is done is not asked again: it must have committed for good. */
  #judgeDone(id: number): void {
    if (!this.options.participants.includes(id)) return;
    if (this.shard(id).disk.outcomes.get(TXN)?.commit === true) return;
    this.#breaks(`Durability: shard ${id} is done with what is not on its disk`);
  }

  #enter(who: string, { commit }: Fate): void {
    const { refuse = [] } = this.options;
    const word = commit ? 'commit' : 'abort';
    const other = commit ? 'abort' : 'commit';
    const entry = `${who}: ${word}`;
    const { fates } = this.books;
    if (fates.includes(entry)) return;
    this.books = { ...this.books, fates: [...fates, entry].toSorted() };
    const against = fates.find((one) => one.endsWith(other));
    if (against !== undefined) this.#breaks(`Atomicity: ${against}, and ${entry}`);
    if (commit && refuse.length > 0) this.#breaks(`Validity: ${entry} against a no`);
  }

  #breaks(why: string): void {
    if (this.books.broken === null) this.books = { ...this.books, broken: why };
  }

  /** Everything up to the newest sync reaches the disk. */
  write(id: number): void {
    const { queue, disk } = this.shard(id);
    const end = queue.findLastIndex((one) => 'ticket' in one);
    if (end < 0) return;
    const after = cloneTxnDisk(disk);
    const records = queue.slice(0, end).flatMap((one) => ('record' in one ? [one.record] : []));
    for (const record of records) applyCommitRecord(after, record);
    this.#set(id, { queue: queue.slice(end + 1), disk: after });
    for (const one of queue.slice(0, end + 1)) {
      if ('ticket' in one) this.step(id, { type: 'persisted', ticket: one.ticket });
    }
  }

  /** Whether a sync is under way. */
  isWriting(id: number): boolean {
    return this.shard(id).queue.some((one) => 'ticket' in one);
  }

  fire(id: number, timer: CommitTimer): void {
    this.#set(id, { timers: this.shard(id).timers.filter((one) => one !== timer) });
    this.step(id, { type: 'timer', timer, txn: TXN });
  }

  crash(id: number): void {
    this.#set(id, { machine: null, queue: [], timers: [], canVote: false });
    if (this.options.synchronous !== true) return;
    this.network = this.network.filter(({ from, to }) => from !== id && to !== id);
  }

  restart(id: number): void {
    this.#set(id, { machine: recoverCommitMachine(this.shard(id).disk) });
    this.step(id, { type: 'restart' });
  }

  /** From now on, and for what is under way, the two sides do not hear each other. */
  part(side: readonly number[]): void {
    this.cut = side;
    this.network = this.network.filter(({ from, to }) => side.includes(from) === side.includes(to));
  }

  deliver(position: number): void {
    const envelope = this.network[position];
    if (envelope === undefined) throw new Error(`no message at ${position}`);
    this.network = this.network.filter((one) => one !== envelope);
    const { from, to, message } = envelope;
    if (this.shard(to).machine !== null) this.step(to, { type: 'message', from, message });
  }

  /** Delivers in order what is under way; what `lose` names is lost. */
  settle(lose: (envelope: Envelope) => boolean = () => false): void {
    for (let count = 0; this.network.length > 0; count += 1) {
      if (count === 1_000) throw new Error('the shards did not settle');
      if (lose(this.network[0] as Envelope)) this.network = this.network.slice(1);
      else this.deliver(0);
      if (this.options.instantDisk !== false) continue;
      for (const { config, machine } of this.shards) if (machine !== null) this.write(config.id);
    }
  }

  /** Time passes, and nothing more goes wrong. */
  wait(rounds = 6): void {
    this.settle();
    for (let round = 0; round < rounds; round += 1) {
      for (const { config } of this.shards) {
        for (const timer of this.shard(config.id).timers) {
          if (this.shard(config.id).timers.includes(timer)) this.fire(config.id, timer);
          this.settle();
        }
      }
    }
  }

  /** Running shards that have voted and know no fate. */
  inDoubt(): number[] {
    return this.shards
      .filter(({ machine }) => machine?.participating.has(TXN) === true)
      .map(({ config }) => config.id);
  }
}

function newShard(options: ShardsOptions, id: number): Shard {
  const { protocol, acceptors = [], commitWaitMicros = 0, refusesPivots = false } = options;
  return {
    config: {
      id,
      protocol,
      acceptors,
      voteTimeoutMicros: 100,
      inquireMicros: 1_000,
      resendMicros: 300,
      commitWaitMicros: () => commitWaitMicros,
      refusesPivots,
      rules: commitRules(options.off ?? []),
    },
    machine: createCommitMachine(),
    disk: createTxnDisk(),
    queue: [],
    timers: [],
    canVote: options.refuse?.includes(id) !== true,
  };
}

/** Envelopes are never changed, and copies share them: each is written down once. */
const texts = new WeakMap<Envelope, string>();

export function envelopeText(envelope: Envelope): string {
  let text = texts.get(envelope);
  if (text === undefined) {
    text = `${envelope.from}>${envelope.to}${JSON.stringify(envelope.message)}`;
    texts.set(envelope, text);
  }
  return text;
}
