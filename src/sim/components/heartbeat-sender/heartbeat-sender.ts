/**
 * A member that says at regular intervals that it is there.
 *
 * Invariant: while it runs, two heartbeats to a monitor are sent no closer than an interval of its
 * own monotonic clock. One that stood still sends one heartbeat when it goes on, not all that it
 * has missed.
 *
 * Source: Akka Cluster (heartbeat-interval); Cassandra, whose gossip does the same each second
 */
import { heartbeat } from '../../contracts/heartbeat.ts';
import type { Heartbeat } from '../../contracts/heartbeat.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, View } from '../../node/behaviour.ts';

const config = Type.Object(
  {
    heartbeatIntervalMs: field.millis({
      about: 'How often it says that it is there.',
      default: 1_000,
      min: 1,
      max: 3_600_000,
      source: 'Akka Cluster failure-detector.heartbeat-interval 1 s; Cassandra gossips each second',
    }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

export interface HeartbeatSenderState {
  /** In this life. */
  sent: number;
}

export interface HeartbeatSenderView extends View {
  readonly component: 'heartbeat-sender';
  readonly sent: number;
}

function beat(state: HeartbeatSenderState, ctx: Ctx): void {
  state.sent += 1;
  const message: Heartbeat = { type: 'heartbeat.beat', life: ctx.life, sequence: state.sent };
  for (const monitor of ctx.members('monitors')) ctx.send<Heartbeat>(monitor, message);
  ctx.setTimer('beat', 0, ms(ctx.config.heartbeatIntervalMs));
}

export const heartbeatSender = defineBehaviour<
  HeartbeatSenderState,
  Config,
  never,
  HeartbeatSenderView
>({
  component: 'heartbeat-sender',
  about: 'Says at regular intervals that it is there.',
  source: 'Akka Cluster; Apache Cassandra; Chandra and Toueg (1996)',
  leavesOut: [
    'Answers: it sends of its own accord, where Akka asks and is answered.',
    'What else the member does: how busy it is does not delay its heartbeats, a stop does.',
  ],
  badge: 'HB',
  serves: [],
  links: { monitors: { about: 'Whom it tells: every member.', contract: heartbeat } },
  config,
  facts: {},
  roleNames: { member: 'Sends heartbeats.' },
  start(ctx) {
    const state = { sent: 0 };
    beat(state, ctx);
    return state;
  },
  on: {},
  onTimer: beat,
  gauges: [
    {
      title: 'Heartbeats',
      about: 'How often it has said that it is there, in this life.',
      kind: 'count',
      of: ({ sent }) => sent,
    },
  ],
  roles: () => ['member'],
  view: ({ sent }) => ({
    component: 'heartbeat-sender',
    sent,
    fields: [{ label: 'Heartbeats', value: sent }],
  }),
});
