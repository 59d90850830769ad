/**
 * Random runs of a small cluster: every delivery, loss, duplicate, crash and timer drawn from a
 * seed. Messages are delivered in any order; a crash keeps only what was written to disk.
 */
import type { RaftEffect, RaftInput } from '../../../../../src/sim/protocols/raft/effects.ts';
import { RaftInvariants } from '../../../../../src/sim/protocols/raft/invariants.ts';
import type { RaftInvariantName } from '../../../../../src/sim/protocols/raft/invariant-list.ts';
import type { RaftFinding } from '../../../../../src/sim/protocols/raft/invariants.ts';
import type { RaftAblation } from '../../../../../src/sim/protocols/raft/rules.ts';
import { Chaos } from './chaos.ts';
import { Cluster } from './cluster.ts';
import type { ClusterOptions, Observer, Server } from './cluster.ts';
import { takeMoment } from './from-scratch.ts';
import type { Moment } from './from-scratch.ts';
import { Prng } from './prng.ts';

export interface RandomRunOptions {
  readonly seed: number;
  readonly steps: number;
  readonly off?: readonly RaftAblation[];
  readonly record?: boolean;
  readonly tornWrites?: boolean;
  /** Findings of these do not end the run: so that it reaches what they lead to. */
  readonly ignore?: readonly RaftInvariantName[];
  /** Take snapshots after a few entries, keeping few before them. */
  readonly snapshots?: boolean;
  /** Change the members all the time, of six servers of whom three or four begin. */
  readonly changes?: boolean;
  /** Of five servers: how many elect and how many commit, instead of majorities. */
  readonly quorums?: readonly [election: number, replication: number];
  /** Replace the invariants by a restored copy of themselves every so many actions. */
  readonly saveEvery?: number;
}

export interface StaleRead {
  readonly tag: number;
  readonly why: string;
}

export interface RandomRun {
  readonly cluster: Cluster;
  /** The findings of the first moment that had any, but for those ignored. */
  readonly findings: readonly RaftFinding[];
  /** What was recorded, up to and including the moment of the first finding. */
  readonly moments: Moment[];
  readonly staleReads: StaleRead[];
  /** Every `role to role` that a step took a server through. */
  readonly roleMoves: ReadonlySet<string>;
  readonly stats: {
    elections: number;
    commits: number;
    reads: number;
    crashes: number;
    /** Snapshots that took the place of a follower's log. */
    restored: number;
    /** Configurations that came into force, on any server. */
    configured: number;
  };
}

/** A read must see everything that was acknowledged before it began. */
class ReadWatch implements Observer {
  readonly stale: StaleRead[] = [];
  readonly #floor = new Map<number, number>();
  #acknowledged = 0;
  reads = 0;
  commits = 0;
  elections = 0;
  restored = 0;
  configured = 0;

  begin(tag: number): void {
    this.#floor.set(tag, this.#acknowledged);
  }

  onStep(server: Server, _input: RaftInput, effects: readonly RaftEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'became-leader') this.elections += 1;
      if (effect.type === 'committed' && server.state?.role === 'leader') {
        this.#acknowledged = Math.max(this.#acknowledged, effect.to);
        this.commits += 1;
      }
      if (effect.type === 'configuration') this.configured += 1;
      if (effect.type === 'restore-snapshot') this.restored += 1;
      if (effect.type === 'read-ready') this.#onReady(effect.tag, effect.index);
    }
  }

  #onReady(tag: number, index: number): void {
    this.reads += 1;
    const floor = this.#floor.get(tag) ?? 0;
    if (index >= floor) return;
    this.stale.push({ tag, why: `read at index ${index} began after index ${floor} was written` });
  }
}

/** Records and judges every moment up to the first finding; one action may have several. */
export class Judge implements Observer {
  readonly moments: Moment[] = [];
  found: readonly RaftFinding[] = [];
  #invariants: RaftInvariants;
  readonly #ids: readonly number[];
  readonly #record: boolean;
  readonly #ignore: readonly RaftInvariantName[];

  constructor(ids: readonly number[], options: Pick<RandomRunOptions, 'record' | 'ignore'>) {
    this.#ids = ids;
    this.#invariants = new RaftInvariants(ids);
    this.#record = options.record === true;
    this.#ignore = options.ignore ?? [];
  }

