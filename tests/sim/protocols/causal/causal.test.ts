/** A causal store by its protocol alone: what each rule is for, and what holds with all of them. */
import { describe, expect, it } from 'vitest';
import { missing } from '../../../../src/sim/protocols/causal/dependencies.ts';
import { CAUSAL_RULES } from '../../../../src/sim/protocols/causal/rules.ts';
import type { CausalAblation } from '../../../../src/sim/protocols/causal/rules.ts';
import { forSeeds } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';
import { Client, Group, between } from './support/group.ts';

/** A question at 0, read at 1 and answered there; the question is slow to 2. */
function answered(off: readonly string[] = []): Group {
  const group = new Group(3, off);
  const [ann, bob] = [new Client(), new Client()];
  group.put(0, ann, 'question', 'where?');
  group.deliver(between(0, 1));
  expect(group.get(1, bob, 'question')).toBe('where?');
  group.put(1, bob, 'answer', 'here');
  group.deliver(between(1, 2));
  return group;
}

const without: Record<CausalAblation, () => void> = {
  'causal.dependency-check': () => {
    const group = answered(['causal.dependency-check']);
    expect(group.shown('answer')[2]).toBe('here');
    expect(group.shown('question')[2]).toBeNull();
  },
  'causal.last-writer-wins': () => {
    const group = concurrent(['causal.last-writer-wins']);
    expect(group.shown('x')).toEqual(['b', 'a']);
  },
  'causal.clock-advance': () => {
    const group = replaced(['causal.clock-advance']);
    expect(group.shown('x')).toEqual(['third', 'third']);
  },
  'causal.resend': () => {
    const group = lost(['causal.resend']);
    expect(group.shown('x')).toEqual([1, null]);
  },
  'causal.persist-before-reply': () => {
    const group = crashed(['causal.persist-before-reply']);
    expect(group.replies.get(0)).toMatchObject({ type: 'kv.done' });
    expect(group.shown('x')).toEqual([null, 1]);
  },
};

/** Both write the same key, and neither knows of the other. */
function concurrent(off: readonly string[] = []): Group {
  const group = new Group(2, off);
  group.put(0, new Client(), 'x', 'a');
  group.put(1, new Client(), 'x', 'b');
  group.settle();
  return group;
}

/** Three at 0, then one at 1 by somebody who has read the third. */
function replaced(off: readonly string[] = []): Group {
  const group = new Group(2, off);
  const [ann, bob] = [new Client(), new Client()];
  for (const value of ['first', 'second', 'third']) group.put(0, ann, 'x', value);
  group.settle();
  expect(group.get(1, bob, 'x')).toBe('third');
  group.put(1, bob, 'x', 'fourth');
  group.settle();
  return group;
}

/** The only message is lost, and time goes by. */
function lost(off: readonly string[] = []): Group {
  const group = new Group(2, off);
  group.put(0, new Client(), 'x', 1);
  group.packets = [];
  for (let i = 0; i < 3; i++) group.tick(0);
  group.settle();
  return group;
}

/** It dies before its disk has what it was given. */
function crashed(off: readonly string[] = []): Group {
  const group = new Group(2, off);
  group.isQuick = false;
  group.put(0, new Client(), 'x', 1);
  group.restart(0);
  group.isQuick = true;
  group.settle();
  return group;
}

describe('a rule that is off', () => {
  it.each(CAUSAL_RULES)('$id: $breaks', ({ id }) => without[id]());
});

