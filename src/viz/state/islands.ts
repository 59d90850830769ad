/** What the sides of a partition are called, the same on the map and in words. */

export const islandName = (number: number): string => `side ${String.fromCharCode(65 + number)}`;

/** "side A, 3 nodes, majority": of the servers; clients are counted apart. */
export function islandLabel(
  number: number,
  members: readonly number[],
  servers: ReadonlySet<number>,
): string {
  const nodes = members.filter((index) => servers.has(index)).length;
  const clients = members.length - nodes;
  const parts = [islandName(number)];
  if (nodes > 0) {
    parts.push(`${nodes} ${nodes === 1 ? 'node' : 'nodes'}`);
    parts.push(nodes * 2 > servers.size ? 'majority' : 'minority');
  }
  if (clients > 0) parts.push(`${clients} ${clients === 1 ? 'client' : 'clients'}`);
  return parts.join(', ');
}
