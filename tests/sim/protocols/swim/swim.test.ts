/** SWIM alone: memberlist's formulas, and that updates may come in any order, more than once. */
import { describe, expect, it } from 'vitest';
import type { SwimUpdate } from '../../../../src/sim/contracts/swim.ts';
import { broadcast, sendsMax, takeGossip } from '../../../../src/sim/protocols/swim/gossip.ts';
import { swimRules } from '../../../../src/sim/protocols/swim/rules.ts';
import { createSwim } from '../../../../src/sim/protocols/swim/state.ts';
import type {
  SwimConfig,
  SwimEffect,
  SwimInput,
  SwimState,
} from '../../../../src/sim/protocols/swim/state.ts';
import { stepSwim } from '../../../../src/sim/protocols/swim/step.ts';
import { forSeeds, randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

const SECOND = 1_000_000;
const config: SwimConfig = {
  self: 0,
  probeIntervalMicros: SECOND,
  probeTimeoutMicros: 500_000,
  indirectChecks: 3,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  retransmitMult: 4,
  gossipIntervalMicros: 200_000,
  gossipNodes: 3,
  gossipToTheDeadMicros: 30 * SECOND,
  pushPullMicros: 0,
  awarenessMaxMultiplier: 8,
  updatesPerPacket: 30,
  stagger: false,
  rules: swimRules([]),
};

class Member {
  readonly state: SwimState = createSwim();
  readonly config: SwimConfig;
  now = 0;
  readonly #random: Random = randomOf(1);

  constructor(others: number, settings: Partial<SwimConfig> = {}) {
    this.config = { ...config, ...settings };
    this.feed({ type: 'start', peers: Array.from({ length: others + 1 }, (_, i) => i) });
  }

  feed(input: SwimInput): SwimEffect[] {
    const effects: SwimEffect[] = [];
    const draw = () => this.#random.int(4_294_967_296);
    stepSwim(this.config, this.state, input, this.now, draw, effects);
    return effects;
  }

  hear(...gossip: SwimUpdate[]): SwimEffect[] {
    return this.feed({ type: 'message', from: 1, message: { type: 'swim.gossip', gossip } });
  }

  /** For how long from now the suspicion of a member still runs, as its timer was set. */
  static timer(effects: readonly SwimEffect[]): number | undefined {
    const set = effects.find((e) => e.type === 'set-timer' && e.timer === 'suspicion');
    return set?.type === 'set-timer' ? set.afterMicros : undefined;
  }
}
const of = (node: number, status: SwimUpdate['status'], incarnation = 0, by = 1): SwimUpdate => ({
  node,
  status,
  incarnation,
  by,
});

describe("memberlist's formulas", () => {
  it.each([
    [5, 3],
    [10, 3],
    [50, 5.097],
    [100, 6],
    [500, 8.097],
    [1_000, 9],
  ])(
    'a group of %d: the shortest suspicion runs %d periods with a factor of 3',
    (size, periods) => {
      const member = new Member(size - 1, { suspicionMult: 3, suspicionMaxTimeoutMult: 1 });
      const runs = Member.timer(member.hear(of(2, 'suspect')));
      expect(runs! / SECOND).toBeCloseTo(periods, 2);
    },
  );

  it('a suspicion that others share runs out sooner', () => {
    // suspicion_test.go: 3 confirmations wanted, between 2 s and 30 s, so long after its start.
    const member = new Member(8, {
      suspicionMult: 5,
      suspicionMaxTimeoutMult: 15,
      probeIntervalMicros: 400_000,
    });
    const heard = (by: number, seconds: number): number | undefined => {
      member.now = seconds * SECOND;
      const runs = Member.timer(member.hear(of(2, 'suspect', 0, by)));
      return runs === undefined ? undefined : runs / SECOND;
    };
    expect(heard(1, 0)).toBe(30);
    expect(heard(1, 1)).toBeUndefined();
    expect(heard(3, 2)).toBeCloseTo(14, 3);
    expect(heard(4, 3)).toBeCloseTo(4.81, 2);
    expect(heard(5, 4)).toBe(0);
    expect(heard(6, 4)).toBeUndefined();
  });

  it.each([
    [0, 0],
    [1, 3],
    [99, 6],
    [999, 9],
  ])('with %d members an update is sent %d times, with a factor of 3', (size, times) => {
    expect(sendsMax({ ...config, retransmitMult: 3 }, size)).toBe(times);
  });

  it('an update goes out that often, and a newer one about the same member takes its place', () => {
    const member = new Member(8);
    broadcast(member.state, of(2, 'suspect'));
    broadcast(member.state, of(2, 'dead'));
    let sent = 0;
    for (;;) {
      const news = takeGossip(member.config, member.state);
      if (news.length === 0) break;
      expect(news).toEqual([of(2, 'dead')]);
      sent += 1;
    }
    expect(sent).toBe(4);
  });
});

describe('what a member makes of news', () => {
  it('does not depend on their order, nor on how often they come', () => {
    const statuses = ['alive', 'suspect', 'dead'] as const;
    forSeeds(200, import.meta.url, (_seed, random) => {
      const news = Array.from({ length: 12 }, () =>
        of(random.between(1, 3), random.pick(statuses), random.int(3), random.between(1, 3)),
      );
      const shuffled = [...news, ...news].sort(() => (random.chance(50) ? 1 : -1));
      const [a, b] = [news, shuffled].map((list) => {
        const member = new Member(3);
        member.hear(...list);
        return [...member.state.peers]
          .sort(([x], [y]) => x - y)
          .map(([node, { status, incarnation }]) => `${node} ${status} ${incarnation}`);
      });
      expect(b).toEqual(a);
    });
  });

  it('is refuted where it is about itself, with a larger incarnation, and once', () => {
    const member = new Member(3);
    expect(member.hear(of(0, 'suspect', 4)).map(({ type }) => type)).toEqual(['refuted']);
    expect(member.state.incarnation).toBe(5);
    expect(member.hear(of(0, 'suspect', 4), of(0, 'dead', 4))).toEqual([]);
    expect(member.state.queue.map(({ update }) => update)).toEqual([of(0, 'alive', 5, 0)]);
  });

  it('is let go where it is about itself and refutation is off', () => {
    const member = new Member(3, { rules: swimRules(['swim.refutation']) });
    expect(member.hear(of(0, 'dead', 0))).toEqual([]);
    expect(member.state.incarnation).toBe(0);
  });
});

describe('local health', () => {
  it('makes a member slower when nobody answers, not when those it asked cannot either', () => {
    const round = (nacks: number): number => {
      const member = new Member(4);
      const [ping] = member
        .feed({ type: 'timer', timer: 'probe', key: 0 })
        .filter((e) => e.type === 'send');
      const seq = ping?.type === 'send' && 'seq' in ping.message ? ping.message.seq : 0;
      member.feed({ type: 'timer', timer: 'probe-timeout', key: 0 });
      for (let i = 0; i < nacks; i++) {
        const message = { type: 'swim.nack', seq, gossip: [] } as const;
        member.feed({ type: 'message', from: 1, message });
      }
      const effects = member.feed({ type: 'timer', timer: 'probe', key: 0 });
      const next = effects.find((e) => e.type === 'set-timer' && e.timer === 'probe');
      return next?.type === 'set-timer' ? next.afterMicros / SECOND : 0;
    };
    expect([0, 1, 2, 3].map(round)).toEqual([4, 3, 2, 1]);
  });
});
