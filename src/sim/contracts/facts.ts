/**
 * Facts: what a component says happened, in plain data, for people, checks, metrics and triggers.
 *
 * A fact is told, never asked for: telling one changes nothing in the run, and no model can read
 * one back. Each kind of fact carries the sentence that the event feed shows.
 */
export interface Fact {
  readonly type: string;
}

/** How much it matters to a reader: the feed shows major facts, the trace shows all. */
export type FactWeight = 'major' | 'minor';

export interface FactSpec<F extends Fact> {
  readonly weight: FactWeight;
  /** A plain sentence without its subject: "starts an election for term 3". */
  readonly sentence: (fact: F, nameOf: (node: number) => string) => string;
}

export type FactTable<F extends Fact> = {
  readonly [T in F['type']]: FactSpec<Extract<F, { readonly type: T }>>;
};

/** A fact as recorded: when, at which event of the run, and about which node. */
export interface FactRecord<F extends Fact = Fact> {
  readonly atMicros: number;
  /** The number of the event during which it was told: the run's own order. */
  readonly event: number;
  readonly node: number;
  readonly fact: F;
}

/** Client operations, told by client components: from these the history is made. */
export interface ClientInvoked {
  readonly type: 'client.invoked';
  /** Unique in the run. */
  readonly op: number;
  /** The logical client: one at a time. */
  readonly client: string;
  readonly f: string;
  readonly key?: string;
  readonly input: unknown;
}
export interface ClientCompleted {
  readonly type: 'client.completed';
  readonly op: number;
  readonly client: string;
  readonly f: string;
  readonly outcome: 'ok' | 'fail' | 'unknown';
  readonly output: unknown;
  /** The error code of the last try, where the outcome is not ok. */
  readonly error?: string;
  /** Tries after one that failed. */
  readonly retries: number;
  /** Tries beside one that was still out; of clients that do not hedge, nothing. */
  readonly hedges?: number;
  readonly latencyMicros: number;
}
export type ClientFact = ClientInvoked | ClientCompleted;

/** How any client tells them. */
export const CLIENT_FACTS: FactTable<ClientFact> = {
  'client.invoked': {
    weight: 'minor',
    sentence: (f) => `${f.client} asks for ${f.f}${f.key === undefined ? '' : ` of ${f.key}`}`,
  },
  'client.completed': {
    weight: 'minor',
    sentence: (f) =>
      f.outcome === 'ok'
        ? `${f.client}'s ${f.f} is answered after ${Math.round(f.latencyMicros / 1_000)} ms`
        : `${f.client}'s ${f.f} ends as ${f.outcome} (${f.error ?? 'no error'})`,
  },
};

/** What happens to nodes as such, told by their host. */
export type NodeFact =
  | { readonly type: 'node.started'; readonly incarnation: number; readonly restarts: number }
  | { readonly type: 'node.crashed' }
  /** It is told to end: SIGTERM comes after the delay, SIGKILL after the grace period. */
  | { readonly type: 'node.terminating'; readonly preStopMs: number; readonly graceMs: number }
  /** Its grace period was over (SIGKILL). */
  | { readonly type: 'node.killed' }
  /** It ended with so many requests of others unanswered: its machine resets their connections. */
  | { readonly type: 'node.reset'; readonly calls: number }
  /** It ended by itself; it starts again after so long, or, with null, not by itself. */
  | { readonly type: 'node.exited'; readonly restartMicros: number | null }
  | { readonly type: 'node.paused' }
  | { readonly type: 'node.resumed' }
  | { readonly type: 'node.retired' };
