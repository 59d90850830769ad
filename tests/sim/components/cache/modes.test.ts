import { ScenarioError } from 'faultline';
import { describe, expect, it } from 'vitest';
import { AskBench } from '../support/ask-bench.ts';
import { db, read, rows } from '../database/support.ts';
import { before, cache, get, look, remove, value, view, write } from './support.ts';

const stored = (b: AskBench, key: number) => b.answer('db1', read(key));

describe('read-through', () => {
  it('reads what it misses, once for all who wait', () => {
    const b = before({ mode: 'read-through' });
    const tags = [1, 2, 3].map(() => b.ask('ca1', get(4)));
    b.to(50);
    expect(tags.map((tag) => b.reply(tag))).toEqual(Array(3).fill(value('miss', 0)));
    expect(tags.map((tag) => b.end(tag)?.atMs)).toEqual([14, 14, 14]);
    expect(b.sentOf('sql.query')).toBe(1);
    expect(look(b, 4).is).toBe('hit 0');
  });

  it('reads once for each where single-flight is switched off', () => {
    const b = before({ mode: 'read-through' }, { ablations: ['traffic.single-flight'] });
    for (let i = 0; i < 3; i++) b.ask('ca1', get(4));
    b.to(50);
    expect(b.sentOf('sql.query')).toBe(3);
  });

  it('reads to the end although whoever asked first gives up, for those who joined', () => {
    const origin = { propagateDeadline: true };
    const b = before({ mode: 'read-through', origin });
    const first = b.ask('ca1', get(4), 5);
    b.to(3);
    const second = b.ask('ca1', get(4));
    b.to(50);
    expect(b.reply(first)).toBe('timeout');
    expect(b.reply(second)).toEqual(value('miss', 0));
    expect(b.sentOf('sql.query')).toBe(1);
  });

  it('without single-flight fails only whose own deadline it is', () => {
    const origin = { propagateDeadline: true };
    const ablations = ['traffic.single-flight'];
    const b = before({ mode: 'read-through', origin }, { ablations });
    const first = b.ask('ca1', get(4), 5);
    const second = b.ask('ca1', get(4));
    b.to(50);
    expect([b.reply(first), b.reply(second)]).toEqual(['timeout', value('miss', 0)]);
    expect(b.sentOf('sql.query')).toBe(2);
  });

  it('knows that there is no such row', () => {
    const b = before({ mode: 'read-through' });
    expect(look(b, 5_000).is).toBe('miss -1');
    expect(look(b, 5_000).is).toBe('hit -1');
  });

  it('does not keep what it read before a change', () => {
    const b = before({ mode: 'read-through' });
    const tag = b.ask('ca1', get(4));
    b.to(5);
    b.ask('ca1', remove(4, 1));
    b.to(50);
    expect(b.reply(tag)).toEqual(value('miss', 0));
    expect(view(b).size).toBe(0);
  });

  it('fails when the store does, and takes no writes', () => {
    const b = before({ mode: 'read-through', origin: { timeoutMs: 30 } });
    b.crash('db1');
    expect(look(b, 1).is).toBe('origin-failed');
    expect(b.answer('ca1', write(1))).toBe('not-supported');
  });

  it('answers with what expired and refreshes it behind', () => {
    const b = before({ mode: 'read-through', ttlMs: 100, staleMs: 100 });
    look(b, 1);
    b.to(150);
    expect(look(b, 1).is).toBe('stale 0');
    expect(look(b, 1).is).toBe('stale 0');
    b.after(20);
    expect(look(b, 1).is).toBe('hit 0');
    expect(b.sentOf('sql.query')).toBe(2);
  });
});

describe('write-through', () => {
  it('answers when the store has it, and keeps it', () => {
    const b = before({ mode: 'write-through' });
    const tag = b.ask('ca1', write(1));
    b.to(50);
    expect(b.end(tag)?.atMs).toBe(24);
    expect(b.reply(tag)).toEqual(value('hit', 1));
    expect(look(b, 1).is).toBe('hit 1');
    expect(stored(b, 1)).toEqual(rows(1));
  });

  it('drops what it has when nobody knows whether the store took it', () => {
    const b = before({ mode: 'write-through', origin: { timeoutMs: 10 } });
    expect(b.answer('ca1', write(1))).toBe('origin-failed');
    expect(view(b).size).toBe(0);
  });
});

