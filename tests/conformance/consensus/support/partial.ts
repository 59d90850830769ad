/**
 * Groups whose links are cut one by one, under the real models, and what became of them.
 *
 * The shapes of Omni-Paxos (2023), section 2, and of Howard & Abraham (2020). Its experiments:
 * timeouts of Raft of 5 ticks and heartbeats of 1; Multi-Paxos with pings at a fifth of the
 * timeout, timeouts 10 % apart.
 */
import type { FactRecord, FaultEntry, Selector } from 'faultline';
import { Live, group } from '../../traffic/support/live.ts';

export interface Shape {
  readonly name: string;
  readonly servers: number;
  /** What is cut, from CUT_MS to the end. */
  readonly cuts: readonly FaultEntry[];
  /** Neither clients nor new leaders write anything, so that all logs stay equal. */
  readonly nobodyWrites?: true;
}

export interface System {
  readonly name: string;
  readonly component: 'raft-kv' | 'paxos-kv';
  readonly config: object;
}

export const CUT_MS = 3_000;
export const END_MS = 15_000;
const TIMEOUT_MS = 100;
/** Of the operations before the cut: those who are served get nearly as many done. */
const SERVED_SHARE = 0.85;
/** Who leads for no more than so many timeouts comes and goes. */
const TIMEOUTS_PER_LEADER = 10;
/** Each leader has a term of its own; the last may be told just before the end. */
const GROWTH_PER_LEADER = 0.9;
/** From here on, what happens is taken for what goes on for ever. */
const LATER_MS = CUT_MS + (END_MS - CUT_MS) / 3;

const leader: Selector = { role: 'leader', group: 'n' };
const others: Selector = { except: leader, from: 'n' };
/** The others one by one, the first is 1. */
const other = (place: number): Selector =>
  place === 1
    ? { first: 1, of: others }
    : { first: 1, of: { except: { first: place - 1, of: others }, from: others } };

const cut = (a: Selector, b: Selector): FaultEntry => ({
  atMs: CUT_MS,
  fault: { type: 'cut-link', a, b },
});

const notHub: Selector = { except: other(1), from: 'n' };
const oneWay = (from: Selector, to: Selector): FaultEntry => ({
  atMs: CUT_MS,
  fault: { type: 'one-way', from, to },
});

export const SHAPES = {
  // A star around the first server that does not lead; the leader keeps its link to it.
  quorumLoss: { name: 'quorum loss', servers: 5, cuts: [cut(notHub, notHub)] },
  chained: { name: 'chained', servers: 3, cuts: [cut(leader, other(1))] },
  chainedReads: {
    name: 'chained, nobody writes',
    servers: 3,
    cuts: [cut(leader, other(1))],
    nobodyWrites: true,
  },
  // Servers 1, 2 and the leader 3 know each other; 4 has only 2, and 5 only 3.
  clique: {
    name: 'clique 1-2-3, 4-2, 5-3',
    servers: 5,
    cuts: [cut(other(3), [leader, other(1), other(4)]), cut(other(4), [other(1), other(2)])],
  },
  deafToOne: {
    name: 'one cannot answer the leader',
    servers: 5,
    cuts: [oneWay(other(1), leader)],
  },
  deafToAll: { name: 'nobody can answer the leader', servers: 5, cuts: [oneWay(others, leader)] },
  unheard: { name: 'one cannot hear the leader', servers: 5, cuts: [oneWay(leader, other(1))] },
} as const satisfies { readonly [key: string]: Shape };

const raft = (name: string, preVote: boolean, lease: boolean, checkQuorum: boolean): System => ({
  name,
  component: 'raft-kv',
  config: {
    electionTimeoutMinMs: TIMEOUT_MS,
    electionTimeoutMaxMs: 2 * TIMEOUT_MS,
    heartbeatMs: TIMEOUT_MS / 5,
    preVote,
    preVoteLease: lease,
    checkQuorum,
  },
});

