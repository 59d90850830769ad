/** What the sides of a partition are called, the same on the map and in words. */
import { plural } from '../../sim/index.ts';

/** Who is counted. */
export interface Counted {
  /** Nodes that others call. */
  readonly servers: ReadonlySet<number>;
  /** Groups that go on only with more than half of their members. */
  readonly voters: readonly Voters[];
}

interface Voters {
  readonly group: string;
  readonly members: ReadonlySet<number>;
}

const countIn = (side: readonly number[], all: ReadonlySet<number>): number =>
  side.filter((index) => all.has(index)).length;

/** "majority, 3 of 5"; of some of the servers: "majority of n, 3 of 5"; else "3 of 5 servers". */
function serversText(side: readonly number[], { servers, voters }: Counted): string {
  if (voters.length === 0) return `${countIn(side, servers)} of ${plural(servers.size, 'server')}`;
  const parts = voters.map(({ group, members }) => {
    const nodes = countIn(side, members);
    const which = nodes * 2 > members.size ? 'majority' : 'minority';
    const isAll = [...servers].every((index) => members.has(index));
    return `${which}${isAll ? '' : ` of ${group}`}, ${nodes} of ${members.size}`;
  });
  return parts.join('; ');
}

const isCounted = (index: number, { servers, voters }: Counted): boolean =>
  servers.has(index) || voters.some(({ members }) => members.has(index));

export const islandName = (number: number): string => `side ${String.fromCharCode(65 + number)}`;

/** "side A: majority, 3 of 5", or "side A" where there are clients only. */
export function serversLabel(number: number, side: readonly number[], counted: Counted): string {
  const hasServers = side.some((index) => isCounted(index, counted));
  return hasServers ? `${islandName(number)}: ${serversText(side, counted)}` : islandName(number);
}

/** "side A: majority, 3 of 5, 2 clients": clients are counted apart. */
export function islandLabel(number: number, side: readonly number[], counted: Counted): string {
  const clients = side.filter((index) => !isCounted(index, counted)).length;
  const parts: string[] = [];
  if (clients < side.length) parts.push(serversText(side, counted));
  if (clients > 0) parts.push(plural(clients, 'client'));
  if (parts.length === 0) parts.push('nobody');
  return `${islandName(number)}: ${parts.join(', ')}`;
}
