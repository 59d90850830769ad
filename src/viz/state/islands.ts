/** What the sides of a partition are called, the same on the map and in words. */

/** "majority, 3 of 5": which side of a quorum so many servers are. */
export const quorumLabel = (nodes: number, servers: number): string =>
  `${nodes * 2 > servers ? 'majority' : 'minority'}, ${nodes} of ${servers}`;

export const islandName = (number: number): string => `side ${String.fromCharCode(65 + number)}`;

/** "side A: majority, 3 of 5": of the servers; clients are counted apart. */
export function islandLabel(
  number: number,
  members: readonly number[],
  servers: ReadonlySet<number>,
): string {
  const nodes = members.filter((index) => servers.has(index)).length;
  const clients = members.length - nodes;
  const parts: string[] = [];
  if (nodes > 0) parts.push(quorumLabel(nodes, servers.size));
  if (clients > 0) parts.push(`${clients} ${clients === 1 ? 'client' : 'clients'}`);
  if (parts.length === 0) parts.push('nobody');
  return `${islandName(number)}: ${parts.join(', ')}`;
}
