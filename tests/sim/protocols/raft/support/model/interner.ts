/** Numbers for things, the same number for things of the same text. */
const NUMBERS_MAX = 0xff00;

export class Interner<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of what `text` describes; `make` is called only the first time. */
  number(text: string, make: () => T): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.items.length;
    if (number > NUMBERS_MAX) throw new Error('the model is too large for its encoding');
    this.#numbers.set(text, number);
    this.items.push(make());
    return number;
  }

  get(number: number): T {
    return this.items[number] as T;
  }
}
