/** What a worker that makes ids answers, and when: by its clock, its number and its sequence. */
import { idParts } from 'faultline';
import type { IdsId, IdsNext } from 'faultline';
import { describe, expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';

const NEXT: IdsNext = { type: 'ids.next' };

interface IdPlan {
  readonly config?: object;
  readonly ablations?: readonly string[];
  readonly count?: number;
}

class IdBench extends Bench {
  constructor({ config = {}, ablations = [], count = 1 }: IdPlan = {}) {
    super({
      groups: [
        { name: 'w', component: 'id-service', count, config: { sinceEpochMs: 1_000, ...config } },
        { name: 'a', component: 'asker', count: 1, links: { servers: 'w' } },
      ],
      ablations,
    });
    this.ms(10);
  }

  take(from = 'w1') {
    const asked = this.run.now;
    const { result, micros } = this.answer('a1', from, NEXT);
    return { result, tookMs: (micros - asked) / 1_000 };
  }

  id(from = 'w1') {
    const { result } = this.take(from);
    if (result.outcome !== 'ok') throw new Error(`${from} gave no id`);
    return idParts((result.value as IdsId).id);
  }

  /** What so many who ask at the same moment are given. */
  together(count: number) {
    const tags = Array.from({ length: count }, () => this.ask('a1', 'w1', NEXT));
    return tags.map((tag) => {
      this.until(() => this.end('a1', tag) !== undefined);
      const { result } = this.end('a1', tag)!;
      if (result.outcome !== 'ok') throw new Error('it gave no id');
      return idParts((result.value as IdsId).id);
    });
  }

  setBack(byMs: number): void {
    this.inject('back', { type: 'clock-jump', target: 'w1', byMs: -byMs });
  }
}

const REFUSED = { outcome: 'fail', error: { code: 'invalid-system-clock' } };

describe('a worker that makes ids', () => {
  it('says when by its clock since the epoch, and who', () => {
    const bench = new IdBench({ count: 3, config: { firstWorker: 5 } });
    expect(bench.id('w1')).toEqual({ millis: 1_011, worker: 5, sequence: 0 });
    expect(bench.id('w3')).toMatchObject({ worker: 7, sequence: 0 });
  });

  it('shares its number where the setting was copied', () => {
    const bench = new IdBench({ count: 3, config: { firstWorker: 5, numbers: 'shared' } });
    expect(['w1', 'w2', 'w3'].map((name) => bench.id(name).worker)).toEqual([5, 5, 5]);
  });

  it('refuses while its clock is behind its last id, and tells so once', () => {
    const bench = new IdBench();
    const before = bench.id();
    bench.setBack(50);
    expect(bench.take().result).toMatchObject(REFUSED);
    expect(bench.take().result).toMatchObject(REFUSED);
    bench.after(60);
    expect(bench.id().millis).toBeGreaterThan(before.millis);
    expect(bench.told('ids.clock-back')).toHaveLength(1);
    expect(bench.told('ids.clock-caught-up')).toHaveLength(1);
  });

  it('waits instead, if told so, until its clock shows the time of its last id', () => {
    const bench = new IdBench({ config: { whenBack: 'wait' } });
    const before = bench.id();
    bench.setBack(50);
    const { result, tookMs } = bench.take();
    const { id } = (result as unknown as { readonly value: IdsId }).value;
    expect(idParts(id)).toEqual({ ...before, sequence: 1 });
    expect(tookMs).toBeGreaterThan(45);
    expect(tookMs).toBeLessThan(52);
  });

  it('believes its clock without the guard', () => {
    const bench = new IdBench({ ablations: ['ids.clock-guard'] });
    const before = bench.id();
    bench.setBack(50);
    expect(bench.id().millis).toBeLessThan(before.millis);
    expect(bench.told('ids.clock-back')).toHaveLength(0);
  });

  it('lets those wait for whom the millisecond has no number left, in their order', () => {
    const bench = new IdBench({ config: { sequenceBits: 1 } });
    const parts = bench.together(5);
    const millis = parts[0]!.millis;
    expect(parts.map((part) => [part.millis - millis, part.sequence])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
    ]);
  });

  it('refuses where its clock shows a time before the epoch', () => {
    const bench = new IdBench({ config: { sinceEpochMs: 0 } });
    bench.setBack(5_000);
    expect(bench.take().result).toMatchObject(REFUSED);
  });

  it('forgets its last id in a crash', () => {
    const bench = new IdBench();
    const before = bench.id();
    bench.setBack(500);
    bench.inject('dies', { type: 'crash', target: 'w1' }).after(5).undo('dies');
    expect(bench.id().millis).toBeLessThan(before.millis);
  });
});
