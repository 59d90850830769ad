/** Streams, snapshots and projections without a host, each rule with the run that it is for. */
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../../../src/sim/contracts/event-store.ts';
import { decide, evolve, fold } from '../../../../src/sim/protocols/event-store/account.ts';
import {
  applyRows,
  copyOf,
  emptyRows,
  transactionsOf,
} from '../../../../src/sim/protocols/event-store/project.ts';
import type { ProjectionRows } from '../../../../src/sim/protocols/event-store/project.ts';
import { projectionRules, storeRules } from '../../../../src/sim/protocols/event-store/rules.ts';
import {
  append,
  applyEventStore,
  balanceIn,
  eventsAfter,
  headOf,
  load,
  startEventStore,
  takeSnapshot,
} from '../../../../src/sim/protocols/event-store/store.ts';
import type { Appended, EventStoreDisk } from '../../../../src/sim/protocols/event-store/store.ts';
import { forSeeds } from '../../../support/seeds.ts';

/** A store whose disk is as fast as it is asked to be. */
class Store {
  readonly disk: EventStoreDisk = { events: [], snapshots: new Map() };
  state = startEventStore(this.disk);
  readonly #rules;

  constructor(off: readonly string[] = []) {
    this.#rules = storeRules(off);
  }

  /** What is appended is not on disk before `flush`. */
  offer(stream: string, id: number, amount: number, expected: number): Appended {
    const event = { id, amount, decidedOn: expected };
    return append(this.#rules, this.state, stream, expected, event);
  }

  flush(): void {
    for (const event of this.state.all.slice(this.disk.events.length)) {
      applyEventStore(this.disk, { type: 'event', event });
    }
    this.state.durable = this.disk.events.length;
  }

  add(stream: string, id: number, amount: number, expected: number): Appended {
    const result = this.offer(stream, id, amount, expected);
    this.flush();
    return result;
  }

  snapshot(stream: string, revision: number, balance: number): void {
    takeSnapshot(this.#rules, this.state, stream, { revision, balance });
  }

  /** As a writer sees it. */
  loaded(stream: string) {
    const { snapshot, events } = load(this.state, stream);
    return fold(events, snapshot);
  }

  crash(): void {
    this.state = startEventStore(this.disk);
  }
}

const placeOf = (result: Appended): readonly [number, number] | null =>
  result.event === null ? null : [result.event.revision, result.event.position];

describe('a store of events', () => {
  it('numbers the events of a stream from 0, and all events from 1', () => {
    const store = new Store();
    expect(placeOf(store.add('a', 1, 10, -1))).toEqual([0, 1]);
    expect(placeOf(store.add('b', 2, 10, -1))).toEqual([0, 2]);
    expect(placeOf(store.add('a', 3, 10, 0))).toEqual([1, 3]);
    expect(headOf(store.state, 'a')).toBe(1);
    expect(headOf(store.state, 'c')).toBe(-1);
  });

  it('refuses an event whose writer does not know the newest, and says which that is', () => {
    const store = new Store();
    store.add('a', 1, 100, -1);
    store.add('a', 2, -60, 0);
    expect(store.add('a', 3, -60, 0)).toEqual({ event: null, revision: 1 });
    expect(balanceIn(store.state, 'a')).toBe(40);
  });

  it('without expected versions keeps both of two that decided on one state', () => {
    const store = new Store(['events.expected-version']);
    store.add('a', 1, 100, -1);
    store.add('a', 2, -60, 0);
    expect(placeOf(store.add('a', 3, -60, 0))).toEqual([2, 3]);
    expect(balanceIn(store.state, 'a')).toBe(-20);
  });

  it('answers an event that it has as before, whatever is behind it', () => {
    const store = new Store();
    store.add('a', 1, 100, -1);
    store.add('a', 2, 100, 0);
    for (const expected of [-1, 0, 1]) {
      const again = store.add('a', 1, 100, expected);
      expect(placeOf(again)).toEqual([0, 1]);
      expect(again).toMatchObject({ isNew: false });
    }
    expect(store.state.all).toHaveLength(2);
  });

  it('without that appends it again once its writer knows the newest', () => {
    const store = new Store(['events.once']);
    store.add('a', 1, 100, -1);
    expect(store.add('a', 1, 100, -1).event).toBeNull();
    expect(placeOf(store.add('a', 1, 100, 0))).toEqual([1, 2]);
  });

  it('shows nobody what is not on disk, and loses it in a crash', () => {
    const store = new Store();
    store.add('a', 1, 100, -1);
    store.offer('a', 2, 50, 0);
    // The next writer is refused all the same: it would lie in front of that.
    expect(store.offer('a', 3, 50, 0).event).toBeNull();
    expect(store.loaded('a')).toEqual({ revision: 0, balance: 100 });
    expect(eventsAfter(store.state, 0, 10)).toHaveLength(1);
    store.crash();
    expect(placeOf(store.add('a', 3, 50, 0))).toEqual([1, 2]);
  });

  it('hands events out in the order of their positions, so many at once', () => {
    const store = new Store();
    for (let i = 0; i < 5; i += 1) store.add(i % 2 === 0 ? 'a' : 'b', i, 1, Math.trunc(i / 2) - 1);
    const positions = (after: number, max: number) =>
      eventsAfter(store.state, after, max).map(({ position }) => position);
    expect(positions(0, 3)).toEqual([1, 2, 3]);
    expect(positions(3, 3)).toEqual([4, 5]);
    expect(positions(5, 3)).toEqual([]);
  });
});

describe('snapshots', () => {
  it('with the tail behind them are what all events are, in any history', () => {
    forSeeds(200, import.meta.url, (_seed, random) => {
      const store = new Store();
      for (let id = 0; id < 60; id += 1) {
        const name = `s${random.int(3)}`;
        const account = store.loaded(name);
        const event = decide(account, { id, amount: random.between(-50, 50) });
        if (event === null) continue;
        const revision = account.revision + 1;
        expect(placeOf(store.add(name, event.id, event.amount, event.decidedOn))?.[0]).toBe(
          revision,
        );
        const { balance } = evolve(account, { amount: event.amount, revision });
        if (random.chance(25)) store.snapshot(name, revision, balance);
        if (random.chance(10)) store.crash();
        expect(store.loaded(name).balance).toBe(balanceIn(store.state, name));
        expect(balanceIn(store.state, name)).toBeGreaterThanOrEqual(0);
      }
    });
  });

  it('that are older than the one that is there change nothing', () => {
    const store = new Store();
    for (let i = 0; i < 4; i += 1) store.add('a', i, 10, i - 1);
    store.snapshot('a', 2, 30);
    store.snapshot('a', 1, 20);
    expect(load(store.state, 'a')).toMatchObject({ snapshot: { revision: 2 } });
    expect(load(store.state, 'a').events).toHaveLength(1);
  });

  it('without their own version lose what was appended while they were made', () => {
    for (const off of [[], ['events.snapshot-version']]) {
      const store = new Store(off);
      store.add('a', 1, 100, -1);
      store.add('a', 2, -100, 0);
      // Made of the first event, handed in behind the second.
      store.snapshot('a', 0, 100);
      expect(store.loaded('a').balance).toBe(off.length === 0 ? 0 : 100);
    }
  });
});

const eventAt = (position: number): StoredEvent => ({
  id: position,
  amount: 10,
  decidedOn: -1,
  stream: 'a',
  revision: position - 1,
  position,
});

/** A crash behind so many transactions of the first page; then it goes on as its disk says. */
function projected(off: readonly string[], survive: number): ProjectionRows {
  const events = [1, 2, 3, 4].map(eventAt);
  const rules = projectionRules(off);
  const disk = emptyRows();
  const first = transactionsOf(rules, events.slice(0, 2));
  for (const record of first.slice(0, survive)) applyRows(disk, record);
  for (;;) {
    const rest = events.slice(disk.checkpoint);
    if (rest.length === 0) return disk;
    for (const record of transactionsOf(rules, rest)) applyRows(disk, record);
  }
}
const positionsOf = ({ lines }: ProjectionRows): number[] => lines.map(({ position }) => position);

describe('a projection', () => {
  it('has each event once, wherever it ends', () => {
    for (const survive of [0, 1]) {
      const rows = projected([], survive);
      expect(positionsOf(rows)).toEqual([1, 2, 3, 4]);
      expect(rows.balances.get('a')).toBe(40);
      expect(rows.checkpoint).toBe(4);
    }
    expect(transactionsOf(projectionRules([]), [eventAt(1)])).toHaveLength(1);
  });

  it('with its checkpoint behind the rows has a page twice after a crash between', () => {
    const off = ['projection.one-transaction'];
    expect(positionsOf(projected(off, 1))).toEqual([1, 2, 1, 2, 3, 4]);
    expect(positionsOf(projected(off, 2))).toEqual([1, 2, 3, 4]);
  });

  it('with its checkpoint before the rows lacks a page after a crash between', () => {
    const off = ['projection.rows-first'];
    expect(positionsOf(projected(off, 1))).toEqual([3, 4]);
    expect(positionsOf(projected(off, 2))).toEqual([1, 2, 3, 4]);
    expect(positionsOf(projected([...off, 'projection.one-transaction'], 1))).toEqual([3, 4]);
  });

  it('is copied whole', () => {
    const rows = projected([], 0);
    const copy = copyOf(rows);
    applyRows(rows, { lines: [{ position: 5, account: 'a', amount: 1 }], checkpoint: 5 });
    expect(copy.checkpoint).toBe(4);
    expect(copy.balances.get('a')).toBe(40);
    expect(copy.lines).toHaveLength(4);
  });
});
