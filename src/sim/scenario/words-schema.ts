/**
 * The words of a plan about places and machines as schemas: network, placement, disks, clocks,
 * limits. They check a plan and describe it; nothing is filled in from them.
 */
import { Type } from '../contracts/schema.ts';
import type { TObject } from '../contracts/schema.ts';
import { LIMITS_DEFAULT } from '../kernel/limits.ts';

const words = (fields: Parameters<typeof Type.Object>[0]): TObject =>
  Type.Object(fields, { additionalProperties: false });

const distribution = (description: string) =>
  Type.Optional(Type.Unsafe<unknown>(Type.Any({ description, shape: 'distribution' })));
const flag = (description: string, byDefault: boolean) =>
  Type.Optional(Type.Boolean({ description, default: byDefault }));
const probability = (description: string) =>
  Type.Optional(Type.Number({ description, minimum: 0, maximum: 1, default: 0 }));
const limit = (description: string, byDefault: number, unit: string) =>
  Type.Optional(Type.Integer({ description, minimum: 1, default: byDefault, unit }));
const name = (description: string) => Type.String({ description });
const list = (description: string, shape: string) =>
  Type.Optional(Type.Array(Type.Unsafe<unknown>(Type.Any({ shape })), { description }));

const link = {
  latency: distribution(
    'How long a packet takes one way; without it, what the distance of the zones takes.',
  ),
  lossProbability: probability('How likely a packet is lost.'),
  duplicateProbability: probability('How likely a packet arrives twice.'),
  fifo: flag('Whether a directed link never overtakes itself, like one TCP connection.', false),
};

export const NETWORK_WORDS = words({
  ...link,
  regions: list('The places; without them there is one zone.', 'region'),
  between: list('Other words for the links between two zones or regions.', 'pair'),
  links: list('Other words for the links between two nodes or groups, one way.', 'link'),
});
export const REGION_WORDS = words({
  name: name('The region; those of the latency table have real distances.'),
  zones: Type.Array(Type.String(), { minItems: 1, description: 'Its zones.' }),
});
export const BETWEEN_WORDS = words({
  a: name('A zone or region.'),
  b: name('Another.'),
  ...link,
});
export const LINK_WORDS = words({
  from: name('The sender: a node or a group.'),
  to: name('The receiver: a node or a group.'),
  ...link,
});
export const PLACEMENT_WORDS = words({ zone: name('The zone of all members.') });
export const DISK_WORDS = words({
  fsync: distribution('How long a write takes to be safe; without it, 0.5 ms on average.'),
  fsyncOn: flag('If not, sync answers at once and a crash loses what was not written back.', true),
  tornTail: flag('Whether a part of the writes under way may survive a crash.', false),
});
export const CLOCK_WORDS = words({
  offsetMs: distribution('How far the wall clock is off (ms), drawn for each node; without it, 0.'),
  driftPpm: distribution(
    'How fast both clocks run, in ppm, drawn for each node (its "ms" count ppm); without it, 0.',
  ),
});
export const LIMIT_WORDS = words({
  events: limit('So many events.', LIMITS_DEFAULT.events, 'count'),
  simMicros: limit('So much simulated time.', LIMITS_DEFAULT.simMicros, 'us'),
  pending: limit('So many events waiting at one moment.', LIMITS_DEFAULT.pending, 'count'),
});
