/** The smallest set of messages, on records written by hand and on random ones. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { causeChain, witnessesOf } from '../../../src/sim/observe/cause-chain.ts';
import type { ChainLink } from '../../../src/sim/observe/cause-chain.ts';
import { BEFORE, NO_PACKET } from '../../../src/sim/observe/causes.ts';
import type { CausedEvent, CauseRecord } from '../../../src/sim/observe/causes.ts';
import type { SeenOperation, SentPacket } from '../../../src/sim/observe/causes.ts';

/** A record is told line by line, in the order of the run: event `n` is at `n` ms. */
class Told implements CauseRecord {
  readonly first = 1;
  readonly events: CausedEvent[] = [];
  readonly packets: SentPacket[] = [];
  readonly operations: SeenOperation[] = [];

  /** Something that a node does by itself, because of an event before or of time alone. */
  does(node: number, cause = BEFORE): number {
    const micros = (this.events.length + 1) * 1_000;
    const isOfTime = cause === BEFORE;
    return this.events.push({ node, micros, cause, packet: NO_PACKET, isOfTime });
  }

  sends(to: number, fate: SentPacket['fate'] = 'delivered', delay = 500): number {
    const event = this.events.length;
    const { node: from, micros: sentMicros } = this.events[event - 1]!;
    const dueMicros = sentMicros + delay;
    return (
      this.packets.push({ event, from, to, sentMicros, dueMicros, fate, handledIn: BEFORE }) - 1
    );
  }

  hears(packet: number): number {
    const sent = this.packets[packet]!;
    const micros = (this.events.length + 1) * 1_000;
    const { to: node, event: cause } = sent;
    sent.handledIn = this.events.push({ node, micros, cause, packet, isOfTime: false });
    return sent.handledIn;
  }

  asks(words: string): SeenOperation {
    const call = this.events.length;
    const seen = { client: this.events[call - 1]!.node, words, call, ret: null };
    this.operations.push(seen);
    return seen;
  }

  answered(seen: SeenOperation): void {
    seen.ret = this.events.length;
  }
}

const [ANN, BOB, N1, N2] = [10, 11, 1, 2];
const evidenceOf = (...ops: readonly SeenOperation[]) =>
  ops.flatMap(({ call, ret }) => [call, ret!]);
const packets = (links: readonly ChainLink[] | null) => links?.map(({ packet }) => packet);

/** Ann writes at n1, and then bob reads at n2; `between` says what n1 sends to n2. */
function writeThenRead(between: (told: Told, put: number) => void) {
  const told = new Told();
  told.does(ANN);
  const write = told.asks('put');
  const put = told.sends(N1);
  told.hears(put);
  between(told, put);
  const done = told.sends(ANN);
  told.hears(done);
  told.answered(write);
  told.does(BOB);
  const read = told.asks('get');
  const get = told.sends(N2);
  told.hears(get);
  const value = told.sends(BOB);
  told.hears(value);
  told.answered(read);
  const chain = causeChain(told, evidenceOf(write, read))!;
  return { chain, put, get, value };
}

