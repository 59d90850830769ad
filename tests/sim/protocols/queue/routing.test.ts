/** The exchange types of AMQP 0-9-1, sentence by sentence (3.1.3). */
import { describe, expect, it } from 'vitest';
import { routed } from '../../../../src/sim/protocols/queue/index.ts';
import type { Exchange } from '../../../../src/sim/protocols/queue/index.ts';

type Type = Exchange['type'];
const exchange = (type: Type, ...keys: readonly string[]): Exchange => ({
  name: 'x',
  type,
  bindings: keys.map((routingKey, queue) => ({ queue, routingKey, fromMicros: 0 })),
});
const to = (type: Type, key: string, ...keys: readonly string[]): readonly number[] =>
  routed(exchange(type, ...keys), key, 0);

describe('a direct exchange', () => {
  it('passes a message to a queue if its routing key is the key of the binding', () => {
    expect(to('direct', 'red', 'red', 'blue', 'red')).toEqual([0, 2]);
  });
  it('compares whole keys: patterns are keys like others', () => {
    expect(to('direct', 'a.b', 'a.*', '#', 'a', 'A.B')).toEqual([]);
  });
});

describe('a fanout exchange', () => {
  it('passes a message to all queues unconditionally', () => {
    expect(to('fanout', 'whatever', '', '', 'x')).toEqual([0, 1, 2]);
  });
});

describe('a topic exchange', () => {
  it('passes a message to a queue if its routing key matches the pattern of the binding', () => {
    expect(to('topic', 'usd.stock', 'usd.stock', 'usd.bond', 'usd')).toEqual([0]);
  });
  it('*.stock.# matches usd.stock and eur.stock.db but not stock.nasdaq', () => {
    const keys = ['usd.stock', 'eur.stock.db', 'stock.nasdaq'];
    expect(keys.map((key) => to('topic', key, '*.stock.#').length)).toEqual([1, 1, 0]);
  });
  it('* matches a single word: not none, and not two', () => {
    const keys = ['a', 'a.b', 'a.b.c', ''];
    expect(keys.map((key) => to('topic', key, 'a.*').length)).toEqual([0, 1, 0, 0]);
    expect(keys.map((key) => to('topic', key, '*').length)).toEqual([1, 0, 0, 0]);
  });
  it('# matches zero or more words, wherever it stands', () => {
    const keys = ['', 'a', 'a.b', 'a.x.b', 'a.x.y.b', 'b.a'];
    const fitting = (pattern: string) => keys.filter((key) => to('topic', key, pattern).length > 0);
    expect(fitting('#')).toEqual(keys);
    expect(fitting('a.#')).toEqual(['a', 'a.b', 'a.x.b', 'a.x.y.b']);
    expect(fitting('#.b')).toEqual(['a.b', 'a.x.b', 'a.x.y.b']);
    expect(fitting('a.#.b')).toEqual(['a.b', 'a.x.b', 'a.x.y.b']);
    expect(fitting('#.#')).toEqual(keys);
    expect(fitting('#.*')).toEqual(keys.slice(1));
  });
  it('words are delimited by dots, and are compared whole', () => {
    expect(to('topic', 'stocks.db', 'stock.*', 'stock*.db', 'stocks.d#', 'stocks.db')).toEqual([3]);
  });
  it('an empty word is a word, and a key of zero words is none', () => {
    expect(to('topic', 'a..b', 'a.*.b', 'a.b')).toEqual([0]);
    expect(to('topic', '', '', '*', '#')).toEqual([0, 2]);
  });
  it('without wildcards is a direct exchange, with # alone a fanout exchange', () => {
    for (const key of ['', 'a', 'a.b']) {
      expect(to('topic', key, 'a.b', 'a')).toEqual(to('direct', key, 'a.b', 'a'));
      expect(to('topic', key, '#', '#')).toEqual(to('fanout', key, '#', '#'));
    }
  });
});

describe('bindings', () => {
  const several: Exchange = {
    name: 'x',
    type: 'topic',
    bindings: [
      { queue: 1, routingKey: 'a.*', fromMicros: 0 },
      { queue: 1, routingKey: '#', fromMicros: 0 },
      { queue: 0, routingKey: 'a.b', fromMicros: 50 },
    ],
  };
  it('give a queue one copy, however many of them fit', () => {
    expect(routed(several, 'a.b', 0)).toEqual([1]);
  });
  it('are not there before their time', () => {
    expect(routed(several, 'a.b', 49)).toEqual([1]);
    expect(routed(several, 'a.b', 50)).toEqual([1, 0]);
  });
});
