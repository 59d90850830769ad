/**
 * The safety of a replicated log, watched after every step of every replica and at every read.
 *
 * Findings name the invariant, the partition, and of lost records how many there are.
 */
import { PARTITION_REGISTERED } from '../components/controller/watched.ts';
import { PARTITION_START, PARTITION_STEP } from '../components/log-broker/feed.ts';
import { PARTITION_READ } from '../traffic/log-reader/poll.ts';
import { Type } from '../contracts/schema.ts';
import { PartitionInvariants } from '../protocols/partition-log/invariants.ts';
import type { WatchedRegistration } from '../protocols/partition-log/isr-invariants.ts';
import type {
  PartitionInvariantsImage,
  WatchedRead,
  WatchedReplica,
} from '../protocols/partition-log/invariants.ts';
import { plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import { checkServers, hasBrokers } from './told.ts';

export const replicatedLog = defineCheck<object, PartitionInvariantsImage>({
  use: 'replicated-log',
  about:
    'No committed record is lost, logs agree below their high watermarks, an epoch has one ' +
    'leader, consumers read what is committed, leaders wait for all whom the controller may ' +
    'elect, and ISR and ELR are what they may be.',
  args: Type.Object({}, { additionalProperties: false }),
  stands: (run) => (hasBrokers(run) ? {} : null),
  check: (_args, path, run) => checkServers('replicated-log', { group: '', path }, run),
  create(_args, env) {
    const nameOf = (node: number): string => env.world.node(node).name;
    const invariants = new PartitionInvariants(nameOf, ({ why, nodes }) =>
      env.report({ why, evidence: [env.world.event], nodes }),
    );
    return {
      components: [],
      facts: [],
      probes: [PARTITION_STEP, PARTITION_START, PARTITION_READ, PARTITION_REGISTERED],
      onProbe(node, channel, payload) {
        if (channel === PARTITION_STEP) return invariants.onStep(node, payload as WatchedReplica);
        if (channel === PARTITION_READ) return invariants.onRead(node, payload as WatchedRead);
        if (channel === PARTITION_START) return invariants.onStart(node);
        invariants.onRegistered(payload as WatchedRegistration);
      },
      standing: (ended) =>
        invariants.violations > 0
          ? {
              verdict: 'fail',
              text:
                `${plural(invariants.violations, 'violation')}, ` +
                `${plural(invariants.lost, 'record')} lost`,
            }
          : { verdict: 'pass', text: ended ? 'held' : 'holds now' },
      save: () => invariants.save(),
      restore: (image) => invariants.restore(image),
    };
  },
});
