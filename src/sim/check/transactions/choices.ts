/**
 * Is there an order of moments in which all of some pairs hold, and of each choice one pair?
 *
 * The choices are never written out, as they may be many millions: an order is made, who knows the
 * choices says which of them it breaks, and these alone are taken in. Of them, what is known goes
 * first: a pair whose opposite is forced drops out of its choice, and what is left of the choice
 * becomes known. Only then one side is tried, and the other if it fails.
 *
 * Invariants
 *  - `yes` only with an order that was checked against every pair; `no` only when all is tried.
 *  - A step puts one moment, looks at one choice, or carries one row of what comes after what; a
 *    budget of steps that ends gives `open`. So do more moments than rows can be kept for.
 *
 * Source: polygraphs (Papadimitriou, JACM 1979); pruning by reachability as in Cobra (Tan et al.,
 * OSDI 2020) and PolySI (Huang et al., VLDB 2023).
 */
export type Pair = readonly [before: number, after: number];
export type Choice = readonly [one: Pair, other: Pair];

export interface Puzzle {
  readonly moments: number;
  /** By moment: where it is tried to be put. Only how soon an order is found depends on it. */
  readonly wish: readonly number[];
  readonly pairs: readonly Pair[];
  /** Choices neither of whose pairs holds, by the place of each moment; none: all others do. */
  readonly broken: (place: Int32Array) => readonly Choice[];
}

export interface Answer {
  readonly answer: 'yes' | 'no' | 'open';
  readonly steps: number;
}

/** Rows of so many moments take 128 MiB. */
const MOMENTS_MAX = 32_000;

export function solve(puzzle: Puzzle, stepsMax: number): Answer {
  return new Solver(puzzle, stepsMax).run();
}

class Solver {
  readonly #moments: number;
  readonly #byWish: readonly number[];
  readonly #broken: Puzzle['broken'];
  readonly #taken = new Set<string>();
  readonly #choices: Choice[] = [];
  readonly #pairs: Pair[];
  readonly #stepsMax: number;
  #steps = 0;

  constructor({ moments, wish, pairs, broken }: Puzzle, stepsMax: number) {
    this.#moments = moments;
    this.#pairs = [...pairs];
    this.#broken = broken;
    this.#stepsMax = stepsMax;
    const places = Array.from({ length: moments }, (_, moment) => moment);
    this.#byWish = places.sort((a, b) => (wish[a] ?? 0) - (wish[b] ?? 0) || a - b);
  }

  run(): Answer {
    return { answer: this.#search(), steps: this.#steps };
  }

  #search(): Answer['answer'] {
    const known = this.#pairs.length;
    const answer = this.#settle();
    this.#pairs.length = known;
    return answer;
  }

  #settle(): Answer['answer'] {
    for (;;) {
      const order = this.#order();
      if (order === undefined) return 'no';
      const broken = this.#take(order);
      if (broken === undefined) return 'yes';
      if (this.#moments > MOMENTS_MAX) return 'open';
      const forced = this.#force(order);
      if (this.#steps > this.#stepsMax) return 'open';
      if (forced === 'impossible') return 'no';
      if (forced === 'nothing') return this.#branch(broken);
    }
  }

  #branch([one, other]: Choice): Answer['answer'] {
    let isOpen = false;
    for (const pair of [one, other]) {
      this.#pairs.push(pair);
      const answer = this.#search();
      this.#pairs.pop();
      if (answer === 'yes') return 'yes';
      if (answer === 'open') isOpen = true;
      if (this.#steps > this.#stepsMax) return 'open';
    }
    return isOpen ? 'open' : 'no';
  }

  /** The moments in an order that all pairs agree with, as near to the wishes as that allows. */
  #order(): readonly number[] | undefined {
    const before = this.#neighbours(1);
    const order: number[] = [];
    // 0: not seen, 1: what comes before it is being put, 2: put.
    const state = new Uint8Array(this.#moments);
    const cursor = new Int32Array(this.#moments);
    for (const wished of this.#byWish) {
      const path = [wished];
      while (path.length > 0) {
        const moment = path.at(-1) ?? 0;
        if (state[moment] === 2) {
          path.pop();
          continue;
        }
        state[moment] = 1;
        const next = before[moment]?.[cursor[moment] ?? 0];
        if (next === undefined) {
          state[moment] = 2;
          order.push(moment);
          path.pop();
        } else {
          cursor[moment] = (cursor[moment] ?? 0) + 1;
          if (state[next] === 1) return undefined;
          if (state[next] === 0) path.push(next);
        }
      }
    }
    return order;
  }

  /** By moment: those right before it (end 1) or right after it (end 0). */
  #neighbours(end: 0 | 1): number[][] {
    const lists = Array.from({ length: this.#moments }, (): number[] => []);
    for (const pair of this.#pairs) lists[pair[end]]?.push(pair[1 - end] ?? 0);
    return lists;
  }

  /** Takes in the choices that the order breaks; answers with one of them. */
  #take(order: readonly number[]): Choice | undefined {
    const place = new Int32Array(this.#moments);
    for (let at = 0; at < order.length; at++) place[order[at] ?? 0] = at;
    this.#steps += order.length;
    const broken = this.#broken(place);
    for (const choice of broken) {
      const name = choice.flat().join(' ');
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      this.#choices.push(choice);
    }
    return broken[0];
  }

  /** Adds what is left of choices whose other side what is known forbids. */
  #force(order: readonly number[]): 'nothing' | 'something' | 'impossible' {
    const words = (this.#moments + 31) >> 5;
    const after = this.#neighbours(0);
    // Row by row: which moments come after one, itself included.
    const rows = new Int32Array(this.#moments * words);
    for (let at = order.length - 1; at >= 0; at--) {
      const moment = order[at] ?? 0;
      const from = moment * words;
      rows[from + (moment >> 5)] = (rows[from + (moment >> 5)] ?? 0) | (1 << (moment & 31));
      for (const next of after[moment] ?? []) {
        if (++this.#steps > this.#stepsMax) return 'nothing';
        const other = next * words;
        for (let word = 0; word < words; word++) {
          rows[from + word] = (rows[from + word] ?? 0) | (rows[other + word] ?? 0);
        }
      }
    }
    const leads = (a: number, b: number): boolean =>
      (((rows[a * words + (b >> 5)] ?? 0) >>> (b & 31)) & 1) === 1;
    let found = false;
    for (const [one, other] of this.#choices) {
      this.#steps++;
      if (leads(...one) || leads(...other)) continue;
      const isOne = !leads(one[1], one[0]);
      const isOther = !leads(other[1], other[0]);
      if (isOne && isOther) continue;
      if (!isOne && !isOther) return 'impossible';
      this.#pairs.push(isOne ? one : other);
      found = true;
    }
    return found ? 'something' : 'nothing';
  }
}
