/**
 * A small language for scripted clusters, in the style of etcd's data-driven tests.
 *
 * A golden file holds blocks: a line with a command, `----`, what it prints, an empty line. Lines
 * that begin with `#` explain. Nothing happens that no command asks for: messages wait until they
 * are delivered or dropped, and writes too with `slow-disk`.
 *
 *   nodes 3 [voters=N] [slow-disk] [pre-vote] [lease] [check-quorum] [lazy-commit] [batch=N]
 *           [window=N]
 *           [snapshot=N] [trailing=N] [off=rule,...]
 *   seed N TERM [T,T,...]      server N has this term and these entries on disk
 *   campaign N | heartbeat N | check-quorum N          a timer of server N fires
 *   propose N TEXT | read N TAG | change N [vN|lN|rN ...] | transfer N TO
 *   deliver [A->B ...]         all messages, or those of these links; and the answers to them
 *   step [A->B ...]            the messages under way now, without the answers to them
 *   drop [A->B ...]            loses messages under way
 *   write N [COUNT]            writes of server N reach its disk
 *   crash N | restart N | clock MICROS | status | network
 */
import { raft } from '../../../../../src/sim/contracts/raft.ts';
import type { RaftMembers, RaftMessage } from '../../../../../src/sim/contracts/raft.ts';
import type { RaftEffect } from '../../../../../src/sim/protocols/raft/effects.ts';
import { RAFT_RULES } from '../../../../../src/sim/protocols/raft/rules.ts';
import { Cluster } from './cluster.ts';
import type { Envelope, Server } from './cluster.ts';

export interface Block {
  /** Comments and the command, as written. */
  readonly head: readonly string[];
  readonly command: string;
  readonly output: string;
}

export function parseBlocks(text: string): Block[] {
  return text
    .split(/\n\n+/)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const lines = part.trimEnd().split('\n');
      const rule = lines.indexOf('----');
      const head = rule < 0 ? lines : lines.slice(0, rule);
      const command = head.find((line) => line !== '' && !line.startsWith('#')) ?? '';
      return { head, command, output: rule < 0 ? '' : lines.slice(rule + 1).join('\n') };
    });
}