const paxos = (electionTrigger: 'heartbeat' | 'progress'): System => ({
  name: `Multi-Paxos, ${electionTrigger}`,
  component: 'paxos-kv',
  config: { electionTrigger, electionTimeoutMs: TIMEOUT_MS },
});

export const SYSTEMS = {
  raft: raft('plain Raft', false, false, false),
  preVote: raft('Raft + PreVote', true, true, false),
  checkQuorum: raft('+ PreVote + CheckQuorum', true, true, true),
  logsOnly: raft('Raft + the logs of PreVote alone', true, false, false),
  heartbeat: paxos('heartbeat'),
  progress: paxos('progress'),
} as const;

/**
 * `stable`: nobody is elected after the cut. `recovers`: somebody is, and later nobody any more.
 * In both clients are served to the end. `deadlock`: nobody is elected, and nothing is answered.
 * `ping-pong`: leaders come and go to the end, and terms grow with them.
 */
export type Outcome = 'stable' | 'recovers' | 'deadlock' | 'ping-pong' | 'other';

export interface Course {
  readonly outcome: Outcome;
  /** Elections after the cut, and those of the last two thirds of the time. */
  readonly elections: number;
  readonly later: number;
  /** By how much the greatest term or round has grown in the last two thirds. */
  readonly terms: number;
  /** Operations a second in the last two thirds, as a share of those before the cut. */
  readonly share: number;
}

interface Told {
  readonly round?: number;
  readonly term?: number;
}

const TERMS = ['raft.term', 'paxos.promised', 'paxos.campaign'];
const LEADERS = ['raft.leader', 'paxos.leader'];

export function courseOf(shape: Shape, system: System, seed: number): Course {
  const isRaft = system.component === 'raft-kv';
  const live = new Live({
    seed,
    // Multi-Paxos leaders write no such entry.
    ablations: shape.nobodyWrites === true && isRaft ? ['raft.leader-no-op'] : [],
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: [
      group('n', system.component, system.config, {}, { count: shape.servers }),
      group(
        'c',
        'kv-client',
        {
          thinkMs: 10,
          tryTimeoutMs: 60,
          readShare: shape.nobodyWrites === true ? 1 : 0,
          retryUnknown: true,
        },
        { servers: 'n' },
        { count: 3 },
      ),
    ],
    faults: shape.cuts,
    facts: [...TERMS, ...LEADERS],
  }).to(END_MS);
  const between = (fromMs: number, toMs: number) => (record: { readonly atMicros: number }) =>
    record.atMicros > fromMs * 1_000 && record.atMicros <= toMs * 1_000;
  const answered = live.answered.filter(({ outcome }) => outcome === 'ok');
  const rate = (fromMs: number, toMs: number): number =>
    answered.filter(between(fromMs, toMs)).length / (toMs - fromMs);
  const elected = live.facts.filter(({ fact }) => LEADERS.includes(fact.type));
  const elections = elected.filter(between(CUT_MS, END_MS)).length;
  const later = elected.filter(between(LATER_MS, END_MS)).length;
  const terms = highest(live.facts, END_MS) - highest(live.facts, LATER_MS);
  const share = rate(LATER_MS, END_MS) / rate(CUT_MS / 2, CUT_MS);
  return { outcome: outcomeOf(elections, later, terms, share), elections, later, terms, share };
}

function outcomeOf(elections: number, later: number, terms: number, share: number): Outcome {
  const isServed = share > SERVED_SHARE;
  if (elections === 0 && isServed) return 'stable';
  if (elections === 0 && share === 0) return 'deadlock';
  if (later === 0 && isServed) return 'recovers';
  const often = later * TIMEOUTS_PER_LEADER > (END_MS - LATER_MS) / TIMEOUT_MS;
  return often && terms > GROWTH_PER_LEADER * later ? 'ping-pong' : 'other';
}

function highest(facts: readonly FactRecord[], untilMs: number): number {
  let most = 0;
  for (const { fact, atMicros } of facts) {
    if (atMicros > untilMs * 1_000) break;
    const { term, round } = fact as Told;
    most = Math.max(most, term ?? round ?? 0);
  }
  return most;
}