describe('write-around', () => {
  it('writes the store and drops its own copy', () => {
    const b = before({ mode: 'write-around' });
    look(b, 1);
    expect(b.answer('ca1', write(1))).toEqual(value('hit', 1));
    expect(view(b).size).toBe(0);
    expect(look(b, 1).is).toBe('miss 1');
  });
});

describe('write-back', () => {
  it('answers at once and writes later, several writes as one', () => {
    const b = before({ mode: 'write-back', writeBackMs: 500 });
    look(b, 1);
    const at = b.nowMs;
    expect(b.answer('ca1', write(1))).toEqual(value('hit', 1));
    expect(b.nowMs - at).toBe(2);
    expect(b.answer('ca1', write(1))).toEqual(value('hit', 2));
    expect(view(b).dirty).toBe(1);
    expect(stored(b, 1)).toEqual(rows(0));
    b.after(600);
    expect(view(b).dirty).toBe(0);
    expect(stored(b, 1)).toEqual(rows(2));
    expect(b.sentOf('sql.query')).toBe(4);
  });

  it('writes what has to go, and is never read past', () => {
    const b = before({ mode: 'write-back', capacity: 1, writeBackMs: 60_000 });
    b.answer('ca1', write(1));
    b.answer('ca1', write(2));
    expect(look(b, 1).is).toBe('hit 1');
    b.after(100);
    expect(stored(b, 1)).toEqual(rows(1));
    expect(view(b).dirty).toBe(1);
  });

  it('tries again when the store does not answer', () => {
    const b = before({ mode: 'write-back', writeBackMs: 50, origin: { timeoutMs: 30 } });
    b.answer('ca1', write(1));
    b.crash('db1').after(300);
    expect(view(b).dirty).toBe(1);
    b.restart('db1').after(300);
    expect(view(b).dirty).toBe(0);
    expect(stored(b, 1)).toEqual(rows(1));
  });

  it('loses with a crash exactly what it had acknowledged and not written', () => {
    const b = before({ mode: 'write-back', writeBackMs: 500 });
    const acknowledged = new Map<number, number>();
    for (let i = 0; i < 40; i++) {
      const key = i % 7;
      acknowledged.set(key, (b.answer('ca1', write(key)) as never as { version: number }).version);
      b.after(17);
    }
    const { dirty } = b.node('ca1').state as { dirty: Map<number, { version: number }> };
    const expected = new Map([...acknowledged].filter(([key]) => dirty.has(key)));
    expect(expected.size).toBeGreaterThan(0);
    b.crash('ca1').after(50);
    b.restart('ca1').after(50);
    let lost = 0;
    let atRisk = 0;
    for (const [key, version] of acknowledged) {
      const now = (stored(b, key) as never as { version: number }).version;
      lost += version - now;
      expect(now < version).toBe(expected.has(key));
      atRisk += expected.has(key) ? version - now : 0;
      expect(look(b, key).is).toBe(`miss ${now}`);
    }
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBe(atRisk);
  });
});

describe('a cache that cannot work is refused with the place', () => {
  const errorOf = (config: object, links: Record<string, string> = {}): ScenarioError => {
    try {
      new AskBench({ groups: [db(), cache(config, { links })] });
    } catch (error) {
      if (error instanceof ScenarioError) return error;
    }
    throw new Error('nothing is wrong with it');
  };
  it.each([
    [{ capacity: 0 }, {}, 'config/capacity'],
    [{ mode: 'read-through' }, {}, 'config/mode'],
    [{ mode: 'aside' }, { origin: 'db' }, 'links/origin'],
    [{ mode: 'write-back', leases: true }, { origin: 'db' }, 'config/leases'],
    [{ policy: 'lruu' }, {}, 'config/policy'],
  ])('%o with links %o', (config, links, path) => {
    expect(errorOf(config, links as Record<string, string>).path).toContain(path);
  });
});
