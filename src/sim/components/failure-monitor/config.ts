/** What a failure monitor may be told: the settings of real detectors, by their names. */
import { word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ms } from '../../kernel/time.ts';
import { FAILURE_DETECTOR_NAMES, skipsFailures } from '../../policies/detectors/index.ts';
import type { DetectorSettings } from '../../policies/detectors/index.ts';

const NEEDS: readonly Need[] = [
  { settings: ['timeoutMs'], any: [word('detector', 'timeout')] },
  {
    settings: ['threshold', 'maxSampleSize', 'firstHeartbeatEstimateMs'],
    any: [word('detector', 'phi-normal', 'phi-exponential')],
  },
  {
    settings: ['minStdDeviationMs', 'acceptableHeartbeatPauseMs'],
    any: [word('detector', 'phi-normal')],
  },
];

export const failureMonitorConfig = Type.Object(
  {
    detector: field.choice(FAILURE_DETECTOR_NAMES, {
      about: 'How it judges a silence: by a fixed time, or by the intervals that it has seen.',
      default: 'phi-normal',
      source: 'Redis Sentinel (timeout); Akka (phi-normal); Apache Cassandra (phi-exponential)',
    }),
    checkIntervalMs: field.millis({
      about: 'How often it looks at all members: a suspicion is told at the next look.',
      default: 1_000,
      min: 1,
      max: 3_600_000,
      withinRun: 'nobody is ever suspected',
      source: 'Akka unreachable-nodes-reaper-interval 1 s; Cassandra checks with each gossip round',
    }),
    timeoutMs: field.millis({
      about: 'The silence after which a member is suspected.',
      default: 30_000,
      min: 1,
      max: 3_600_000,
      source: 'Redis Sentinel down-after-milliseconds 30 s',
    }),
    threshold: field.number({
      about: 'The phi from which on a member is suspected.',
      default: 8,
      // Whoever was heard from this very moment has a phi below log10 2 = 0.3.
      min: 0.5,
      max: 100,
      unit: '',
      source: 'Akka threshold 8.0, 12 on EC2; Cassandra phi_convict_threshold 8',
    }),
    maxSampleSize: field.count({
      about: 'How many intervals it remembers of each member.',
      default: 1_000,
      min: 1,
      max: 100_000,
      source: 'Akka max-sample-size 1000; Cassandra SAMPLE_SIZE 1000',
    }),
    minStdDeviationMs: field.millis({
      about: 'The least deviation that it believes: a quiet network must not make it hasty.',
      default: 100,
      min: 0.001,
      max: 3_600_000,
      source: 'Akka min-std-deviation 100 ms',
    }),
    acceptableHeartbeatPauseMs: field.millis({
      about: 'Silence beyond the mean that it takes for a pause of the member.',
      default: 3_000,
      max: 3_600_000,
      source: 'Akka acceptable-heartbeat-pause 3 s',
    }),
    firstHeartbeatEstimateMs: field.millis({
      about:
        'The interval that it expects before it has seen any. Of phi-exponential the gossip ' +
        'interval: it begins with twice that, and intervals that are longer do not count.',
      default: 1_000,
      min: 1,
      max: 3_600_000,
      source: 'Akka expected first estimate 1 s; Cassandra Gossiper.intervalInMillis 1 s',
    }),
  },
  { additionalProperties: false, needs: NEEDS },
);

export type FailureMonitorConfig = Static<typeof failureMonitorConfig>;

export const settingsOf = (
  c: FailureMonitorConfig,
  ablations: readonly string[],
): DetectorSettings => ({
  intervalMicros: ms(c.firstHeartbeatEstimateMs),
  timeoutMicros: ms(c.timeoutMs),
  threshold: c.threshold,
  windowSize: c.maxSampleSize,
  minDeviationMicros: ms(c.minStdDeviationMs),
  acceptablePauseMicros: ms(c.acceptableHeartbeatPauseMs),
  remembersFailures: !skipsFailures(ablations),
});