describe('a stale read', () => {
  it('is the question, its answer, and the one message that was cut', () => {
    let copy = NO_PACKET;
    const { chain, put, get, value } = writeThenRead((told) => {
      copy = told.sends(N2, 'cut');
    });
    expect(packets(chain.answer)).toEqual([get, value]);
    expect(chain.told.map(({ of }) => of.operation?.words)).toEqual(['put']);
    expect(chain.told[0]?.by).toEqual([
      { packet: put, silence: null },
      { packet: copy, silence: 'cut' },
    ]);
  });

  it('names the message that told it, where one did', () => {
    let copy = NO_PACKET;
    const { chain, put } = writeThenRead((told, asked) => {
      copy = told.sends(N2);
      const lost = told.sends(N2, 'lost');
      told.hears(copy);
      expect(lost).toBeGreaterThan(copy);
      // The answer to ann is sent by whoever runs last: n1 goes on.
      told.does(N1, told.packets[asked]!.handledIn);
    });
    expect(chain.told[0]?.by).toEqual([
      { packet: put, silence: null },
      { packet: copy, silence: null },
    ]);
  });

  it('says that nothing was sent, rather than that a client told it', () => {
    const { chain } = writeThenRead(() => undefined);
    expect(chain.told[0]?.by).toBeNull();
  });

  it('knows one that was under way and one that found nobody', () => {
    const late = writeThenRead((told) => told.sends(N2, 'delivered', 60_000));
    expect(late.chain.told[0]?.by?.at(-1)?.silence).toBe('late');
    const unheard = writeThenRead((told) => told.sends(N2));
    expect(unheard.chain.told[0]?.by?.at(-1)?.silence).toBe('unheard');
  });

  it('does not take a question of one who knew for having been told', () => {
    let [own, question] = [NO_PACKET, NO_PACKET];
    const { chain } = writeThenRead((told, asked) => {
      own = told.sends(N2, 'delivered', 60_000);
      told.does(N1);
      question = told.sends(N2);
      told.hears(question);
      told.does(N1, told.packets[asked]!.handledIn);
    });
    const [telling] = chain.told;
    expect(packets(telling!.by)?.at(-1)).toBe(question);
    expect(telling).toMatchObject({ isOwn: false, missed: [{ packet: own, silence: 'late' }] });
  });

  it('prefers what was sent for the write to what happened to be sent before it', () => {
    let own = NO_PACKET;
    const { chain } = writeThenRead((told, put) => {
      told.does(N1);
      told.sends(N2, 'cut');
      told.does(N1, told.packets[put]!.handledIn);
      own = told.sends(N2, 'cut');
    });
    expect(packets(chain.told[0]!.by)?.at(-1)).toBe(own);
  });
});

describe('an answer', () => {
  it('is the way through those who were waited for, and no other', () => {
    const told = new Told();
    told.does(ANN);
    const write = told.asks('put');
    const put = told.sends(N1);
    told.hears(put);
    const [one, other] = [told.sends(N2), told.sends(3)];
    told.hears(one);
    const ack = told.sends(N1);
    told.hears(other);
    told.hears(ack);
    const done = told.sends(ANN);
    told.hears(done);
    told.answered(write);
    const chain = causeChain(told, evidenceOf(write))!;
    expect(packets(chain.answer)).toEqual([put, one, ack, done]);
    expect(chain.silent).toEqual([]);
  });

  it('that an older tick brought is joined to its question', () => {
    const told = new Told();
    const begun = told.does(N1);
    told.does(ANN);
    const write = told.asks('put');
    const put = told.sends(N1);
    told.hears(put);
    told.does(N1, begun);
    const done = told.sends(ANN);
    told.hears(done);
    told.answered(write);
    expect(packets(causeChain(told, evidenceOf(write))!.answer)).toEqual([put, done]);
  });

  it('of a write alone comes with what it sent in vain, once for each node', () => {
    const told = new Told();
    told.does(ANN);
    const write = told.asks('put');
    told.hears(told.sends(N1));
    const done = told.sends(ANN);
    const cut = [told.sends(N2, 'cut'), told.sends(N2, 'cut'), told.sends(3, 'lost')];
    told.hears(done);
    told.answered(write);
    const { silent } = causeChain(told, evidenceOf(write))!;
    expect(packets(silent)).toEqual([cut[0], cut[2]]);
  });
});

describe('an event that is no operation', () => {
  it('goes back to the timer that began it', () => {
    const told = new Told();
    told.does(3);
    told.does(N1, 1);
    told.does(N1);
    const ask = told.sends(N2);
    const heard = told.hears(ask);
    told.does(N2, heard);
    const vote = told.sends(N1);
    const elected = told.hears(vote);
    const chain = causeChain(told, [elected])!;
    expect(chain.last.operation).toBeNull();
    expect(packets(chain.answer)).toEqual([ask, vote]);
    expect(witnessesOf(told, [elected, 99])).toHaveLength(1);
  });

  it('outside of the record proves nothing', () => {
    expect(causeChain(new Told(), [5])).toBeNull();
  });
});

