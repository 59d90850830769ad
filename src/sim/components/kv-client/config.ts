/** What a client node may be told: how much load, which operations, and how patient it is. */
import { word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import { RETRY_POLICY_NAMES } from '../../policies/retry/index.ts';
import type { Static } from '../../contracts/schema.ts';
import { listedOperation } from './listed.ts';

const NEEDS: readonly Need[] = [
  { settings: ['workers', 'thinkMs'], any: [word('mode', 'closed')] },
  { settings: ['ratePerSecond'], any: [word('mode', 'open')] },
  { settings: ['keys', 'readShare', 'casShare', 'startMs'], any: [word('mode', 'closed', 'open')] },
];

export const kvClientConfig = Type.Object(
  {
    mode: field.choice(['closed', 'open', 'listed'], {
      about:
        'Closed: each worker waits for its answer. Open: requests arrive whatever happens. ' +
        'Listed: the operations of a list begin at their times.',
      default: 'closed',
    }),
    operations: Type.Array(listedOperation, {
      default: [],
      description: 'Of a listed client: what each member of the group does, and when.',
    }),
    routing: field.choice(['last', 'home', 'pinned', 'random'], {
      about:
        'Which server an operation asks first: the one that answered last; always its first one, ' +
        'and others only when that fails or names one; that one and no other; or any, as behind ' +
        'a load balancer.',
      default: 'last',
      source: 'Dynamo 6.4: by a load balancer, or by a client that knows the nodes',
    }),
    lsnTokens: field.flag({
      about: 'A read names the newest position of the log that its worker was told of.',
      default: false,
      source: 'MySQL session_track_gtids with WAIT_FOR_EXECUTED_GTID_SET',
    }),
    dependencies: field.flag({
      about:
        'Each worker carries what it has read and written, and its writes name it: a causal ' +
        'store shows them nowhere before that.',
      default: false,
      source: 'COPS 4.1: the context of the client library',
    }),
    firstServer: field.count({
      about: 'The place of the first server in its group: 1 is n1.',
      default: 1,
      min: 1,
      max: 1_000,
    }),
    workers: field.count({
      about: 'Of a closed client: how many operations are under way at once.',
      default: 1,
      min: 1,
      max: 10_000,
    }),
    thinkMs: field.millis({
      about:
        'Of a closed client: the mean pause (exponential) between an answer and the next call.',
      default: 20,
      max: 600_000,
    }),
    ratePerSecond: field.number({
      about: 'Of an open client: the mean arrivals a second (Poisson).',
      default: 50,
      min: 0.001,
      max: 1_000_000,
      unit: '1/s',
    }),
    keys: field.count({
      about: 'How many keys it uses, drawn uniformly: k0, k1, ...',
      default: 4,
      min: 1,
      max: 1_000_000,
    }),
    readShare: field.probability({
      about: 'The share of operations that are reads.',
      default: 0.5,
    }),
    casShare: field.probability({
      about: 'The share of the writes that compare and set the value that was read last.',
      default: 0,
    }),
    tryTimeoutMs: field.millis({
      about: 'How long it waits for one answer; then the fate of that try is unknown.',
      default: 250,
      min: 1,
      max: 600_000,
    }),
    deadlineMs: field.millis({
      about: 'How long it goes on trying one operation.',
      default: 1_000,
      min: 1,
      max: 3_600_000,
    }),
    backoffMs: field.millis({
      about: 'The pause before the second try.',
      default: 20,
      max: 600_000,
    }),
    retryPolicy: field.choice(RETRY_POLICY_NAMES, {
      about: 'How the pauses grow from try to try.',
      default: 'constant',
    }),
    backoffCapMs: field.millis({
      about: 'The longest pause before another try.',
      default: 1_000,
      max: 600_000,
    }),
    retryUnknown: field.flag({
      about: 'Try a write again although the fate of the last try is unknown: it may apply twice.',
      default: false,
    }),
    sessions: field.flag({
      about:
        'Number its writes within a session that it opens at the store, which then applies each ' +
        'once, however often it is tried.',
      default: false,
      source: 'Dissertation 6.3',
    }),
    startMs: field.millis({ about: 'When the load begins.', default: 0, max: 86_400_000 }),
    stopMs: field.millis({
      about: 'When no new operation begins any more; 0 means never.',
      default: 0,
      max: 86_400_000,
    }),
  },
  { additionalProperties: false, needs: NEEDS },
);

export type KvClientConfig = Static<typeof kvClientConfig>;
