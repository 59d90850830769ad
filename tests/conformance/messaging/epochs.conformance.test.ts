/** leader_epoch_cases.json: where epochs begin and end in a log, and how far a follower drops. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LeaderEpochs } from '../../../src/sim/protocols/partition-log/epochs.ts';
import { followerAfter } from '../../sim/protocols/partition-log/support/diverging.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
type Pair = readonly [number, number];
interface EpochCase {
  readonly assign: readonly Pair[];
  readonly truncateFromEnd?: number;
  readonly truncateFromStart?: number;
  readonly entries?: readonly Pair[];
  readonly endOffsetFor?: readonly (readonly [number, number, Pair])[];
  readonly previousEpoch?: number;
}
interface Truncation {
  readonly case: string;
  readonly leaderDiverging: Pair;
  readonly followerEndOffsetForEpoch: number;
  readonly truncateTo: number;
}
const { cases, followerTruncation } = JSON.parse(
  readFileSync(join(folder, 'leader_epoch_cases.json'), 'utf8'),
) as {
  readonly cases: readonly EpochCase[];
  readonly followerTruncation: { readonly cases: readonly Truncation[] };
};

describe('leader epochs', () => {
  it.each(cases.map((row) => [JSON.stringify(row), row] as const))('%s', (_name, row) => {
    const epochs = LeaderEpochs.empty();
    for (const [epoch, start] of row.assign) epochs.assign(epoch, start);
    if (row.truncateFromEnd !== undefined) epochs.truncateFromEnd(row.truncateFromEnd);
    if (row.truncateFromStart !== undefined) epochs.truncateFromStart(row.truncateFromStart);
    let asserted = 0;
    if (row.entries !== undefined) {
      asserted += 1;
      const entries = epochs.entries.map(({ epoch, startOffset }) => [epoch, startOffset]);
      expect(entries).toEqual(row.entries);
    }
    for (const [asked, logEnd, [epoch, endOffset]] of row.endOffsetFor ?? []) {
      asserted += 1;
      expect(epochs.endOffsetFor(asked, logEnd)).toEqual({ epoch, endOffset });
    }
    if (row.previousEpoch !== undefined) {
      asserted += 1;
      expect(epochs.previous).toBe(row.previousEpoch);
    }
    expect(asserted).toBeGreaterThan(0);
  });
});

describe('a follower that is told where it diverges', () => {
  it.each(followerTruncation.cases)(
    'case $case: the leader says $leaderDiverging, it ends at $followerEndOffsetForEpoch',
    ({ leaderDiverging: [epoch, endOffset], followerEndOffsetForEpoch, truncateTo }) => {
      const end = followerAfter({ epoch, endOffset }, followerEndOffsetForEpoch);
      expect(end).toBe(truncateTo);
    },
  );
});