/** Everybody talks to everybody; some packets are lost, some are never heard in time. */
function chatter(seed: number): { told: Told; ops: readonly SeenOperation[] } {
  const draw = new StreamBank(seed).stream('chatter');
  const told = new Told();
  const flying: number[] = [];
  told.does(ANN);
  const write = told.asks('put');
  flying.push(told.sends(draw.below(4)));
  for (let step = 0; step < 14; step++) {
    const next = flying.splice(draw.below(flying.length + 1), 1)[0];
    if (next === undefined) told.does(draw.below(4));
    else told.hears(next);
    for (let sent = draw.below(3); sent > 0; sent--) {
      const packet = told.sends(draw.below(4), draw.below(3) === 0 ? 'lost' : 'delivered');
      if (told.packets[packet]!.fate === 'delivered') flying.push(packet);
    }
  }
  told.does(ANN);
  told.answered(write);
  told.does(BOB);
  const read = told.asks('get');
  told.hears(told.sends(draw.below(4)));
  told.hears(told.sends(BOB));
  told.answered(read);
  return { told, ops: [write, read] };
}

/** Whether n knows at `to` with these packets counted as arrived: the plain closure. */
function knows(
  told: Told,
  from: number,
  to: number,
  extra: ReadonlySet<number>,
  but = -1,
): boolean {
  const known = new Set([from]);
  const clients = [ANN, BOB];
  const until = told.operations[0]!.ret!;
  for (let event = from + 1; event <= to; event++) {
    const { node, micros, packet } = told.events[event - 1]!;
    const isAnn = node === ANN && event <= until;
    if (clients.includes(node) && !isAnn) continue;
    const earlier = [...known].some((one) => told.events[one - 1]!.node === node);
    const heard = packet !== NO_PACKET && packet !== but && known.has(told.packets[packet]!.event);
    const would = [...extra].some((at) => {
      const { to: target, event: sent, dueMicros, sentMicros, fate } = told.packets[at]!;
      const late = fate === 'delivered' && dueMicros >= told.events[to - 1]!.micros;
      return target === node && known.has(sent) && (late ? sentMicros : dueMicros) <= micros;
    });
    if (earlier || heard || would) known.add(event);
  }
  return known.has(to);
}

function* subsets(of: readonly number[], size: number): Generator<readonly number[]> {
  if (size === 0) yield [];
  else {
    for (let at = 0; at + size <= of.length; at++) {
      for (const rest of subsets(of.slice(at + 1), size - 1)) yield [of[at]!, ...rest];
    }
  }
}

describe('of 400 random runs', () => {
  const found = { told: 0, missing: 0, nothing: 0 };

  it('the missing messages are enough, none of them can go, and no fewer would do', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const { told, ops } = chatter(seed);
      const chain = causeChain(told, evidenceOf(...ops))!;
      const { by, of } = chain.told[0]!;
      const to = chain.answeredIn;
      const silent = told.packets.flatMap(({ handledIn, event }, at) =>
        event < to && event >= of.from && (handledIn === BEFORE || handledIn > to) ? [at] : [],
      );
      const all = knows(told, of.from, to, new Set(silent));
      expect(by !== null, `seed ${seed}`).toBe(all);
      if (by === null) {
        found.nothing += 1;
        continue;
      }
      const missing = by.filter(({ silence }) => silence !== null).map(({ packet }) => packet);
      expect(knows(told, of.from, to, new Set(missing)), `seed ${seed}`).toBe(true);
      for (let fewer = 0; fewer < missing.length; fewer++) {
        for (const set of subsets(silent, fewer)) {
          expect(knows(told, of.from, to, new Set(set)), `seed ${seed}`).toBe(false);
        }
      }
      found[missing.length > 0 ? 'missing' : 'told'] += 1;
    }
    // Every kind of answer was met, or the loop would say nothing of it.
    expect(Math.min(found.told, found.missing, found.nothing)).toBeGreaterThan(20);
  });
});
