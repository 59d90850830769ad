/** One transaction that reads everything twice, as a script. */
import type { KvGet, KvValue, KvValueReply } from '../../contracts/kv.ts';
import type { Duration } from '../../kernel/time.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import { call, sleep } from '../../node/script.ts';
import type { Script, ScriptRun } from '../../node/script.ts';
import type { KEEPS } from './config.ts';

/** What it is called in scripts and in a history. */
export const REPORT = 'report';

export type Reading =
  | { readonly what: 'item'; readonly key: string; readonly value: KvValue }
  | { readonly what: 'rows'; readonly key: string; readonly value: readonly KvValue[] };

interface Asked {
  readonly key: string;
  readonly servers: readonly NodeIndex[];
}

interface ReportArgs {
  readonly items: readonly Asked[];
  readonly questions: readonly Asked[];
  readonly keeps: (typeof KEEPS)[number];
  readonly gap: Duration;
  readonly tryTimeout: Duration;
  /** Which server is asked first: each transaction begins with another. */
  readonly turn: number;
}

export interface ReportResult {
  readonly readings: readonly Reading[];
  /** Why there was no answer; null: everything was read. */
  readonly error: string | null;
  readonly retries: number;
}

function* reportOn(args: ReportArgs): ScriptRun<ReportResult> {
  const { items, questions, keeps } = args;
  const readings: Reading[] = [];
  let retries = 0;
  for (let round = 0; round < 2; round++) {
    if (round > 0) yield* sleep(args.gap);
    for (const [place, { key, servers }] of [...items, ...questions].entries()) {
      const what = place < items.length ? 'item' : 'rows';
      const isKept = round > 0 && (keeps === 'answers' || (keeps === 'items' && what === 'item'));
      const kept = isKept ? readings[place] : undefined;
      if (kept !== undefined) {
        readings.push(kept);
        continue;
      }
      const found: Found = yield* ask(args, key, servers, args.turn + round);
      retries += found.retries;
      if (found.reply === null) return { readings, error: found.error, retries };
      readings.push(readingOf(what, key, found.reply));
    }
  }
  return { readings, error: null, retries };
}

interface Found {
  readonly reply: KvValueReply | null;
  readonly error: string;
  readonly retries: number;
}

/** A read does no harm: whoever does not answer is followed by the next. */
function* ask(
  { tryTimeout }: ReportArgs,
  key: string,
  servers: readonly NodeIndex[],
  turn: number,
): ScriptRun<Found> {
  const request: KvGet = { type: 'kv.get', key };
  let error = 'no-server';
  for (let tries = 0; tries < servers.length; tries++) {
    const server = servers[(turn + tries) % servers.length] ?? 0;
    const result = yield* call(server, request, tryTimeout, tries + 1);
    if (result.outcome === 'ok') {
      return { reply: result.value as KvValueReply, error: '', retries: tries };
    }
    error = result.error.code;
  }
  return { reply: null, error, retries: Math.max(0, servers.length - 1) };
}

function readingOf(what: Reading['what'], key: string, reply: KvValueReply): Reading {
  const { value, siblings } = reply;
  if (what === 'item') return { what, key, value };
  return { what, key, value: siblings ?? (value === null ? [] : [value]) };
}

export const report: Script<ReportArgs, ReportResult> = { name: REPORT, run: reportOn };
