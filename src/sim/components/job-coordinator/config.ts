/** What the coordinator of a stream job may be told. */
import { over, word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/group-settings.ts';
import type { Use } from '../../node/usage.ts';

const SOURCE = 'Flink, execution.checkpointing';

export const jobCoordinatorConfig = Type.Object(
  {
    checkpointIntervalMs: field.millis({
      about: 'How often a checkpoint is triggered; 0: never, and a restart begins with nothing.',
      default: 0,
      source: `${SOURCE}.interval`,
    }),
    mode: field.choice(['EXACTLY_ONCE', 'AT_LEAST_ONCE'], {
      about: 'Whether tasks with several inputs align barriers, or just count them.',
      default: 'EXACTLY_ONCE',
      source: `${SOURCE}.mode`,
    }),
    unaligned: field.flag({
      about: 'Barriers overtake what waits in the channels, which becomes part of the checkpoint.',
      default: false,
      source: `${SOURCE}.unaligned; FLIP-76`,
    }),
    checkpointTimeoutMs: field.millis({
      about: 'A checkpoint that is not complete by then is discarded, and has failed.',
      default: 600_000,
      min: 1,
      source: `${SOURCE}.timeout`,
    }),
    maxConcurrentCheckpoints: field.count({
      about: 'While so many are under way no other is triggered.',
      default: 1,
      min: 1,
      max: 100,
      source: `${SOURCE}.max-concurrent-checkpoints`,
    }),
    minPauseMs: field.millis({
      about: 'From the end of a checkpoint to the start of the next, at least.',
      default: 0,
      source: `${SOURCE}.min-pause`,
    }),
    tolerableFailedCheckpoints: field.count({
      about: 'How many checkpoints may fail one after the other before the job does.',
      default: 0,
      source: `${SOURCE}.tolerable-failed-checkpoints`,
    }),
    heartbeatIntervalMs: field.millis({
      about: 'How often each task is asked whether it is there.',
      default: 10_000,
      min: 1,
      source: 'Flink, heartbeat.interval',
    }),
    heartbeatTimeoutMs: field.millis({
      about: 'A task that has not answered by then has failed.',
      default: 50_000,
      min: 1,
      source: 'Flink, heartbeat.timeout',
    }),
    restartDelayMs: field.millis({
      about: 'From a failure to the next attempt.',
      default: 1_000,
      source: 'Flink, restart-strategy.fixed-delay.delay',
    }),
    deployRetryMs: field.millis({
      about: 'The pause before a task that could not be deployed is tried again.',
      default: 100,
      min: 1,
    }),
  },
  {
    additionalProperties: false,
    needs: [
      {
        settings: [
          'mode',
          'unaligned',
          'checkpointTimeoutMs',
          'maxConcurrentCheckpoints',
          'minPauseMs',
          'tolerableFailedCheckpoints',
        ],
        any: [over('checkpointIntervalMs')],
      },
      { settings: ['unaligned'], any: [word('mode', 'EXACTLY_ONCE')] },
    ],
  },
);

export type JobCoordinatorConfig = Static<typeof jobCoordinatorConfig>;

/** What its tasks have to do for its checkpoints. */
export function usesOfCoordinator(config: JobCoordinatorConfig): readonly Use[] {
  const { checkpointIntervalMs, mode, unaligned } = config;
  if (checkpointIntervalMs === 0) return [];
  const barriers = unaligned ? 'unaligned checkpoints' : 'aligned checkpoints';
  return [
    { role: 'sources', what: 'offsets' },
    { role: 'sinks', what: 'commits' },
    ...(mode === 'EXACTLY_ONCE' ? [{ role: 'operators', what: barriers }] : []),
  ];
}

const ROLES = { sources: 'source', operators: 'window', sinks: 'sink' } as const;

/** Every task has the role of the link that names it. */
export function checkJobCoordinator(_config: JobCoordinatorConfig, group: GroupSettings): void {
  for (const [link, role] of Object.entries(ROLES)) {
    const linked = group.links.get(link);
    const found = (linked?.config as { readonly role?: string } | undefined)?.role;
    if (linked === undefined || found === undefined || found === role) continue;
    throw new ScenarioError(`"${linked.group}" is a ${found}, and no ${role}.`, {
      path: `${group.path}/links/${link}`,
      hint: `Link a group with role: ${role}.`,
    });
  }
}