/** The same file with what the commands print now. */
export function replay(text: string): string {
  const script = new Script();
  const blocks = parseBlocks(text).map(({ head, command }) => {
    if (command === '') return head.join('\n');
    return [...head, '----', ...script.run(command)].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

class Script {
  #cluster: Cluster | null = null;
  #out: string[] = [];

  run(command: string): readonly string[] {
    this.#out = [];
    const [verb = '', ...words] = command.split(/\s+/);
    if (verb === 'nodes') this.#build(words);
    else this.#act(this.#group(), verb, words);
    return this.#out.length === 0 ? ['ok'] : this.#out;
  }

  #group(): Cluster {
    if (this.#cluster === null) throw new Error('the first command must be `nodes`');
    return this.#cluster;
  }

  #build([size, ...words]: readonly string[]): void {
    const has = (word: string): boolean => words.includes(word);
    const value = (key: string): string | undefined =>
      words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
    const off = value('off')?.split(',') ?? [];
    const cluster = new Cluster({
      ids: Array.from({ length: Number(size) }, (_, i) => i + 1),
      voters: Array.from({ length: Number(value('voters') ?? size) }, (_, i) => i + 1),
      instantDisk: !has('slow-disk'),
      preVote: has('pre-vote'),
      preVoteLease: has('lease'),
      checkQuorum: has('check-quorum'),
      eagerCommit: !has('lazy-commit'),
      maxEntriesPerAppend: Number(value('batch') ?? 64),
      maxInflight: Number(value('window') ?? 256),
      snapshotThreshold: Number(value('snapshot') ?? 0),
      trailingEntries: Number(value('trailing') ?? 0),
      ablations: new Set(RAFT_RULES.map(({ id }) => id).filter((id) => off.includes(id))),
    });
    cluster.observers.push({ onStep: (server, _input, effects) => this.#tell(server, effects) });
    this.#cluster = cluster;
  }

  #act(group: Cluster, verb: string, words: readonly string[]): void {
    const id = Number(words[0]);
    switch (verb) {
      case 'seed':
        group.seed(id, Number(words[1]), JSON.parse(words[2] ?? '[]') as number[]);
        return;
      case 'campaign':
        return void group.campaign(id);
      case 'heartbeat':
        return void group.step(id, { type: 'heartbeat-timeout' });
      case 'check-quorum':
        return void group.step(id, { type: 'check-quorum-timeout' });
      case 'propose':
        return void group.step(id, { type: 'propose', command: words[1] ?? '', tag: 1 });
      case 'transfer':
        return void group.step(id, { type: 'transfer-leadership', to: Number(words[1]) });
      case 'change':
        return void group.change(id, words.slice(1).join(' '));
      case 'read':
        return void group.step(id, { type: 'read', tag: Number(words[1]) });
      case 'write':
        return void group.completeWrites(id, Number(words[1] ?? Infinity));
      case 'crash':
        return group.crash(id);
      case 'restart':
        return group.restart(id);
      case 'clock':
        group.now = id;
        return;
      default:
        this.#network(group, verb, words);
    }
  }

  #network(group: Cluster, verb: string, links: readonly string[]): void {
    const meant = ({ from, to }: Envelope): boolean =>
      links.length === 0 || links.includes(`${from}->${to}`);
    if (verb === 'status') this.#status(group);
    else if (verb === 'network') {
      for (const { from, to, message } of group.network) {
        this.#out.push(`n${from} -> n${to}: ${spell(message)}`);
      }
    } else if (verb === 'drop') {
      const kept = group.network.filter((envelope) => !meant(envelope));
      this.#out.push(`${group.network.length - kept.length} lost`);
      group.network = kept;
    } else if (verb === 'step') {
      for (const envelope of group.network.filter(meant)) {
        group.deliver(group.network.indexOf(envelope));
      }
    } else if (verb === 'deliver') {
      for (let at = 0; at >= 0; at = group.network.findIndex(meant)) {
        at = group.network.findIndex(meant);
        if (at < 0) return;
        group.deliver(at);
      }
    } else throw new Error(`no command ${verb}`);
  }

  #status(group: Cluster): void {
    for (const { id, state, disk, writes } of group.servers) {
      if (state === null) {
        const log = disk.log.toArray().map(({ term }) => term);
        this.#out.push(`n${id} down, on disk: term ${disk.term}, log ${log.join(' ')}`);
        continue;
      }
      const { role, term, votedFor, commitIndex, log } = state;
      const terms = log.toArray().map((entry) => entry.term);
      const voted = votedFor === null ? 'no vote' : `voted n${votedFor}`;
      const after = log.compactedIndex === 0 ? '' : ` after ${log.compactedIndex}`;
      const log2 = terms.length === 0 ? `empty log${after}` : `log${after} ${terms.join(' ')}`;
      const parts = [`${role} of term ${term}`, voted, log2, `committed ${commitIndex}`];
      if (writes.length > 0) parts.push(`${writes.length} writes under way`);
      this.#out.push(`n${id} ${parts.join(', ')}`);
      if (role === 'leader') this.#progress(group, id);
    }
  }

  #progress(group: Cluster, id: number): void {
    const { match, next, probing, paused, inflight, snapshots } = group.state(id);
    group.servers.forEach((server, slot) => {
      if (server.id === id) return;
      const whole = snapshots[slot] ?? 0;
      const probe =
        probing[slot] === true ? `probing${paused[slot] === true ? ', waits' : ''}` : '';
      const mode = whole > 0 ? `gets the snapshot up to ${whole}` : probe;
      const flying = inflight[slot] ?? [];
      const streaming = flying.length > 0 ? `streaming, ${flying.length} under way` : 'streaming';
      const places = `match ${match[slot] ?? 0} next ${next[slot] ?? 0}`;
      this.#out.push(`   to n${server.id}: ${places}, ${mode === '' ? streaming : mode}`);
    });
  }

  #tell(server: Server, effects: readonly RaftEffect[]): void {
    for (const effect of effects) {
      const line = tell(effect);
      if (line !== null) this.#out.push(`n${server.id} ${line}`);
    }
  }
}

