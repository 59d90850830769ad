/** Isolation levels against the definition: every commit order of small random histories. */
import { describe, expect, it } from 'vitest';
import { checkIsolation, ISOLATION_LEVELS } from 'faultline';
import type { IsolationLevel, SessionTxn, VersionOp } from 'faultline';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

interface Node {
  readonly session: number;
  readonly place: number;
  readonly ops: readonly VersionOp[];
}

/** Sessions of a few transactions; reads see any version that somebody writes, or the first. */
function someSessions(random: Random): SessionTxn[][] {
  const next = new Map<string, number>();
  const sessions: VersionOp[][][] = [];
  let total = 0;
  for (let session = 0; session < 2 + random.int(2); session++) {
    const txns: VersionOp[][] = [];
    for (let place = 0; place < 1 + random.int(2) && total < 5; place++, total++) {
      const ops: VersionOp[] = [];
      for (let at = 0; at < 1 + random.int(3); at++) {
        const key = random.pick(['x', 'y']);
        if (random.chance(50)) {
          const version = (next.get(key) ?? 0) + 1;
          // One write of a key in a transaction: what is overwritten is judged elsewhere.
          if (ops.some(([f, other]) => f === 'w' && other === key)) continue;
          next.set(key, version);
          ops.push(['w', key, version]);
        } else ops.push(['r', key, 0]);
      }
      txns.push(ops);
    }
    sessions.push(txns);
  }
  return sessions.map((txns) =>
    txns.map((ops) => ({
      ops: ops.map(([f, key, version]): VersionOp => {
        if (f === 'w') return [f, key, version];
        return ['r', key, random.int((next.get(key) ?? 0) + 1)];
      }),
    })),
  );
}

/** The axioms of Biswas and Enea 2019, word for word, for one total order. Node 0 is initial. */
class Axioms {
  readonly nodes: Node[] = [{ session: -1, place: 0, ops: [] }];
  /** Reads of others, in order: key, writer. */
  readonly reads: { key: string; from: number }[][] = [[]];
  readonly isSound: boolean;
  readonly isRepeatable: boolean;

  constructor(sessions: readonly (readonly SessionTxn[])[]) {
    sessions.forEach((txns, session) =>
      txns.forEach(({ ops }, place) => this.nodes.push({ session, place, ops })),
    );
    let sound = true;
    let repeatable = true;
    for (let node = 1; node < this.nodes.length; node++) {
      const reads: { key: string; from: number }[] = [];
      const own = new Map<string, unknown>();
      const seen = new Map<string, unknown>();
      for (const [f, key, version] of this.nodes[node]!.ops) {
        if (f === 'w') {
          own.set(key, version);
          continue;
        }
        if (own.get(key) === version) continue;
        const before = own.get(key) ?? seen.get(key);
        if (before !== undefined && before !== version) repeatable = false;
        seen.set(key, version);
        const from =
          version === 0 ? 0 : this.nodes.findIndex((other) => writes(other, key, version));
        if (from === node) sound = false;
        else reads.push({ key, from });
      }
      this.reads.push(reads);
    }
    this.isSound = sound;
    this.isRepeatable = repeatable;
  }

  holds(level: IsolationLevel): boolean {
    if (!this.isSound || (level !== 'read-committed' && !this.isRepeatable)) return false;
    return this.#orders([0]).some((order) => this.#fits(level, order));
  }

