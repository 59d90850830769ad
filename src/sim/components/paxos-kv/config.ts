/** What a Multi-Paxos server may be told. Zero stands for what follows from the rest. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { majorityOf } from '../../protocols/multi-paxos/config.ts';

export const paxosKvConfig = Type.Object(
  {
    electionTrigger: field.choice(['heartbeat', 'progress'], {
      about:
        'What makes a server stand: that it hears no owner of a ballot (a failure detector), or ' +
        'that it sees no leader get anything done.',
      default: 'heartbeat',
      source: 'Van Renesse & Altinbuken (2015), section 3; Omni-Paxos (2023), section 2',
    }),
    electionTimeoutMs: field.millis({
      about: 'How long a server waits for that, on average.',
      default: 200,
      min: 1,
      max: 60_000,
      source: 'Of the size of the 150-300 ms of the Raft paper',
    }),
    electionJitter: field.probability({
      about: 'Each wait is drawn anew, from so much less to so much more.',
      default: 0.1,
      source: 'Omni-Paxos (2023), section 7: 10 %',
    }),
    pingMs: field.millis({
      about: 'The owner of a ballot pings the others this often; 0: five times in a timeout.',
      default: 0,
      min: 0,
      max: 30_000,
      source: 'Omni-Paxos (2023), section 7: a fifth of the timeout',
    }),
    phase1Quorum: field.count({
      about: 'How many promises make a leader; 0: a majority.',
      default: 0,
      min: 0,
      max: 99,
      source: 'Howard, Malkhi & Spiegelman, Flexible Paxos (2016)',
    }),
    phase2Quorum: field.count({
      about: 'How many acceptors choose a value; 0: a majority.',
      default: 0,
      min: 0,
      max: 99,
      source: 'Howard, Malkhi & Spiegelman, Flexible Paxos (2016)',
    }),
    maxEntriesPerAccept: field.count({
      about: 'The most slots that one message carries.',
      default: 64,
      min: 1,
      max: 10_000,
      source: 'As hashicorp/raft MaxAppendEntries',
    }),
    readMode: field.choice(['log-read', 'read-index', 'local'], {
      about:
        'How a leader answers reads: with a slot of their own, after a round to a phase-2 ' +
        'quorum, or from its own state.',
      default: 'read-index',
      source: 'Paxos Made Live (2007), 5.2; dissertation of Ongaro, 6.4',
    }),
    sessionTimeoutMs: field.millis({
      about: 'A session of a client ends when no command of it came for so long.',
      default: 3_600_000,
      min: 1,
      max: 86_400_000,
      source: 'As of raft-kv',
    }),
  },
  { additionalProperties: false },
);

export type PaxosKvConfig = Static<typeof paxosKvConfig>;

/** As many as are asked for, of so many servers; 0: a majority. */
export const quorumOf = (asked: number, servers: number): number =>
  asked === 0 ? majorityOf(servers) : asked;

/** Whoever waits must hear of a leader before it stands itself. */
function checkPings({ pingMs, electionTimeoutMs, electionJitter }: PaxosKvConfig, path: string) {
  const shortest = electionTimeoutMs * (1 - electionJitter);
  if (pingMs === 0 || pingMs < shortest) return;
  throw new ScenarioError(
    `pingMs, ${pingMs} ms, must be less than the shortest wait, ${shortest} ms ` +
      '(electionTimeoutMs less electionJitter): others would stand between two pings.',
    { path: `${path}/config/pingMs`, hint: 'Lower it, or leave it out: a fifth of the timeout.' },
  );
}

/** Quorums that no group of this size has, and such as need not meet while they must. */
export function checkPaxosKv(config: PaxosKvConfig, { path, count, off }: GroupSettings): void {
  checkPings(config, path);
  for (const name of ['phase1Quorum', 'phase2Quorum'] as const) {
    if (config[name] <= count) continue;
    throw new ScenarioError(`${name}, ${config[name]}, is more than the ${count} servers.`, {
      path: `${path}/config/${name}`,
      hint: `At most ${count}; 0 is a majority.`,
    });
  }
  if (off === null || off.includes('paxos.quorum-intersection')) return;
  const [first, second] = [config.phase1Quorum, config.phase2Quorum].map((asked) =>
    quorumOf(asked, count),
  ) as [number, number];
  if (first + second > count) return;
  throw new ScenarioError(
    `phase1Quorum ${first} and phase2Quorum ${second} need not meet among ${count} servers: ` +
      'together they must be more than that.',
    {
      path: `${path}/config/${config.phase1Quorum > 0 ? 'phase1Quorum' : 'phase2Quorum'}`,
      hint: 'Switch paxos.quorum-intersection off to see what happens.',
    },
  );
}
