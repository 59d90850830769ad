/** Where the rules of logs, queues, sagas and event stores are seen to matter. */
import { inRun, inTest } from './sight.ts';
import type { Sights } from './sight.ts';

const LOG = 'sim/protocols/partition-log';
const OUTBOX = 'patterns/outbox';
const SAGA = 'patterns/saga';
const EVENTS = 'patterns/event-sourcing';

const partitions: Sights = {
  'partition.epoch-truncation': inRun('messaging/truncation', 'committed-stays'),
  'partition.epoch-lookup': inRun('messaging/quick-elections', 'logs-agree'),
  'partition.epoch-fencing': inTest(
    `${LOG}/history`,
    'epoch-fencing: what a follower fetched in another epoch counts',
  ),
  'partition.high-watermark': inRun('messaging/truncation', 'committed-stays'),
  'partition.maximal-isr': inRun('messaging/cut-off-leader', 'committed-stays', {
    variant: 'all',
  }),
  'partition.epoch-start': inTest(
    `${LOG}/history`,
    'lets nobody in that lacks what was written before the epoch of this leader',
  ),
  'partition.min-isr': inRun('messaging/min-insync', 'committed-stays', { variant: 'two' }),
  'partition.sequence-numbers': inRun('messaging/duplicates', 'each-once-in-order', {
    variant: 'idempotent',
  }),
  'partition.latest-offset': inRun('messaging/stale-watermark', 'new-only'),
  'partition.tombstones': inRun('messaging/compaction', 'away-agrees', { variant: 'long-enough' }),
  'group.generation-check': inTest(
    'sim/protocols/consumer-group/classic',
    'without that check a member of yesterday takes back what its successor has committed',
  ),
  'group.join-barrier': inRun('messaging/rebalance-storm', 'one-owner'),
  'group.revoke-before-assign': inRun('messaging/rebalance-storm', 'one-owner', {
    variant: 'consumer',
  }),
  'group.stable-offsets': inRun('messaging/pending-offsets', 'nothing-twice'),
  // A leader that asks the coordinator hears of the old epoch, too.
  'transaction.epoch-fencing': inRun('messaging/zombie', 'nothing-twice', {
    variant: 'unverified',
  }),
  'transaction.verification': inRun('messaging/hanging-transaction', 'all-read'),
  'transaction.epoch-bump': inRun('messaging/late-end-txn', 'all-or-nothing', {
    variant: 'new-epochs',
  }),
  'transaction.last-stable-offset': inRun('messaging/exactly-once', 'read-as-reckoned', {
    variant: 'transaction',
  }),
  'transaction.aborted-ranges': inRun('messaging/exactly-once', 'read-as-reckoned', {
    variant: 'transaction',
  }),
};

const queues: Sights = {
  'queue.requeue-on-loss': inRun('messaging/poison-pill', 'nothing-lost', { variant: 'deadly' }),
  'queue.original-place': inTest(
    'sim/protocols/queue/queue',
    'without the rule stands behind all others',
  ),
  'queue.prefetch': inRun('messaging/prefetch', 'holds-few', { variant: 'one' }),
  'queue.confirm-after-sync': inTest(
    'sim/components/queue-broker/queue-broker',
    'without the rule has confirmed what is gone',
  ),
  'queue.confirm-all-copies': inTest(
    'sim/components/queue-broker/exchanges',
    'without the rule is confirmed with one, and the other queue never has it',
  ),
  'queue.delivery-limit': inRun('messaging/poison-pill', 'set-aside', { variant: 'limit' }),
  'queue.confirm-after-majority': inTest(
    'sim/components/queue-broker/quorum',
    'without the rule confirms what the others never have',
  ),
  'queue.return-on-failover': inRun('messaging/quorum-queue', 'all-done', { variant: 'quorum' }),
  'visibility.timeout': inRun('messaging/visibility-timeout', 'all-done', {
    variant: 'heartbeat-and-death',
  }),
  'visibility.redrive': inRun('messaging/visibility-timeout', 'not-for-ever', {
    variant: 'poison',
  }),
  'visibility.group-order': inTest(
    'sim/components/visibility-queue/visibility-queue',
    'without the rule of order does not keep it',
  ),
  'visibility.deduplication': inTest(
    'sim/components/visibility-queue/visibility-queue',
    'without the rule of deduplication has it done twice',
  ),
  'visibility.store-before-answer': inTest(
    'sim/components/visibility-queue/visibility-queue',
    'keeps what it has answered when it loses power, and not without the rule',
  ),
};

const events: Sights = {
  'outbox.one-transaction': inRun(OUTBOX, 'none-lost'),
  'outbox.mark-after-confirm': inRun(OUTBOX, 'none-lost'),
  'outbox.key-order': inRun(OUTBOX, 'in-order'),
  'inbox.known-once': inRun(OUTBOX, 'once'),
  'inbox.one-transaction': inRun(OUTBOX, 'once'),
  'saga.durable-log': inRun(SAGA, 'none-half-done'),
  'saga.reverse-order': inRun(SAGA, 'in-order'),
  'saga.retry-after-pivot': inRun(SAGA, 'none-half-done'),
  'saga.idempotent-steps': inRun(SAGA, 'once'),
  'saga.remember-undone': inRun(SAGA, 'none-half-done'),
  'events.expected-version': inRun(EVENTS, 'not-overdrawn'),
  'events.once': inRun(EVENTS, 'once'),
  'events.snapshot-version': inRun(EVENTS, 'not-overdrawn'),
  'projection.one-transaction': inRun('patterns/cqrs', 'each-once'),
  'projection.rows-first': inRun('patterns/cqrs', 'none-missing'),
};

export const MESSAGING: Sights = { ...partitions, ...queues, ...events };
