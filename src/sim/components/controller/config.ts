/** What a controller may be told, with Kafka's names and the defaults of 4.0. */
import { word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

export const controllerConfig = Type.Object(
  {
    controllerQuorumFetchTimeoutMs: field.millis({
      about: 'A controller that hears no leader for so long stands for election.',
      default: 2_000,
      min: 10,
      max: 600_000,
      source: 'Kafka controller.quorum.fetch.timeout.ms',
    }),
    controllerQuorumElectionBackoffMaxMs: field.millis({
      about: 'The most that is added to it, drawn anew each time, so that not all stand together.',
      default: 1_000,
      min: 1,
      max: 600_000,
      source: 'Kafka controller.quorum.election.backoff.max.ms',
    }),
    brokerSessionTimeoutMs: field.millis({
      about: 'A broker whose heartbeats stay away for so long is fenced.',
      default: 9_000,
      min: 1,
      max: 3_600_000,
      source: 'Kafka broker.session.timeout.ms',
    }),
    autoLeaderRebalanceEnable: field.flag({
      about: 'Give every partition back to its preferred leader from time to time.',
      default: true,
      source: 'Kafka auto.leader.rebalance.enable',
    }),
    leaderImbalanceCheckIntervalMs: field.millis({
      about: 'How often that is looked at.',
      default: 300_000,
      min: 1,
      source: 'Kafka leader.imbalance.check.interval.seconds: 300',
    }),
    eligibleLeaderReplicasVersion: field.count({
      about: '1: replicas that left a too small ISR in good order may lead when it is empty.',
      default: 0,
      min: 0,
      max: 1,
      source: 'Kafka eligible.leader.replicas.version: 0 in 4.0, 1 in new clusters since 4.1',
    }),
    topicCreationWaitMs: field.millis({
      about:
        'Topics wait for all brokers of the cluster; after so long, for as many as they have ' +
        'replicas.',
      default: 5_000,
      min: 0,
      source: 'Ours: in Kafka an operator creates them',
    }),
    snapshotThreshold: field.count({
      about: 'Decisions since the last snapshot that lead to the next one; 0: none is taken.',
      default: 8_192,
      min: 0,
      max: 1_000_000,
      source: 'Kafka counts bytes: metadata.log.max.record.bytes.between.snapshots',
    }),
  },
  {
    additionalProperties: false,
    needs: [
      {
        settings: ['leaderImbalanceCheckIntervalMs'],
        any: [word('autoLeaderRebalanceEnable', true)],
      },
    ],
  },
);

export type ControllerConfig = Static<typeof controllerConfig>;
