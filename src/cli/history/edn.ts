/**
 * Reads EDN, and JSON as its near relative, into values that know their lines.
 *
 * Why our own reader: the well-kept package for it (edn-data 1.2) has no positions, reads only the
 * first of several forms and takes `{:a 1 :b}` without a word, and a log from elsewhere must be
 * refused with a line number or be read whole.
 *
 * Invariants
 *  - Nothing is dropped but comments, `#_` forms and metadata; what is malformed throws with its
 *    line.
 *  - A keyword is its name without the colon; a tagged value is told apart by its tag.
 *
 * Source: the EDN format specification (edn-format/edn).
 */
import { ScenarioError } from '../../sim/index.ts';

export type FormKind =
  'nil' | 'boolean' | 'number' | 'string' | 'keyword' | 'symbol' | 'list' | 'map' | 'tagged';

export interface Form {
  readonly kind: FormKind;
  readonly line: number;
  /** Of nil, booleans, numbers, strings, keywords (without the colon) and symbols. */
  readonly value?: null | boolean | number | string;
  /** Of lists, vectors and sets; of a map key, value, key, value; of a tagged form its value. */
  readonly items?: readonly Form[];
  readonly tag?: string;
}

/** All forms of a text, in order. In JSON a colon between two forms means nothing. */
export function readForms(text: string, file: string, dialect: 'edn' | 'json'): readonly Form[] {
  return new Reader(text, file, dialect === 'json').forms();
}

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
]);
const SYMBOLIC: ReadonlyMap<string, number> = new Map([
  ['Inf', Infinity],
  ['-Inf', -Infinity],
  ['NaN', NaN],
]);
const DELIMITER = /[\s,;()[\]{}"]/;
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?[NM]?$/;
const RATIO = /^([+-]?\d+)\/(\d+)$/;
const DEPTH_MAX = 200;

/**
 * A whole number that a double cannot hold stands for itself by its digits, so that it stays apart
 * from its neighbours. No counter or total can use it; a register can.
 */
function numberOf(word: string): Pick<Form, 'kind' | 'value'> {
  const digits = word.replace(/[NM]$/, '').replace(/^\+/, '');
  const value = Number(digits);
  if (!/^-?\d+$/.test(digits) || Number.isSafeInteger(value)) return { kind: 'number', value };
  return { kind: 'symbol', value: digits.replace(/^(-?)0+/, '$1') };
}

/** True of a whole number that a double cannot hold. */
export function isLarge({ kind, value }: Form): boolean {
  return kind === 'symbol' && typeof value === 'string' && /^-?\d+$/.test(value);
}

class Reader {
  private readonly text: string;
  private readonly file: string;
  private readonly isJson: boolean;
  private at = 0;
  private line = 1;
  private depth = 0;

  constructor(text: string, file: string, isJson: boolean) {
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    this.file = file;
    this.isJson = isJson;
  }

  forms(): Form[] {
    const forms: Form[] = [];
    for (;;) {
      this.skip();
      if (this.at >= this.text.length) return forms;
      const form = this.form();
      if (form !== undefined) forms.push(form);
    }
  }

  /** One form; undefined for one that `#_` leaves out. */
  private form(): Form | undefined {
    const { line } = this;
    const letter = this.text[this.at] ?? '';
    if (CLOSING.has(letter) || letter === '#' || letter === '^') return this.nested(letter);
    if (letter === '"') return { kind: 'string', line, value: this.string() };
    if (letter === '\\') return this.character();
    if (')]}'.includes(letter)) throw this.wrong(`"${letter}" closes nothing`);
    return this.atom(this.word(), line);
  }

  /** What has forms inside: brackets, and what stands before another form. */
  private nested(letter: string): Form | undefined {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) {
      throw this.wrong(`more than ${DEPTH_MAX} levels of brackets, tags, metadata and #_`);
    }
    const form =
      letter === '#'
        ? this.dispatch()
        : letter === '^'
          ? this.described()
          : this.collection(letter);
    this.depth -= 1;
    return form;
  }

  private described(): Form {
    this.at += 1;
    this.needed('metadata');
    return this.needed('a value after its metadata');
  }

  private collection(open: string, tagLine = this.line): Form {
    const close = CLOSING.get(open) ?? '';
    this.at += 1;
    const items: Form[] = [];
    for (;;) {
      this.skip();
      if (this.at >= this.text.length) {
        throw this.wrong(`"${open}" of line ${tagLine} is never closed`);
      }
      const letter = this.text[this.at] ?? '';
      if (letter === close) break;
      const form = this.form();
      if (form !== undefined) items.push(form);
    }
    this.at += 1;
    if (open !== '{') return { kind: 'list', line: tagLine, items };
    if (items.length % 2 === 1) {
      throw this.wrong(`the map of line ${tagLine} has a key without a value`);
    }
    return { kind: 'map', line: tagLine, items };
  }

  /** What begins with `#`: sets, discarded forms, symbolic numbers and tags. */
  private dispatch(): Form | undefined {
    const { line } = this;
    const next = this.text[this.at + 1] ?? '';
    if (next === '{') {
      this.at += 1;
      const set = this.set(line);
      return set;
    }
    if (next === '_') {
      this.at += 2;
      this.needed('a value after #_');
      return undefined;
    }
    if (next === '#') {
      this.at += 2;
      const word = this.word();
      const value = SYMBOLIC.get(word);
      if (value === undefined) throw this.wrong(`"##${word}" is no value`);
      return { kind: 'number', line, value };
    }
    this.at += 1;
    const tag = this.word();
    if (tag === '') throw this.wrong('"#" without a tag');
    return { kind: 'tagged', line, tag, items: [this.needed(`a value after #${tag}`)] };
  }

  /** Braces of a set hold any number of values. */
  private set(line: number): Form {
    const items: Form[] = [];
    this.at += 1;
    for (;;) {
      this.skip();
      if (this.at >= this.text.length) throw this.wrong(`the set of line ${line} is never closed`);
      if (this.text[this.at] === '}') break;
      const form = this.form();
      if (form !== undefined) items.push(form);
    }
    this.at += 1;
    return { kind: 'list', line, items };
  }

  private needed(what: string): Form {
    for (;;) {
      this.skip();
      if (this.at >= this.text.length) throw this.wrong(`the text ends where ${what} is expected`);
      const form = this.form();
      if (form !== undefined) return form;
    }
  }

  private string(): string {
    const from = this.line;
    let value = '';
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const letter = this.text[this.at] ?? '';
      if (letter === '"') {
        this.at += 1;
        return value;
      }
      if (letter === '\n') this.line += 1;
      if (letter !== '\\') {
        value += letter;
        continue;
      }
      this.at += 1;
      const escaped = this.text[this.at] ?? '';
      if (escaped === 'u') {
        value += String.fromCharCode(parseInt(this.text.slice(this.at + 1, this.at + 5), 16));
        this.at += 4;
      } else value += ESCAPES.get(escaped) ?? escaped;
    }
    throw this.wrong(`the string of line ${from} is never closed`);
  }

  private character(): Form {
    const { line } = this;
    this.at += 1;
    const word = this.word() || (this.text[this.at++] ?? '');
    return { kind: 'string', line, value: word };
  }

  private word(): string {
    const from = this.at;
    while (this.at < this.text.length && !DELIMITER.test(this.text[this.at] ?? '')) this.at += 1;
    return this.text.slice(from, this.at);
  }

  private atom(word: string, line: number): Form {
    if (word === 'nil' || (this.isJson && word === 'null'))
      return { kind: 'nil', line, value: null };
    if (word === 'true' || word === 'false')
      return { kind: 'boolean', line, value: word === 'true' };
    if (NUMBER.test(word)) return { line, ...numberOf(word) };
    const ratio = RATIO.exec(word);
    if (ratio !== null) return { kind: 'number', line, value: Number(ratio[1]) / Number(ratio[2]) };
    if (word.startsWith(':') && word.length > 1)
      return { kind: 'keyword', line, value: word.slice(1) };
    if (word === ':' || /^[+-]?\d/.test(word)) throw this.wrong(`"${word}" is no value`);
    return { kind: 'symbol', line, value: word };
  }

  private skip(): void {
    for (; this.at < this.text.length; this.at += 1) {
      const letter = this.text[this.at] ?? '';
      if (letter === '\n') this.line += 1;
      else if (letter === ';') {
        while (this.at + 1 < this.text.length && this.text[this.at + 1] !== '\n') this.at += 1;
      } else if (!/[\s,]/.test(letter) && !(this.isJson && letter === ':')) return;
    }
  }

  private wrong(what: string): ScenarioError {
    return new ScenarioError(`${this.file}, line ${this.line}: ${what}.`);
  }
}
