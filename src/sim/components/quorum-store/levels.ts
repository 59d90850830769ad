/** What of R and W no group of this size can give, or says nothing beside the rest. */
import { changesNothing } from '../../contracts/needs.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { neededFor } from '../../protocols/quorum/config.ts';
import type { QuorumStoreConfig } from './config.ts';

export function checkLevels(c: QuorumStoreConfig, group: GroupSettings, path: string): void {
  const n = Math.min(c.replicationFactor, group.count);
  const asked = [
    { setting: 'r', count: c.r, level: 'readConsistency' },
    { setting: 'w', count: c.w, level: 'writeConsistency' },
  ] as const;
  for (const { setting, count, level } of asked) {
    if (count > n) throw tooMany(`${setting} is ${count}`, n, `${path}/${setting}`);
    if (count > 0 && group.given[level] !== undefined) {
      const hint = `Write one of the two.`;
      throw changesNothing(level, `${setting} is ${count}`, `${path}/${level}`, hint);
    }
    if (count > 0 || neededFor(c[level], n) <= n) continue;
    throw tooMany(`${level} is ${c[level]}`, n, `${path}/${level}`);
  }
  if (c.w > 0 || c.writeConsistency !== 'any' || c.hintedHandoff) return;
  throw new ScenarioError(
    'writeConsistency is any, for which a hint is enough, but hintedHandoff is false.',
    { path: `${path}/writeConsistency`, hint: 'Write one, or switch hintedHandoff on.' },
  );
}

const tooMany = (what: string, n: number, path: string): ScenarioError =>
  new ScenarioError(`${what}, but only ${n} ${n === 1 ? 'node holds' : 'nodes hold'} a key.`, {
    path,
    hint: 'Raise replicationFactor and the count of the group, or lower it.',
  });
