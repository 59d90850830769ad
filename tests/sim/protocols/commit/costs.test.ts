/**
 * What a commit costs where nothing goes wrong: messages and message delays until the last
 * participant knows the fate, held against the table of Gray and Lamport.
 *
 * Source: Gray and Lamport, Consensus on Transaction Commit (TODS 2006): for N resource managers
 * and F faults, two-phase commit takes 3N - 1 messages and 4 delays (3N - 3 and 3 where the one
 * who asks coordinates), Paxos Commit NF + F + 3N - 1 and 5. Skeen (1981) for the third phase.
 * Differs: who asks is a client, and its request is the first delay but none of the counted
 * messages, so all N are asked to prepare and not N - 1. Paxos Commit writes to all 2F + 1
 * acceptors and not to F + 1, and an acceptor answers each vote apart instead of all at once.
 * Afterwards each participant says that it is done, and the acceptors are told to forget.
 */
import { describe, expect, it } from 'vitest';
import type { CommitProtocol } from '../../../../src/sim/protocols/commit/state.ts';
import { Shards } from './support/shards.ts';

interface Cost {
  readonly messages: number;
  readonly delays: number;
  /** What is sent when all know. */
  readonly after: number;
}

/** All that is under way arrives at once: a round is a message delay. */
function costOf(protocol: CommitProtocol, n: number, apart: boolean, f = 0): Cost {
  const first = apart ? 2 : 1;
  const participants = Array.from({ length: n }, (_, i) => first + i);
  const acceptors = Array.from({ length: 2 * f + 1 }, (_, i) => first + n + i);
  const size = first + n + acceptors.length;
  const shards = new Shards({ protocol, size, participants, acceptors });
  shards.begin();
  // Of the client's request, which no shard sends.
  let delays = 1;
  let [messages, after] = [0, 0];
  const everybody = n + 1;
  while (shards.network.length > 0) {
    const sent = shards.network.length;
    const isOver = shards.books.fates.length === everybody;
    if (isOver) after += sent;
    else [messages, delays] = [messages + sent, delays + 1];
    for (let i = 0; i < sent; i++) shards.deliver(0);
  }
  const { fates, broken } = shards.books;
  expect(broken).toBeNull();
  expect(fates.filter((fate) => fate.endsWith(': commit'))).toHaveLength(everybody);
  return { messages, delays, after };
}

const SIZES = [2, 3, 5, 8];

describe.each(SIZES)('%i participants', (n) => {
  it('two-phase commit: 3N - 1 and one more to prepare, in 4 delays', () => {
    const published = 3 * n - 1;
    expect(costOf('2pc', n, true)).toEqual({ messages: published + 1, delays: 4, after: n });
  });

  it('where a participant coordinates: 3N - 3, and a delay for the client alone', () => {
    const published = 3 * n - 3;
    // The paper's 3 delays begin where ours has had the request.
    expect(costOf('2pc', n, false)).toEqual({ messages: published, delays: 3 + 1, after: n - 1 });
  });

  it('three-phase commit: a round there and back more', () => {
    const { messages, delays } = costOf('2pc', n, true);
    const more = { messages: messages + 2 * n, delays: delays + 2, after: n };
    expect(costOf('3pc', n, true)).toEqual(more);
  });

  it.each([0, 1, 2])(
    'Paxos Commit for F = %i: 5 delays, and the messages that it does not save',
    (f) => {
      const published = n * f + f + 3 * n - 1;
      const prepare = 1;
      const allAcceptors = n * f;
      const oneAnswerEach = n * (2 * f + 1) - f;
      expect(costOf('paxos-commit', n, true, f)).toEqual({
        messages: published + prepare + allAcceptors + oneAnswerEach,
        delays: 5,
        after: n + 2 * f + 1,
      });
    },
  );
});
