/** The assignors of the catalogue: an explicit list. */
import type { Assignor } from './assignor.ts';
import { cooperativeStickyAssignor } from './cooperative-sticky.ts';
import { rangeAssignor } from './range.ts';
import { roundRobinAssignor } from './round-robin.ts';
import { stickyAssignor } from './sticky.ts';
import { uniformAssignor } from './uniform.ts';

export type {
  Assignor,
  GroupAssignment,
  GroupMember,
  GroupTopic,
  TopicPartition,
} from './assignor.ts';
export { NO_GENERATION } from './assignor.ts';

export const ASSIGNORS: readonly Assignor[] = [
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
  cooperativeStickyAssignor,
  uniformAssignor,
];

export const ASSIGNOR_NAMES: readonly string[] = ASSIGNORS.map((assignor) => assignor.name);