  #orders(order: number[]): number[][] {
    if (order.length === this.nodes.length) return [order];
    const all: number[][] = [];
    for (let node = 1; node < this.nodes.length; node++) {
      if (order.includes(node)) continue;
      const needs = this.nodes.flatMap((_, other) => (this.#direct(other, node) ? [other] : []));
      if (needs.every((other) => order.includes(other)))
        all.push(...this.#orders([...order, node]));
    }
    return all;
  }

  /** In session order or read from. */
  #direct(a: number, b: number): boolean {
    const [first, second] = [this.nodes[a]!, this.nodes[b]!];
    if (a === b || b === 0) return false;
    if (a === 0) return true;
    const inSession = first.session === second.session && first.place < second.place;
    return inSession || this.reads[b]!.some(({ from }) => from === a);
  }

  #causal(a: number, b: number): boolean {
    if (this.#direct(a, b)) return true;
    return this.nodes.some((_, between) => this.#direct(a, between) && this.#causal(between, b));
  }

  #fits(level: IsolationLevel, order: readonly number[]): boolean {
    const before = (a: number, b: number) => order.indexOf(a) < order.indexOf(b);
    for (let t3 = 1; t3 < this.nodes.length; t3++) {
      const reads = this.reads[t3]!;
      for (let place = 0; place < reads.length; place++) {
        const { key, from: t1 } = reads[place]!;
        for (let t2 = 0; t2 < this.nodes.length; t2++) {
          if (t2 === t1 || t2 === t3 || !this.#writesKey(t2, key)) continue;
          if (this.#sees(level, t2, t3, place, before) && !before(t2, t1)) return false;
        }
      }
    }
    return true;
  }

  #sees(
    level: IsolationLevel,
    t2: number,
    t3: number,
    place: number,
    before: (a: number, b: number) => boolean,
  ): boolean {
    const upTo = (a: number, b: number) => a === b || before(a, b);
    const prefix = () => this.nodes.some((_, t4) => upTo(t2, t4) && this.#direct(t4, t3));
    switch (level) {
      case 'read-committed':
      case 'repeatable-read':
        return this.reads[t3]!.slice(0, place).some(({ from }) => from === t2);
      case 'read-atomic':
        return this.#direct(t2, t3);
      case 'causal':
        return this.#causal(t2, t3);
      case 'prefix':
        return prefix();
      case 'snapshot-isolation':
        return (
          prefix() ||
          this.nodes.some(
            (_, t4) =>
              t4 !== t3 &&
              before(t4, t3) &&
              upTo(t2, t4) &&
              ['x', 'y'].some((key) => this.#writesKey(t4, key) && this.#writesKey(t3, key)),
          )
        );
      case 'serializable':
        return before(t2, t3);
    }
  }

  #writesKey(node: number, key: string): boolean {
    return node === 0 || this.nodes[node]!.ops.some(([f, other]) => f === 'w' && other === key);
  }
}

function writes(node: Node, key: string, version: unknown): boolean {
  return node.ops.some(([f, k, v]) => f === 'w' && k === key && v === version);
}

describe('isolation levels', () => {
  it('of 3,000 histories are what the axioms say', () => {
    const counts = new Map<IsolationLevel, { pass: number; fail: number }>();
    for (let seed = 1; seed <= 3_000; seed++) {
      const sessions = someSessions(randomOf(seed));
      const axioms = new Axioms(sessions);
      for (const level of ISOLATION_LEVELS) {
        const expected = axioms.holds(level) ? 'pass' : 'fail';
        const { verdict } = checkIsolation(sessions, level);
        if (verdict !== expected) {
          expect.fail(
            `seed ${seed}: ${level} is ${expected}, not ${verdict}: ${JSON.stringify(sessions)}`,
          );
        }
        const count = counts.get(level) ?? { pass: 0, fail: 0 };
        counts.set(level, count);
        count[expected]++;
      }
    }
    for (const [level, { pass, fail }] of counts) {
      expect(pass, level).toBeGreaterThan(300);
      expect(fail, level).toBeGreaterThan(300);
    }
  });

  it('are unknown when the budget ends, and never a pass', () => {
    const sessions = Array.from({ length: 6 }, (_, at): SessionTxn[] => [
      {
        ops: [
          ['r', `k${at}`, 0],
          ['w', `k${at}`, 1],
        ],
      },
    ]);
    const result = checkIsolation(sessions, 'serializable', { steps: 3 });
    expect(result.verdict).toBe('unknown');
    expect(result.reason).toContain('3 steps');
    expect(checkIsolation(sessions, 'serializable').verdict).toBe('pass');
  });

  it('explain a read of an aborted and of an overwritten version', () => {
    const aborted: SessionTxn[][] = [
      [{ committed: false, ops: [['w', 'x', 1]] }],
      [{ ops: [['r', 'x', 1]] }],
    ];
    expect(checkIsolation(aborted, 'read-committed').because.join()).toContain('never committed');
    const overwritten: SessionTxn[][] = [
      [
        {
          ops: [
            ['w', 'x', 1],
            ['w', 'x', 2],
          ],
        },
      ],
      [{ ops: [['r', 'x', 1]] }],
    ];
    expect(checkIsolation(overwritten, 'read-committed').because.join()).toContain('overwrote');
  });
});
