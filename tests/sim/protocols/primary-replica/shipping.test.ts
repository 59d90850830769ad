/** How a log gets in order, when it is applied, and where two of them part. */
import { describe, expect, it } from 'vitest';
import {
  applyDueMicros,
  applyDueNow,
  onReport,
  takeInOrder,
} from '../../../../src/sim/protocols/primary-replica/shipping.ts';
import type { Inbox, Piece } from '../../../../src/sim/protocols/primary-replica/shipping.ts';
import { cutHistory, divergence } from '../../../../src/sim/protocols/primary-replica/wal.ts';
import { forSeeds } from '../../../support/seeds.ts';

const inbox = (): Inbox<Piece> => ({ received: 0, early: new Map() });

describe('pieces of a log', () => {
  it('are taken once and in order, whatever the network does', () => {
    forSeeds(30, import.meta.url, (_seed, random) => {
      const last = 12;
      const packets = Array.from({ length: last }, (_, i) => ({ after: i, position: i + 1 }));
      for (let copies = random.int(6); copies > 0; copies--) {
        packets.push(packets[random.int(last)]!);
      }
      for (let i = packets.length - 1; i > 0; i--) {
        const other = random.int(i + 1);
        [packets[i], packets[other]] = [packets[other]!, packets[i]!];
      }
      const box = inbox();
      const taken: number[] = [];
      for (const { after, position } of packets) {
        takeInOrder(box, after, { position }, (piece) => taken.push(piece.position));
      }
      expect(taken).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      expect(box.early.size).toBe(0);
    });
  });

  it('that were lost are seen to be when the follower says what it has', () => {
    const reported = (position: number, startsAnew: boolean) => {
      const shipment = { sent: 9, sentAtReport: 7 };
      let from = -1;
      const ship = (again: boolean): void => {
        if (again) from = shipment.sent;
        shipment.sent = 11;
      };
      onReport(shipment, position, startsAnew, ship);
      expect(shipment).toEqual({ sent: 11, sentAtReport: 11 });
      return from;
    };
    expect(reported(6, false)).toBe(6);
    // Record 8 and 9 may still be on their way.
    expect(reported(7, false)).toBe(-1);
    expect(reported(7, true)).toBe(7);
  });

  it('that come again from an earlier place do no harm', () => {
    const box = inbox();
    const taken: number[] = [];
    const take = ({ position }: Piece): void => void taken.push(position);
    takeInOrder(box, 0, { position: 4 }, take);
    takeInOrder(box, 2, { position: 6 }, take);
    expect([taken, box.received, box.early.size]).toEqual([[4], 4, 1]);
    takeInOrder(box, 4, { position: 6 }, take);
    expect([taken, box.received, box.early.size]).toEqual([[4, 6], 6, 0]);
  });
});

describe('a single applier', () => {
  it('works on one write at a time, and holds each back', () => {
    expect(applyDueMicros(0, 100, 0)).toBe(100);
    expect(applyDueMicros(0, 100, 50, 7)).toBe(157);
    expect(applyDueMicros(400, 100, 50, 7)).toBe(407);
  });

  it('applies what is due in order, and says when to look again', () => {
    const held = [10, 20, 20, 35].map((dueMicros, place) => ({ dueMicros, place }));
    const applied: number[] = [];
    const look = (now: number) => applyDueNow(held, now, ({ place }) => void applied.push(place));
    expect([look(9), [...applied]]).toEqual([10, []]);
    expect([look(20), [...applied]]).toEqual([35, [0, 1, 2]]);
    expect([look(35), [...applied], held]).toEqual([null, [0, 1, 2, 3], []]);
    expect(look(99)).toBeNull();
  });
});

describe('timelines', () => {
  const one = { timeline: 1, by: 0, from: 0 };
  const two = { timeline: 2, by: 1, from: 10 };
  const twoElsewhere = { timeline: 2, by: 2, from: 8 };
  const three = { timeline: 3, by: 2, from: 20 };

  it.each([
    { is: 'a standby that is behind', primary: [one], own: [one], end: 5, at: null },
    {
      is: 'one that is ahead of a restarted primary',
      primary: [one],
      own: [one],
      end: 50,
      at: null,
    },
    { is: 'an old primary with nothing more', primary: [one, two], own: [one], end: 10, at: null },
    { is: 'an old primary with more', primary: [one, two], own: [one], end: 13, at: 10 },
    {
      is: 'two that were promoted apart',
      primary: [one, two],
      own: [one, twoElsewhere],
      end: 9,
      at: 8,
    },
    {
      is: 'one of a timeline before',
      primary: [one, two, three],
      own: [one, two],
      end: 25,
      at: 20,
    },
    { is: 'one of a newer timeline', primary: [one, two], own: [one, two, three], end: 22, at: 20 },
    {
      is: 'one that knows of it only',
      primary: [one, two],
      own: [one, two, three],
      end: 20,
      at: null,
    },
  ])('$is: the logs part at $at', ({ primary, own, end, at }) => {
    expect(divergence(primary, own, end)).toBe(at);
  });

  it('of a log that was cut off are those that it still reaches', () => {
    expect(cutHistory([one, two, three], 15)).toEqual([one, two]);
    expect(cutHistory([one, two], 10)).toEqual([one]);
    expect(cutHistory([one], 0)).toEqual([one]);
  });
});
