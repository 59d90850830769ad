/** A service that is told to end: whom it still serves, what it says, and when it is gone. */
import { describe, expect, it } from 'vitest';
import type { Fault, Message } from 'faultline';
import { request, serviceBench } from '../support/traffic-bench.ts';
import type { TrafficBench } from '../support/traffic-bench.ts';

const work = (ms: number) => ({ do: 'work', time: { kind: 'constant', ms } });
const HEALTH = { type: 'health.check' } as Message;
const TOLD_MS = 20;
const told = (times: object = {}): Fault => ({ type: 'terminate', target: 's1', ...times });

/** A service of 30 ms a request, asked at these times (it hears it 1 ms later), told at 20. */
function run(times: readonly number[], shutdown: object, fault: Fault, cores = 8) {
  const bench = serviceBench({ steps: [work(30)], config: { shutdown }, cores });
  const [tags, checks]: [number[], number[]] = [[], []];
  let isTold = false;
  for (const ms of [...times, 100]) {
    if (ms > TOLD_MS && !isTold) {
      isTold = bench.ms(TOLD_MS).parts.injector.inject('it', fault, 'person');
    }
    if (ms === 100) break;
    tags.push(bench.requestAt(ms, request({ key: ms }), 's1', 10_000));
    checks.push(bench.requestAt(ms, HEALTH, 's1', 10_000));
  }
  bench.ms(1_000);
  return { bench, said: said(bench, tags), ready: ready(bench, checks) };
}
const said = (bench: TrafficBench, tags: readonly number[]) =>
  tags.map((tag) => `${bench.code(tag) ?? 'none'} ${bench.at(tag) ?? ''}`.trim());
const ready = (bench: TrafficBench, tags: readonly number[]) =>
  tags.map((tag) => {
    const { result } = bench.reply(tag) ?? {};
    return result?.outcome === 'ok' ? (result.value as unknown as { ready: boolean }).ready : null;
  });

describe('a graceful service', () => {
  it('finishes what is under way, answers 503 to what comes, and ends then', () => {
    const { bench, said, ready } = run([9, 29, 59], {}, told());
    expect(said).toEqual(['ok 41', 'unavailable 31', 'connection-refused 61']);
    expect(ready).toEqual([true, false, null]);
    expect(bench.node('s1').status).toBe('down');
  });

  it('listens no more, where it is so told: its machine refuses', () => {
    const { said, ready } = run([9, 29], { newRequests: 'refuse-connection' }, told());
    expect(said).toEqual(['ok 41', 'connection-refused 31']);
    expect(ready).toEqual([true, null]);
  });

  it('serves on during the delay before the signal, and says that it is not ready', () => {
    const { said, ready } = run([9, 29, 54], {}, told({ preStopMs: 25 }));
    expect(said).toEqual(['ok 41', 'ok 61', 'unavailable 56']);
    expect(ready).toEqual([true, false, false]);
  });

  it('is killed with what it has not finished when the grace period is over', () => {
    const { bench, said } = run([9, 14], {}, told({ graceMs: 22 }));
    expect(said).toEqual(['ok 41', 'connection-reset 43']);
    expect(bench.node('s1').status).toBe('down');
  });

  it('gives up by itself after its own timeout', () => {
    const { said } = run([9, 14], { timeoutMs: 22 }, told());
    expect(said).toEqual(['ok 41', 'connection-reset 43']);
  });

  it('has no timeout of its own at 0', () => {
    const { bench, said } = run([9, 14], { timeoutMs: 0 }, told({ graceMs: 60_000 }), 1);
    expect(said).toEqual(['ok 41', 'ok 71']);
    expect(bench.node('s1').status).toBe('down');
  });

  it('starts again when the fault is undone', () => {
    const { bench } = run([], {}, told());
    bench.parts.injector.undo('it');
    const tag = bench.requestAt(1_010, request({}), 's1', 10_000);
    expect(said(bench.ms(2_000), [tag])).toEqual(['ok 1042']);
  });
});

describe('a service without a graceful shutdown', () => {
  it('ends at the signal, with all that is under way', () => {
    const { said } = run([9, 14, 29], { mode: 'immediate' }, told({ preStopMs: 5 }));
    expect(said).toEqual(['connection-reset 26', 'connection-reset 26', 'connection-refused 31']);
  });
});
