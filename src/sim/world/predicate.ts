/** What a named predicate is, and the arguments that many of them have. */
import { Type, field } from '../contracts/schema.ts';
import type { TObject } from '../contracts/schema.ts';
import type { World } from './world.ts';

export interface Predicate {
  readonly name: string;
  /** A sentence that may be true or false. */
  readonly about: string;
  readonly args: TObject;
  /** Components whose events may change the answer; `*` is every event and every fault. */
  readonly components: readonly string[];
  readonly holds: (world: World, args: never) => boolean;
}

export const none = Type.Object({}, { additionalProperties: false });
export const groupArg = {
  group: field.text({ about: 'The group of servers.', default: 'n', names: 'group' }),
};
export const inGroup = Type.Object(groupArg, { additionalProperties: false });

export interface InGroup {
  readonly group: string;
}

/** Types a predicate by its arguments and erases them. */
export const definePredicate = <A>(
  predicate: Omit<Predicate, 'holds'> & {
    readonly holds: (world: World, args: A) => boolean;
  },
): Predicate => predicate as Predicate;