function spell(message: RaftMessage): string {
  const label = (raft.messages[message.type] as { label: (m: RaftMessage) => string }).label;
  const fields = [`term ${message.term}`];
  if (message.type === 'raft.append') {
    fields.push(`after ${message.prevLogIndex} of term ${message.prevLogTerm}`);
    fields.push(`entries ${message.entries.map(({ term }) => term).join(' ') || 'none'}`);
    fields.push(`commit ${message.commit}`);
  } else if (message.type === 'raft.append-reply' && !message.success) {
    fields.push(`hint ${message.hintIndex} of term ${message.hintTerm}`);
  } else if (message.type === 'raft.vote' || message.type === 'raft.pre-vote') {
    fields.push(`last ${message.lastLogIndex} of term ${message.lastLogTerm}`);
  } else if (message.type === 'raft.install-snapshot') {
    fields.push(`up to ${message.snapshot.index} of term ${message.snapshot.term}`);
  } else if (message.type === 'raft.heartbeat') {
    fields.push(`commit ${message.commit}`, `round ${message.round}`);
  }
  return `${message.type.slice('raft.'.length)} "${label(message)}" (${fields.join(', ')})`;
}

/** Timers say nothing that the commands do not. */
function tell(effect: RaftEffect): string | null {
  switch (effect.type) {
    case 'send':
      return `-> n${effect.to}: ${spell(effect.message)}`;
    case 'role':
      return `is ${effect.role} of term ${effect.term}`;
    case 'persist': {
      const cut = effect.truncateFrom === null ? '' : `, cut from ${effect.truncateFrom}`;
      const added = effect.entries.map(({ index, term }) => `${index}:${term}`).join(' ');
      const whole = effect.install?.snapshot.index;
      const state = whole === undefined ? '' : `, snapshot up to ${whole}`;
      const log = `${state}${added === '' ? '' : `, entries ${added}`}`;
      const vote = effect.votedFor === null ? 'no vote' : `vote n${effect.votedFor}`;
      return `writes term ${effect.term}, ${vote}${cut}${log}`;
    }
    case 'restore-snapshot':
      return `takes the state after ${effect.snapshot.index} in place of its log`;
    case 'compacted':
      return `takes a snapshot, its log starts after ${effect.upTo}`;
    case 'configuration':
      return `uses configuration ${effect.index}: ${spellMembers(effect.members)}`;
    case 'transfer-refused':
      return `refuses to hand over to n${effect.to}: ${effect.reason}`;
    case 'transfer-aborted':
      return `keeps its office: n${effect.to} did not take over`;
    case 'change-refused':
      return `refuses the change: ${effect.reason}${effect.why === '' ? '' : `, ${effect.why}`}`;
    case 'committed':
      return `applies ${effect.from} to ${effect.to}`;
    case 'truncated':
      return `deletes its log from ${effect.fromIndex} on`;
    case 'propose-accepted':
      return `takes the proposal at ${effect.index}`;
    case 'propose-refused':
      return `refuses the proposal, leader ${leaderName(effect.leader)}`;
    case 'proposal-lost':
      return `gives up on the proposal at ${effect.index}: outcome unknown`;
    case 'read-ready':
      return `answers read ${effect.tag} from index ${effect.index}`;
    case 'read-refused':
      return `refuses read ${effect.tag}, leader ${leaderName(effect.leader)}`;
    default:
      return null;
  }
}

function spellMembers({ voters, outgoing, learners, learnersNext }: RaftMembers): string {
  const named = [
    ['voters', voters],
    ['outgoing', outgoing],
    ['learners', learners],
    ['learners next', learnersNext],
  ] as const;
  const parts = named.filter(([, ids]) => ids.length > 0);
  return parts.map(([name, ids]) => `${name} ${ids.join(' ')}`).join(', ');
}

const leaderName = (leader: number | null): string => (leader === null ? 'unknown' : `n${leader}`);