describe('with all rules', () => {
  it('an answer waits for its question, and is shown after it', () => {
    const group = answered();
    expect(group.shown('answer')).toEqual([null, 'here', null]);
    expect(group.facts).toEqual([
      { type: 'causal.held-back', key: 'answer', from: 1, waitsFor: 0, count: 1 },
    ]);
    group.now = 50;
    group.settle();
    expect(group.shown('answer')).toEqual(['here', 'here', 'here']);
    expect(group.facts.at(-1)).toEqual({
      type: 'causal.released',
      key: 'answer',
      heldMicros: 50,
    });
  });

  it('a write names its nearest dependencies: one of each origin, and none from its own', () => {
    const group = new Group(3);
    const [ann, bob] = [new Client(), new Client()];
    group.put(0, ann, 'x', 1);
    group.put(0, ann, 'y', 2);
    expect(ann.seen).toEqual([[0, 2]]);
    group.settle();
    group.get(1, bob, 'y');
    group.get(1, bob, 'x');
    expect(bob.seen).toEqual([[0, 2]]);
    group.put(1, bob, 'z', 3);
    expect(bob.seen).toEqual([[1, 1]]);
    group.put(1, bob, 'z', 4);
    expect(group.all[1]!.state.outbox.map((one) => one.dependencies)).toEqual([[[0, 2]], []]);
  });

  it('of two concurrent writes the later stamp stays everywhere, ties by node', () => {
    expect(concurrent().shown('x')).toEqual(['b', 'b']);
  });

  it('a write replaces what its client has read', () => {
    expect(replaced().shown('x')).toEqual(['fourth', 'fourth']);
  });

  it('what is lost is sent again, and not any more once it is applied', () => {
    const group = lost();
    expect(group.shown('x')).toEqual([1, 1]);
    expect(group.all[0]!.state.outbox).toEqual([]);
    group.tick(0);
    expect(group.packets).toEqual([]);
  });

  it('a long outbox goes out in batches, each after the one before', () => {
    const group = new Group(2);
    const ann = new Client();
    for (let i = 0; i < 8; i++) group.put(0, ann, `k${i}`, i);
    group.packets = [];
    group.tick(0);
    group.tick(0);
    expect(group.packets.map(({ message }) => message)).toMatchObject([
      { writes: [{ count: 1 }, { count: 2 }, { count: 3 }] },
    ]);
    group.settle();
    expect(group.shown('k7')).toEqual([7, 7]);
  });

  it('before the disk has it, it is neither answered nor shown nor sent', () => {
    const group = crashed();
    expect(group.replies.size).toBe(0);
    expect(group.shown('x')).toEqual([null, null]);
  });

  it('after a restart what others lack is sent at once', () => {
    const group = new Group(2);
    group.put(0, new Client(), 'x', 1);
    group.packets = [];
    group.restart(0);
    group.settle();
    expect(group.shown('x')).toEqual([1, 1]);
    group.put(0, new Client(), 'x', 2);
    group.settle();
    expect(group.shown('x')).toEqual([2, 2]);
  });

  it('whoever has seen more elsewhere is refused a write', () => {
    const group = new Group(2);
    const ann = new Client();
    group.put(0, ann, 'x', 1);
    expect(group.put(1, ann, 'y', 2)).toBe('replica-behind');
    group.settle();
    expect(group.put(1, ann, 'y', 2)).toMatchObject({ type: 'kv.done' });
  });
});

/** Each write that is shown has all that it depends on applied beside it. */
function expectCausal(group: Group, about: string): void {
  for (const { config, state } of group.all) {
    for (const write of state.cells.values()) {
      const lacks = missing(state.applied, write.dependencies);
      expect(lacks, `${about}: ${write.key} at ${config.id}`).toBeUndefined();
    }
  }
}

/** Any of the things that happen to it: requests, deliveries, loss, copies, crashes, time. */
function happen(group: Group, clients: readonly Client[], random: Random): void {
  const id = random.int(clients.length);
  const key = `k${random.int(3)}`;
  const any = random.pick(group.packets.length > 0 ? group.packets : [null]);
  switch (random.int(10)) {
    case 0:
    case 1:
      return void group.put(id, clients[id]!, key, group.now * 1_000 + random.int(1_000));
    case 2:
      return void group.get(id, clients[id]!, key);
    case 3:
      if (random.chance(10)) group.restart(id);
      return;
    case 4:
      return group.tick(id);
    case 5:
      group.packets = group.packets.filter((one) => one !== any || random.chance(50));
      return;
    case 6:
      if (any !== null) group.packets.push(any);
      return;
    default:
      return group.deliver((one) => one === any);
  }
}

it('whatever is lost, doubled, late or down: causal always, and the same in the end', () => {
  forSeeds(60, import.meta.url, (seed, random) => {
    const group = new Group(3);
    const clients = group.all.map(() => new Client());
    for (let i = 0; i < 300; i++) {
      happen(group, clients, random);
      expectCausal(group, `seed ${seed}, step ${i}`);
    }
    for (let i = 0; i < 6; i++) {
      for (const { config } of group.all) group.tick(config.id);
      group.settle();
    }
    for (const { state } of group.all) {
      expect(state.held, `seed ${seed}`).toEqual([]);
      expect(state.outbox, `seed ${seed}`).toEqual([]);
      expect(new Map([...state.cells].sort())).toEqual(
        new Map([...group.all[0]!.state.cells].sort()),
      );
    }
  });
});
