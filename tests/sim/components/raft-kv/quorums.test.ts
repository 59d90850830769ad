/** Quorums of set sizes, as a plan asks for them: which are refused, and what they let go on. */
import { describe, expect, it } from 'vitest';
import { checkRaftKv, raftKvConfig } from '../../../../src/sim/components/raft-kv/config.ts';
import type { RaftKvConfig } from '../../../../src/sim/components/raft-kv/config.ts';
import { Value } from '../../../../src/sim/contracts/schema.ts';
import { ScenarioError } from '../../../../src/sim/kernel/errors.ts';
import type { GroupSettings } from '../../../../src/sim/node/behaviour.ts';
import { RaftBench } from './support/group.ts';

const config = (more: Partial<RaftKvConfig>): RaftKvConfig => ({
  ...(Value.Default(raftKvConfig, {}) as RaftKvConfig),
  ...more,
});

const group = (count: number, off: readonly string[] | null): GroupSettings => ({
  path: 'groups/n',
  count,
  cores: 1,
  durationMs: 1_000,
  off,
  zones: ['zone'],
  given: {},
  links: new Map(),
});

function refusal(more: Partial<RaftKvConfig>, voters: number, off: string[] = []): ScenarioError {
  try {
    checkRaftKv(config(more), group(voters, off));
  } catch (error) {
    return error as ScenarioError;
  }
  throw new Error('nothing was refused');
}

describe('quorums of a plan', () => {
  it('that need not meet are refused, with a way out', () => {
    const error = refusal({ electionQuorum: 2, replicationQuorum: 2 }, 4);
    expect(error.message).toMatch(
      /unsafe: of 4 voters, 2 that elect and 2 that commit need not meet/,
    );
    expect([error.path, error.hint]).toEqual([
      'groups/n/config/electionQuorum',
      expect.stringContaining('raft.quorum-intersection'),
    ]);
    expect(refusal({ replicationQuorum: 2 }, 5).path).toBe('groups/n/config/replicationQuorum');
    expect(refusal({ electionQuorum: 2, replicationQuorum: 4 }, 5).message).toMatch(/2 others/);
  });

  it('that are more than the voters are refused, whatever is off', () => {
    const off = ['raft.quorum-intersection'];
    expect(refusal({ electionQuorum: 4 }, 3).message).toMatch(/only 3 voters/);
    expect(refusal({ replicationQuorum: 4 }, 3, off).message).toMatch(/only 3 voters/);
  });

  it('that need not meet are taken with the rule off, and where that is not known yet', () => {
    const sizes = config({ electionQuorum: 2, replicationQuorum: 2 });
    expect(() => checkRaftKv(sizes, group(4, ['raft.quorum-intersection']))).not.toThrow();
    expect(() => checkRaftKv(sizes, group(4, null))).not.toThrow();
    expect(() => new RaftBench({ servers: 4, config: sizes }).ms(1)).toThrow(/need not meet/);
  });
});

describe('other settings of a Raft server', () => {
  it('are refused where the election timeout is a range upside down', () => {
    const error = refusal({ electionTimeoutMinMs: 400, electionTimeoutMaxMs: 300 }, 3);
    expect(error).toBeInstanceOf(ScenarioError);
    expect(error.message).toMatch(/400 ms, must not be more than .* 300/);
    expect(error.path).toBe('groups/n/config/electionTimeoutMinMs');
  });

  it('are refused where a lease lacks what it rests on', () => {
    const error = refusal({ readMode: 'lease', checkQuorum: false }, 3);
    expect(error.message).toMatch(/needs checkQuorum and preVoteLease/);
  });
});
