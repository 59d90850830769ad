/** Whatever consumers do, each message is in one place, and places are kept in order. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Desk } from './support/desk.ts';

const NAMES = ['a', 'b', 'c'] as const;
type Act =
  | { readonly do: 'publish' }
  | { readonly do: 'open' | 'close'; readonly name: (typeof NAMES)[number] }
  | { readonly do: 'settle'; readonly pick: number; readonly how: 'ack' | 'requeue' | 'reject' };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constant<Act>({ do: 'publish' }),
  fc.record({ do: fc.constantFrom('open', 'close'), name: fc.constantFrom(...NAMES) }),
  fc.record({
    do: fc.constant('settle' as const),
    pick: fc.nat(20),
    how: fc.constantFrom('ack', 'requeue', 'reject'),
  }),
);

it('loses and doubles nothing, keeps the order and each prefetch count', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.nat(3), (acts, prefetch) => {
      const desk = new Desk({ deliveryLimit: 3 });
      const open = new Set<string>();
      let published = 0;
      for (const one of acts) {
        if (one.do === 'publish') desk.publish(++published);
        else if (one.do === 'settle') {
          const held = [...desk.out.values()].map(([, { message }]) => message.value);
          const value = held[one.pick % Math.max(1, held.length)];
          if (value !== undefined) desk.settle(value, one.how);
        } else if (one.do === 'open' && !open.has(one.name)) {
          open.add(one.name);
          desk.open(one.name, prefetch);
        } else if (one.do === 'close' && open.delete(one.name)) desk.close(one.name);
        const held = NAMES.flatMap((name) => desk.heldBy(name));
        const everywhere = [...desk.ready(), ...held, ...desk.allGone()];
        expect(everywhere.sort((a, b) => a - b)).toEqual(
          Array.from({ length: published }, (_, i) => i + 1),
        );
        expect(desk.ready()).toEqual([...desk.ready()].sort((a, b) => a - b));
        for (const name of prefetch === 0 ? [] : NAMES) {
          expect(desk.heldBy(name).length).toBeLessThanOrEqual(prefetch);
        }
        const isIdle = NAMES.some(
          (name) => open.has(name) && (prefetch === 0 || desk.heldBy(name).length < prefetch),
        );
        if (isIdle) expect(desk.ready()).toEqual([]);
      }
    }),
  );
});
