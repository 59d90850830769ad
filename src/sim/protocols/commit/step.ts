/**
 * One step of a shard's part in atomic commitment: an input in, effects out.
 *
 * Pure but for the state that it is given: no clock, no network, no draws. Messages to itself are
 * handled within the step.
 */
import type { CommitNotice } from '../../contracts/txn-commit.ts';
import type { PeerId } from '../../contracts/raft.ts';
import * as coordinator from './coordinator.ts';
import { waitedOut } from './decide.ts';
import type { TxnDisk } from './disk.ts';
import { cloneAccepting } from './disk.ts';
import * as participant from './participant.ts';
import * as paxos from './paxos.ts';
import type {
  CommitConfig,
  CommitEffect,
  CommitInput,
  CommitMachine,
  CommitTimer,
  Durable,
  ResourceManager,
  Step,
} from './state.ts';
import { createCommitMachine, send } from './state.ts';

export function stepCommit(
  config: CommitConfig,
  state: CommitMachine,
  rm: ResourceManager,
  input: CommitInput,
  out: CommitEffect[],
): void {
  const at: Step = { config, state, rm, out, inbox: [] };
  take(at, input);
  for (let i = 0; i < at.inbox.length; i++) receive(at, config.id, at.inbox[i] as CommitNotice);
}

function take(at: Step, input: CommitInput): void {
  switch (input.type) {
    case 'commit':
      return coordinator.beginCommit(at, input.txn, input.participants);
    case 'message':
      return receive(at, input.from, input.message);
    case 'persisted':
      return persisted(at, input.ticket);
    case 'timer':
      return onTimer(at, input.timer, input.txn);
    case 'restart':
      return restart(at);
  }
}

function receive(at: Step, from: PeerId, message: CommitNotice): void {
  const { txn } = message;
  switch (message.type) {
    case 'commit.prepare':
      return participant.onPrepare(at, from, txn, message.participants);
    case 'commit.vote':
      return coordinator.onVote(at, from, txn, message.vote);
    case 'commit.precommit':
      return participant.onPrecommit(at, txn, message.fate);
    case 'commit.precommitted':
      return coordinator.onPrecommitted(at, from, txn);
    case 'commit.decide':
      return participant.onDecide(at, from, txn, message.fate);
    case 'commit.done':
      return coordinator.onDone(at, from, txn);
    case 'commit.inquire':
      return coordinator.onInquire(at, from, txn);
    case 'commit.state':
      return participant.onState(at, from, message);
    case 'commit.accept':
      return paxos.onAccept(at, from, message);
    case 'commit.accepted':
      return paxos.onAccepted(at, from, txn, message.ballot, message.votes);
    case 'commit.ask-promise':
      return paxos.onAskPromise(at, from, txn, message.ballot);
    case 'commit.promise':
      return paxos.onPromise(at, from, txn, message.ballot, message.accepted);
    case 'commit.forget':
      return paxos.onForget(at, txn, message.fate);
  }
}

function persisted(at: Step, ticket: number): void {
  const done = at.state.syncs.get(ticket);
  if (done === undefined) return;
  at.state.syncs.delete(ticket);
  goOn(at, done);
}

function goOn(at: Step, done: Durable): void {
  switch (done.then) {
    case 'vote':
      return participant.voteLogged(at, done.txn);
    case 'precommitted':
      return participant.precommitLogged(at, done.txn);
    case 'decided':
      return coordinator.decisionLogged(at, done.txn);
    case 'alone':
      return coordinator.aloneLogged(at, done.txn);
    case 'send':
      return send(at, done.to, done.message);
  }
}

function onTimer(at: Step, timer: CommitTimer, txn: number): void {
  switch (timer) {
    case 'votes':
      return coordinator.onVotesTimer(at, txn);
    case 'resend':
      return coordinator.onResend(at, txn);
    case 'inquire':
      return participant.onInquireTimer(at, txn);
    case 'commit-wait':
      return waitedOut(at, txn);
    case 'ballot':
      return paxos.onBallotTimer(at, txn);
  }
}

/** What was promised before a crash is taken up again, and asked about at once. */
function restart(at: Step): void {
  for (const txn of [...at.state.participating.keys()]) participant.onInquireTimer(at, txn);
  for (const [txn, { participants, fate }] of [...at.state.coordinated]) {
    if (fate !== null) coordinator.resumeDecided(at, txn, participants, fate);
  }
}

/** The machine as the disk has it. */
export function recoverCommitMachine(disk: TxnDisk): CommitMachine {
  const state = createCommitMachine();
  for (const [txn, record] of disk.prepared) {
    const fate = disk.precommitted.get(txn) ?? null;
    state.participating.set(txn, {
      coordinator: record.coordinator,
      participants: record.participants,
      vote: record.vote,
      writes: record.writes,
      phase: fate === null ? 'prepared' : 'precommitted',
      fate,
      isRecovered: true,
      heard: new Map(),
    });
  }
  for (const [txn, { participants, fate }] of disk.decided) {
    state.coordinated.set(txn, {
      participants,
      phase: 'telling',
      votes: new Map(),
      acknowledged: new Set(),
      fate,
    });
  }
  for (const [txn, fate] of disk.outcomes) state.outcomes.set(txn, fate);
  for (const [txn, acceptor] of cloneAccepting(disk.accepting)) state.accepting.set(txn, acceptor);
  return state;
}
