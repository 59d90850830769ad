/**
 * The table of `backoff_cases.json`: clients that contend for one row under optimistic concurrency,
 * with our retry policies. The short form plays fewer rounds; FAULTLINE_LONG=1 plays as many as the
 * table did.
 *
 * The trap of this table: the source raises its counter before it computes the first pause, so that
 * the first exponential pause is 10, not the base of 5: its n-th pause is base * 2^n. Our `attempt`
 * is 1 before the second try and gives base * 2^(attempt - 1); so attempt = n + 1 here. The
 * decorrelated pause does not look at the counter.
 */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import type { Stream } from '../../../src/sim/kernel/random.ts';
import { RETRY_POLICIES } from '../../../src/sim/policies/retry/index.ts';
import type { RetryPolicy } from '../../../src/sim/policies/retry/retry-policy.ts';
import { CONTESTS, OURS, lineOf, margin, summary } from './support/backoff-table.ts';
import type { ContestRow, Summary } from './support/backoff-table.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';

function policyOf(algo: string): RetryPolicy {
  return RETRY_POLICIES.find(({ name }) => name === OURS.get(algo))!;
}

const BASE_MICROS = 5_000;
const CAP_MICROS = 2_000_000;

/** Messages by time, a binary heap of (time, client); ties by client. */
class Messages {
  readonly times: number[] = [];
  readonly clients: number[] = [];

  push(time: number, client: number): void {
    let at = this.times.length;
    this.times.push(time);
    this.clients.push(client);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.times[parent]! <= time) break;
      this.times[at] = this.times[parent]!;
      this.clients[at] = this.clients[parent]!;
      at = parent;
    }
    this.times[at] = time;
    this.clients[at] = client;
  }

  pop(): [time: number, client: number] {
    const first: [number, number] = [this.times[0]!, this.clients[0]!];
    const time = this.times.pop()!;
    const client = this.clients.pop()!;
    const size = this.times.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.times[child + 1]! < this.times[child]!) child++;
      if (this.times[child]! >= time) break;
      this.times[at] = this.times[child]!;
      this.clients[at] = this.clients[child]!;
      at = child;
    }
    this.times[at] = time;
    this.clients[at] = client;
    return first;
  }
}

/** What a client's message under way will do when it arrives. */
type Leg = 'read' | 'read-reply' | 'write' | 'write-ok' | 'write-conflict';

/** One contest: everybody reads the row, and writes it if nobody has written since. */
function contest(clients: number, policy: RetryPolicy, stream: Stream) {
  const messages = new Messages();
  const leg: Leg[] = Array.from({ length: clients }, () => 'read');
  const seen = new Float64Array(clients);
  const failures = new Float64Array(clients);
  const previous = new Float64Array(clients).fill(BASE_MICROS);
  const hop = () => Math.abs(10_000 + 2_000 * stream.normal());
  for (let client = 0; client < clients; client++) messages.push(hop(), client);
  let version = 0;
  let calls = 0;
  let end = 0;
  while (messages.times.length > 0) {
    const [now, client] = messages.pop();
    end = now;
    switch (leg[client]!) {
      case 'read':
        seen[client] = version;
        leg[client] = 'read-reply';
        messages.push(now + hop(), client);
        break;
      case 'read-reply':
        leg[client] = 'write';
        messages.push(now + hop(), client);
        break;
      case 'write': {
        calls++;
        const isOk = seen[client] === version;
        if (isOk) version++;
        leg[client] = isOk ? 'write-ok' : 'write-conflict';
        messages.push(now + hop(), client);
        break;
      }
      case 'write-conflict': {
        failures[client]!++;
        const retry = {
          attempt: failures[client]! + 1,
          previousMicros: previous[client]!,
          baseMicros: BASE_MICROS,
          capMicros: CAP_MICROS,
        };
        const pause = policy.pauseMicros(retry, policy.isRandom ? stream.open01() : 0);
        previous[client] = pause;
        leg[client] = 'read';
        messages.push(now + pause + hop(), client);
        break;
      }
      case 'write-ok':
        break;
    }
  }
  return { timeMs: end / 1_000, calls };
}

const played = new Map<string, { readonly time: Summary; readonly calls: Summary }>();

const ROUNDS = LONG ? 400 : 100;

function play({ clients, algo }: ContestRow) {
  const key = `${clients}/${algo}`;
  const known = played.get(key);
  if (known !== undefined) return known;
  const bank = new StreamBank(2015);
  const rounds = Array.from({ length: ROUNDS }, (_, round) =>
    contest(clients, policyOf(algo), bank.stream(`${key}/${round}`)),
  );
  const result = {
    time: summary(rounds.map(({ timeMs }) => timeMs)),
    calls: summary(rounds.map(({ calls }) => calls)),
  };
  played.set(key, result);
  return result;
}

describe(`optimistic writers, ${LONG ? 'as many rounds as the table' : 'short form'}`, () => {
  it.each(CONTESTS.rounds400_with_sd)('400 rounds: $clients clients, $algo', (row) => {
    const rounds = ROUNDS;
    const { time, calls } = play(row);
    const theirTime = { mean: row.time_mean, sd: row.time_sd };
    const theirCalls = { mean: row.calls_mean, sd: row.calls_sd };
    console.info(lineOf(row, time, calls, rounds));
    const ofTime = margin(time, rounds, theirTime, row.rounds, 0.05);
    const ofCalls = margin(calls, rounds, theirCalls, row.rounds, 0.02);
    expect(Math.abs(time.mean - row.time_mean)).toBeLessThanOrEqual(ofTime);
    expect(Math.abs(calls.mean - row.calls_mean)).toBeLessThanOrEqual(ofCalls);
  });

  it.each(CONTESTS.rounds100_single_seed)('100 rounds: $clients clients, $algo', (row) => {
    const { time, calls } = play(row);
    // The published mean is cut to a whole number.
    expect(Math.abs(calls.mean - row.calls)).toBeLessThanOrEqual(0.05 * row.calls + 1);
    expect(Math.abs(time.mean - row.time)).toBeLessThanOrEqual(0.15 * row.time + 1);
  });

  it('every algorithm of the table is one of ours', () => {
    for (const { algo } of CONTESTS.rounds400_with_sd) expect(policyOf(algo)).toBeDefined();
    expect([...OURS.values()].sort()).toEqual(
      RETRY_POLICIES.map(({ name }) => name)
        .filter((name) => name !== 'constant')
        .sort(),
    );
  });
});