  onStep(server: Server, _input: RaftInput, effects: readonly RaftEffect[]): void {
    if (this.found.length > 0) return;
    const sent = effects.filter((effect) => effect.type === 'send');
    if (this.#record) this.moments.push(takeMoment('step', server.id, server, sent));
    if (server.state !== null) this.#invariants.onEffects(server.id, server.state, effects);
    this.#judge();
  }

  onCrash(server: Server): void {
    if (this.found.length > 0 || !this.#record) return;
    this.moments.push(takeMoment('crash', server.id, server, []));
  }

  onRestart(server: Server): void {
    if (this.found.length > 0) return;
    if (this.#record) this.moments.push(takeMoment('restart', server.id, server, []));
    if (server.state !== null) this.#invariants.onRestart(server.id, server.state);
    this.#judge();
  }

  saveAndRestore(): void {
    const image = this.#invariants.save();
    this.#invariants = new RaftInvariants(this.#ids);
    this.#invariants.restore(image);
  }

  #judge(): void {
    const { findings } = this.#invariants;
    if (findings.length === 0) return;
    this.found = findings.filter((finding) => !this.#ignore.includes(finding.invariant));
    this.#invariants.findings = [];
  }
}

class RoleWatch implements Observer {
  readonly moves = new Set<string>();
  readonly #roles = new Map<number, string>();

  onStep(server: Server, _input: RaftInput, effects: readonly RaftEffect[]): void {
    let before = this.#roles.get(server.id) ?? 'follower';
    const roles = effects.flatMap((effect) => (effect.type === 'role' ? [effect.role] : []));
    for (const role of roles.length === 0 ? [before] : roles) {
      this.moves.add(`${before} to ${role}`);
      before = role;
    }
    this.#roles.set(server.id, before);
  }

  onRestart(server: Server): void {
    this.#roles.delete(server.id);
  }
}

/** Whoever leads is asked for some change; often two leaders at once are. */
function changeSomething(cluster: Cluster, prng: Prng): void {
  const words = Array.from({ length: prng.chance(0.7) ? 1 : 2 }, () => {
    return `${'vvlrr'.charAt(prng.below(5))}${1 + prng.below(cluster.servers.length)}`;
  });
  const transition = prng.chance(0.8) ? 'auto' : 'joint-explicit';
  for (const id of cluster.leaders()) {
    const leave = cluster.state(id).conf.members.outgoing.length > 0 && prng.chance(0.7);
    cluster.change(id, leave ? '' : words.join(' '), { transition });
  }
}

/** Drawn apart, so that a seed's other draws stay what they are. */
function oftenCompacted(seed: number): Partial<ClusterOptions> {
  const prng = new Prng(seed + 1_000_000);
  return {
    snapshotThreshold: 1 + prng.below(4),
    trailingEntries: prng.below(3),
    snapshotResendMicros: 50_000,
  };
}

function sizesOf({ quorums }: RandomRunOptions): Partial<ClusterOptions> {
  if (quorums === undefined) return {};
  return { electionQuorum: quorums[0], replicationQuorum: quorums[1] };
}

/** Runs until `steps` actions are done or the first finding. */
export function randomRun(options: RandomRunOptions): RandomRun {
  const prng = new Prng(options.seed);
  const small = prng.chance(0.6) && options.quorums === undefined;
  const ids = Array.from({ length: options.changes === true ? 6 : small ? 3 : 5 }, (_, i) => i + 1);
  const preVote = prng.chance(0.3);
  const cluster = new Cluster({
    ids,
    instantDisk: prng.chance(0.5),
    random: prng.word,
    preVote,
    preVoteLease: preVote && prng.chance(0.5),
    checkQuorum: prng.chance(0.3),
    maxEntriesPerAppend: 1 + prng.below(3),
    maxInflight: 1 + prng.below(4),
    ablations: new Set(options.off ?? []),
    ...(options.changes === true ? { voters: ids.slice(0, small ? 3 : 4) } : {}),
    ...sizesOf(options),
    ...(options.snapshots === true ? oftenCompacted(options.seed) : {}),
  });
  const judge = new Judge(ids, options);
  const reads = new ReadWatch();
  const roles = new RoleWatch();
  cluster.observers.push(judge, reads, roles);
  const changes = options.changes === true ? new Prng(options.seed + 2_000_000) : null;
  const chaos = new Chaos(cluster, prng, reads, options.tornWrites ?? true);
  cluster.observers.push(chaos);
  cluster.start();
  for (let i = 0; i < options.steps && judge.found.length === 0; i += 1) {
    cluster.now += 1_000 + prng.below(20_000);
    if (changes === null || !changes.chance(0.06)) chaos.act(i);
    else changeSomething(cluster, changes);
    if (options.saveEvery !== undefined && i % options.saveEvery === 0) judge.saveAndRestore();
    if (reads.stale.length > 0) break;
  }
  const { found, moments } = judge;
  const roleMoves = roles.moves;
  const { elections, commits, restored, configured } = reads;
  const { crashes } = chaos;
  const stats = { elections, commits, reads: reads.reads, crashes, restored, configured };
  return { cluster, findings: found, moments, staleReads: reads.stale, roleMoves, stats };
}
