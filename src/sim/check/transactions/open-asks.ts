/**
 * The commits that clients have asked for and not heard of: what an open transaction had done.
 *
 * A client does one transaction after the other. One that it crashed in is open for ever, and must
 * not be taken for one that it began in its next life.
 */
import type { ClientFact } from '../../contracts/facts.ts';
import type { MicroOp } from './index.ts';

interface AsksCommit {
  readonly type: 'txn.asks-commit';
  readonly client: string;
  readonly micro: readonly MicroOp[];
}
export type Seen = AsksCommit | ClientFact;

interface Ask {
  /** When its transaction began, and when it was asked to commit. */
  readonly began: number;
  readonly event: number;
  readonly micro: readonly MicroOp[];
}

/** By client: when its last transaction began, and the asks that were never answered. */
export type OpenAsks = Map<string, { began: number; asks: readonly Ask[] }>;

export const noAsks = (): OpenAsks => new Map();

export function copyAsks(asks: OpenAsks): OpenAsks {
  const copy = noAsks();
  for (const [client, one] of asks) copy.set(client, { ...one });
  return copy;
}

export function noteAsk(open: OpenAsks, event: number, fact: Seen): void {
  if (fact.type === 'client.invoked') {
    const known = open.get(fact.client);
    if (known === undefined) open.set(fact.client, { began: event, asks: [] });
    else known.began = event;
    return;
  }
  const client = open.get(fact.client);
  if (client === undefined) return;
  const { began } = client;
  // It asks anew when its first request was lost, and is done with what it has heard of.
  const others = client.asks.filter((ask) => ask.began !== began);
  client.asks =
    fact.type === 'txn.asks-commit' ? [...others, { began, event, micro: fact.micro }] : others;
}

/** What the transaction that the client began at that event had done; null: it never asked. */
export function askOf(open: OpenAsks, client: string, began: number): readonly MicroOp[] | null {
  const asks = open.get(client)?.asks ?? [];
  return asks.find((ask) => ask.began === began)?.micro ?? null;
}
