/**
 * From votes to a fate, and from a fate to everybody who has a part in it.
 *
 * Invariants: a transaction is decided once; a commit is told to nobody before it is on disk (2PC,
 * 3PC) or with a majority of acceptors (Paxos Commit), and not before its stamp is past.
 *
 * Sources: Mohan, Lindsay, Obermarck (TODS 1986); Spanner (OSDI 2012), 4.2.1
 */
import type { Fate, Vote } from '../../contracts/txn-commit.ts';
import type { Stamp } from '../../contracts/txn.ts';
import { compareHybrid } from '../../policies/clocks/index.ts';
import type { Coordinated, Step } from './state.ts';
import { aborted, arm, disarm, persist, remember, send, tell } from './state.ts';

/** All votes in one: the latest stamp, and whether the edges of all shards make it a pivot. */
export function fateOf({ config }: Step, votes: readonly Vote[]): Fate {
  let stamp: Stamp = { l: 0, c: 0 };
  let hasIn = false;
  let hasOut = false;
  for (const vote of votes) {
    if (!vote.yes) return aborted(vote.code);
    if (compareHybrid(vote.at, stamp) > 0) stamp = vote.at;
    hasIn ||= vote.hasIn;
    hasOut ||= vote.hasOut;
  }
  if (config.refusesPivots && hasIn && hasOut) return aborted('40001');
  return Object.freeze({ commit: true, at: stamp, hasIn, hasOut, code: '' });
}

/** From here on there is one fate. */
export function decide(at: Step, txn: number, one: Coordinated, fate: Fate): void {
  const { config, state } = at;
  if (one.fate !== null && one.phase !== 'precommitting') return;
  disarm(at, 'votes', txn);
  state.leading.delete(txn);
  one.fate = fate;
  one.acknowledged.clear();
  remember(state.outcomes, txn, fate);
  if (!fate.commit) {
    tell(at, { type: 'commit.decided', txn, commit: false, shards: one.participants.length });
    at.out.push({ type: 'answer', txn, fate });
    for (const to of one.participants) send(at, to, { type: 'commit.decide', txn, fate });
    state.coordinated.delete(txn);
    return;
  }
  if (config.protocol === 'paxos-commit') return waitOut(at, txn, one, fate);
  one.phase = 'logging';
  const record = { type: 'decided', txn, participants: one.participants, fate } as const;
  if (config.rules['commit.decision-logged']) {
    return persist(at, record, { then: 'decided', txn });
  }
  persist(at, record, null);
  waitOut(at, txn, one, fate);
}

/** The commit is durable; its stamp may still be in the future of somebody's clock. */
export function waitOut(at: Step, txn: number, one: Coordinated, fate: Fate): void {
  const waitMicros = at.config.commitWaitMicros(fate.at);
  if (waitMicros <= 0) return release(at, txn, one, fate);
  one.phase = 'waiting';
  arm(at, 'commit-wait', txn, waitMicros);
}

export function waitedOut(at: Step, txn: number): void {
  const one = at.state.coordinated.get(txn);
  if (one === undefined || one.fate === null || one.phase !== 'waiting') return;
  release(at, txn, one, one.fate);
}

/** Everybody may know. */
function release(at: Step, txn: number, one: Coordinated, fate: Fate): void {
  if (one.participants.length === 0) {
    at.state.coordinated.delete(txn);
    at.out.push({ type: 'apply', txn, fate, alone: true });
    at.out.push({ type: 'answer', txn, fate });
    return;
  }
  one.phase = 'telling';
  const shards = one.participants.length;
  tell(at, { type: 'commit.decided', txn, commit: fate.commit, shards });
  at.out.push({ type: 'answer', txn, fate });
  tellAll(at, txn, one, fate);
}

export function tellAll(at: Step, txn: number, one: Coordinated, fate: Fate): void {
  arm(at, 'resend', txn, at.config.resendMicros);
  for (const to of one.participants) {
    if (!one.acknowledged.has(to)) send(at, to, { type: 'commit.decide', txn, fate });
  }
}
