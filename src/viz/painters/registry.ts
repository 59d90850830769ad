/**
 * One painter per component of the catalogue. `satisfies` makes a component without a painter a
 * compile error; components of other people's scenarios are drawn by the generic one.
 */
import type { ComponentName } from '../../sim/index.ts';
import { genericPainter } from './generic.ts';
import { kvClientPainter } from './kv-client.ts';
import type { Painter } from './painter.ts';
import { raftKvPainter } from './raft-kv.ts';

const painters = {
  'raft-kv': raftKvPainter,
  'kv-client': kvClientPainter,
} satisfies Record<ComponentName, Painter>;

const byName = new Map<string, Painter>(Object.entries(painters));

export const painterOf = (component: string): Painter => byName.get(component) ?? genericPainter;
