/**
 * The fault plan as it unfolds: what strikes next, what ends, what waits for its trigger.
 *
 * It stands beside the event queue, not in it: a fault consumes no sequence number. At equal times
 * it acts before the events. Each entry draws from a stream of its own, so that removing one does
 * not re-roll the rest. From the heal phase on everything is undone and nothing strikes.
 */
import { validate } from '../contracts/validate.ts';
import { InvariantError, ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { StreamBank } from '../kernel/random.ts';
import { sampleMicros } from '../policies/distribution.ts';
import type { Predicate } from '../world/predicates.ts';
import type { World } from '../world/world.ts';
import type { FaultEntry } from './fault.ts';
import type { Injector } from './injector.ts';

interface Item {
  readonly atMicros: number;
  readonly does: 'strike' | 'end' | 'heal';
  /** Of a strike: which entry. */
  readonly entry: number;
  /** Of an end: which fault. */
  readonly id: string;
}

interface Trigger {
  readonly entry: number;
  readonly predicate: Predicate;
  readonly args: never;
  readonly delayMicros: number;
  readonly timesMax: number;
}

export interface ScheduleImage {
  readonly agenda: readonly Item[];
  readonly strikes: readonly number[];
  readonly triggered: readonly number[];
  readonly wasTrue: readonly boolean[];
  readonly healed: boolean;
}

const NEVER = Infinity;

export class FaultSchedule {
  readonly #entries: readonly FaultEntry[];
  readonly #streams: StreamBank;
  readonly #injector: Injector;
  readonly #triggers: Trigger[] = [];
  /** Sorted by time; at equal times in the order of being planned. */
  #agenda: Item[] = [];
  /** How often each entry struck, for the ids of its faults. */
  #strikes: number[];
  /** How often each trigger fired, and whether its predicate held when last asked. */
  #triggered: number[] = [];
  #wasTrue: boolean[] = [];
  #healed = false;
  /** Called whenever the next time may have changed. */
  onChange: () => void = () => {};

  constructor(
    entries: readonly FaultEntry[],
    healAtMs: number | null,
    parts: {
      readonly streams: StreamBank;
      readonly injector: Injector;
      readonly predicates: ReadonlyMap<string, Predicate>;
    },
  ) {
    this.#entries = entries;
    this.#streams = parts.streams;
    this.#injector = parts.injector;
    this.#strikes = entries.map(() => 0);
    entries.forEach((entry, i) => this.#plan(entry, i, parts.predicates));
    if (healAtMs !== null) {
      this.#add({ atMicros: Math.round(healAtMs * 1_000), does: 'heal', entry: -1, id: '' });
    }
  }

  #plan(entry: FaultEntry, index: number, predicates: ReadonlyMap<string, Predicate>): void {
    if (entry.atMs !== undefined) {
      // Faults act before the events of their time, and at 0 no process runs yet that could stand
      // still: it is paused as soon as it has started.
      const earliest = entry.fault.type === 'pause' ? 1 : 0;
      const atMicros = Math.max(earliest, Math.round(entry.atMs * 1_000));
      this.#add({ atMicros, does: 'strike', entry: index, id: '' });
    } else if (entry.every !== undefined) {
      const from = Math.round((entry.every.fromMs ?? 0) * 1_000);
      this.#addNext(index, from);
    } else if (entry.when !== undefined) {
      const path = `faults/${index}/when`;
      const predicate = predicates.get(entry.when.use);
      if (predicate === undefined) {
        throw new ScenarioError(`There is no predicate "${entry.when.use}".`, {
          path: `${path}/use`,
          hint: didYouMean(entry.when.use, [...predicates.keys()]),
        });
      }
      this.#triggers.push({
        entry: index,
        predicate,
        args: validate(predicate.args, entry.when.args ?? {}, `${path}/args`) as never,
        delayMicros: Math.round((entry.when.delayMs ?? 0) * 1_000),
        timesMax: entry.when.times ?? 1,
      });
      this.#triggered.push(0);
      this.#wasTrue.push(false);
    }
  }

  #addNext(index: number, afterMicros: number): void {
    const every = this.#entries[index]?.every;
    if (every === undefined) return;
    const stream = this.#streams.stream(`plan/${this.#nameOf(index)}/interval`);
    const at = afterMicros + Math.max(1, Math.round(sampleMicros(every.interval, stream)));
    if (every.untilMs !== undefined && at > every.untilMs * 1_000) return;
    this.#add({ atMicros: at, does: 'strike', entry: index, id: '' });
  }

  #nameOf(index: number): string {
    const entry = this.#entries[index];
    return entry?.id ?? `${entry?.fault.type ?? 'fault'}-${index + 1}`;
  }

  #add(item: Item): void {
    let at = this.#agenda.length;
    while (at > 0 && (this.#agenda[at - 1] as Item).atMicros > item.atMicros) at -= 1;
    this.#agenda.splice(at, 0, item);
    this.onChange();
  }

  /** When it acts next, or Infinity. */
  get nextMicros(): number {
    return this.#agenda[0]?.atMicros ?? NEVER;
  }

  /** Whether the heal phase has begun. */
  get healed(): boolean {
    return this.#healed;
  }

  /** Does the next thing on the agenda, whose time is now. */
  act(): void {
    const item = this.#agenda.shift();
    if (item === undefined) throw new InvariantError('the fault agenda is empty');
    if (item.does === 'end') this.#injector.undo(item.id);
    else if (item.does === 'heal') this.#heal();
    else this.#strike(item);
    this.onChange();
  }

  #strike(item: Item): void {
    const entry = this.#entries[item.entry] as FaultEntry;
    const count = (this.#strikes[item.entry] as number) + 1;
    this.#strikes[item.entry] = count;
    const name = this.#nameOf(item.entry);
    const repeats = entry.every !== undefined || (entry.when?.times ?? 1) > 1;
    const id = repeats ? `${name}#${count}` : name;
    const struck = this.#injector.inject(id, entry.fault, 'plan');
    if (struck && entry.forMs !== undefined) {
      const end = item.atMicros + Math.round(entry.forMs * 1_000);
      this.#add({ atMicros: end, does: 'end', entry: item.entry, id });
    }
    this.#addNext(item.entry, item.atMicros);
  }

  #heal(): void {
    this.#healed = true;
    this.#agenda = [];
    this.#injector.undoAll();
  }

  get hasTriggers(): boolean {
    return this.#triggers.length > 0;
  }

  /** Asks the triggers that look at `component`, or all where it is null. */
  touched(world: World, component: string | null): void {
    if (this.#healed) return;
    this.#triggers.forEach((trigger, i) => {
      const fired = this.#triggered[i] as number;
      if (fired >= trigger.timesMax) return;
      const { components } = trigger.predicate;
      const isAsked =
        component === null || components.includes('*') || components.includes(component);
      if (!isAsked) return;
      const holds = trigger.predicate.holds(world, trigger.args);
      const rose = holds && this.#wasTrue[i] === false;
      this.#wasTrue[i] = holds;
      if (!rose) return;
      this.#triggered[i] = fired + 1;
      const atMicros = world.now + trigger.delayMicros;
      this.#add({ atMicros, does: 'strike', entry: trigger.entry, id: '' });
    });
  }

  save(): ScheduleImage {
    return {
      agenda: this.#agenda.slice(),
      strikes: this.#strikes.slice(),
      triggered: this.#triggered.slice(),
      wasTrue: this.#wasTrue.slice(),
      healed: this.#healed,
    };
  }

  restore(image: ScheduleImage): void {
    this.#agenda = image.agenda.slice();
    this.#strikes = image.strikes.slice();
    this.#triggered = image.triggered.slice();
    this.#wasTrue = image.wasTrue.slice();
    this.#healed = image.healed;
    this.onChange();
  }
}
