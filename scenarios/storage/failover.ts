/**
 * A primary dies a moment after its link to the standbys did. What of that which it had answered is
 * in the log of the one that takes over?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { clientsOf } from '../quorum-parts.ts';
import { MYSQL_SEMI_SYNC, PATRONI, POSTGRESQL_REPLICATION } from '../sources.ts';
import {
  LOOP_WAIT_MS,
  ORDERS_LOST,
  SQL_NETWORK,
  TTL_MS,
  keyStore,
  replicatedOf,
} from '../sql-parts.ts';

const params = {
  replication: field.choice(['asynchronous', 'semi-synchronous', 'synchronous'], {
    about:
      'Whom a write waits for before it is answered: nobody, a replica for a while, or the ' +
      'synchronous standby for as long as it takes.',
    default: 'asynchronous',
    source: 'PostgreSQL and MySQL: asynchronous unless it is configured',
  }),
  cutMs: field.millis({
    about: 'For how long before its end nothing of what the primary sends reaches the standbys.',
    default: 400,
    min: 100,
    max: 800,
  }),
  rplSemiSyncSourceTimeoutMs: field.millis({
    about: 'Semi-synchronous: a write that waited so long turns it off.',
    default: 10_000,
    min: 50,
    max: 10_000,
    source: 'MySQL rpl_semi_sync_source_timeout: 10 s',
  }),
};
type Params = Static<TObject<typeof params>>;

const CRASH_MS = 8_000;
const BACK_MS = 14_000;
const STOP_MS = 17_000;
const END_MS = 20_000;
/** The key was renewed within the last loop_wait, and is missed at the next look. */
const LATEST_MS = CRASH_MS + TTL_MS + LOOP_WAIT_MS + 500;
/** A client may just have begun to wait for the dead server. */
const TRY_MS = 1_000;
const GAP_MS = TTL_MS + LOOP_WAIT_MS + 2 * TRY_MS;

type Waits = 'nobody' | 'replica' | 'gave-up' | 'standby';

function waitsFor(p: Params): Waits {
  if (p.replication === 'asynchronous') return 'nobody';
  if (p.replication === 'synchronous') return 'standby';
  return p.rplSemiSyncSourceTimeoutMs >= p.cutMs ? 'replica' : 'gave-up';
}

const groups = (p: Params): readonly GroupPlan[] => [
  replicatedOf(3, p),
  keyStore,
  clientsOf('c', 4, {
    keys: 20,
    readShare: 0,
    thinkMs: 40,
    tryTimeoutMs: TRY_MS,
    deadlineMs: 12_000,
    stopMs: STOP_MS,
  }),
];

const faults = (p: Params): readonly FaultEntry[] => [
  {
    id: 'link-dies',
    fault: { type: 'one-way', from: 'n1', to: ['n2', 'n3'] },
    atMs: CRASH_MS - p.cutMs,
    forMs: p.cutMs,
  },
  { id: 'primary-dies', fault: { type: 'crash', target: 'n1' }, atMs: CRASH_MS },
];

const checks = (): readonly CheckPlan[] => [
  {
    id: 'nothing-lost',
    use: 'acknowledged',
    about: 'Every write that a client was told is done is in the log of the new primary.',
  },
  {
    id: 'primary-died',
    use: 'sometimes',
    args: { predicate: 'member-down' },
    about: 'The fault bit: the primary was gone.',
  },
  {
    id: 'a-standby-takes-over',
    use: 'fact-count',
    args: { fact: 'replica.promoted', atLeast: 1, atMost: 1, untilMs: LATEST_MS },
    about: 'One standby is promoted, once the key of the dead primary is over and was missed.',
  },
  {
    id: 'served-again',
    use: 'slo',
    args: { metric: 'longest-gap-ms', atMost: GAP_MS, fromMs: 1_000, untilMs: STOP_MS },
    about: `Clients wait at most ${GAP_MS} ms for the next answer.`,
  },
];

const AFTER_CRASH: { readonly [waits in Waits]: string } = {
  nobody:
    'Each write was answered by the primary alone, also when its records reached nobody any ' +
    'more. What was answered in these last moments is on a disk that nobody can read now.',
  replica:
    'Each write was answered only once a replica had it on disk. When the link died the writes ' +
    'stood still: their clients do not know what became of them, and were promised nothing.',
  'gave-up':
    'When the link died, the first write waited for its replica until the timeout, and from then ' +
    'on none did. The setting still says semi-synchronous; the writes were asynchronous.',
  standby:
    'Each write waited for the standby that the store of the key names as synchronous, and only ' +
    'that one may take over. When the link died the writes stood still.',
};
const OUTCOME: { readonly [waits in Waits]: string } = {
  nobody: 'The old primary is back, and holds writes that the new one has never seen.',
  replica: 'The old primary is back. What it holds beyond the new one was answered to nobody.',
  'gave-up': 'The old primary is back, and holds answered writes that the new one has never seen.',
  standby: 'The old primary is back. What it holds beyond the new one was answered to nobody.',
};

function story(p: Params): readonly StoryStep[] {
  const waits = waitsFor(p);
  const isLossy = waits === 'nobody' || waits === 'gave-up';
  return [
    {
      title: 'A primary and two standbys',
      at: { ms: 2_000 },
      text:
        'n1 takes the writes and sends its log to n2 and n3, which have it a millisecond later. ' +
        'A keeper beside each server looks at the store of the leader key every second; n1 ' +
        'holds that key, and must renew it within three.',
      focus: ['n', 'd'],
    },
    {
      title: 'The primary dies',
      at: { ms: CRASH_MS },
      text: AFTER_CRASH[waits],
      predict: {
        question: 'How many of the answered writes will be missing in the end?',
        options: [
          'None.',
          `Those that were answered in the last ${p.cutMs} ms.`,
          'All that were answered while nobody was primary.',
        ],
        answer: isLossy ? 1 : 0,
        because: isLossy
          ? 'The log that survives is the one that had arrived. Whatever was answered without ' +
            'having arrived is gone: the rate of the answers times how long that went on.'
          : 'An answer meant that another server had the record on its disk, and a standby ' +
            'that has it takes over. The price is that writes stand still when no standby can ' +
            'be reached.',
      },
      focus: ['n1'],
      check: 'nothing-lost',
    },
    {
      title: 'Another takes over',
      at: { ms: LATEST_MS },
      text:
        'Nobody could know whether n1 was dead or only out of reach, so its key had to run out ' +
        'first. Then the standbys asked each other how far they are, one with the longest log ' +
        'took the key, applied what it had received and began a timeline of its own.',
      focus: ['n', 'd'],
      check: 'a-standby-takes-over',
    },
    {
      title: 'Rewind',
      at: { ms: BACK_MS + 2_000 },
      text:
        `${OUTCOME[waits]} The two logs have parted, so n1 drops its own tail (pg_rewind) and ` +
        'follows.',
      focus: ['n1'],
      check: 'nothing-lost',
    },
  ];
}

const SUMMARY =
  'A primary loses its link to two standbys, then crashes, and another takes over. Whether an ' +
  'answered write survives depends on whom it had waited for.';

const plan = (p: Params): Plan => ({
  title: 'The primary dies',
  summary: SUMMARY,
  durationMs: END_MS,
  network: SQL_NETWORK,
  groups: groups(p),
  faults: faults(p),
  healAtMs: BACK_MS,
  checks: checks(),
  story: story(p),
});

export default defineScenario({
  id: 'storage/failover',
  title: 'The primary dies: what was promised?',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [POSTGRESQL_REPLICATION, MYSQL_SEMI_SYNC, PATRONI],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Asynchronous: the primary answers alone, and takes its last answers with it.',
      expect: ORDERS_LOST,
    },
    {
      name: 'semi-synchronous',
      about: 'A write is answered when a replica has it on disk: slower by a round trip, and safe.',
      params: { replication: 'semi-synchronous' },
    },
    {
      name: 'impatient',
      about:
        'Semi-synchronous, but nobody is waited for beyond 200 ms: a few slow writes, and then ' +
        'the guarantee is gone without a word to the clients.',
      params: { replication: 'semi-synchronous', rplSemiSyncSourceTimeoutMs: 200 },
      expect: ORDERS_LOST,
    },
    {
      name: 'synchronous',
      about: 'A write waits for the synchronous standby, and only that one may take over.',
      params: { replication: 'synchronous' },
    },
  ],
  thingsToTry: [
    'Halve cutMs: about half as many writes are lost.',
    'Crash n2 as well, in the synchronous variant: for how long do writes wait?',
    'Cut n1 off instead of crashing it: when does it stop answering, and why before the others?',
  ],
  leavesOut: [
    'The store of the leader key is one node; a real one has three or five.',
    'Connections: that a peer is gone is noticed by timeouts only.',
  ],
});
