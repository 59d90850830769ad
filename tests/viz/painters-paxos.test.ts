/** The painter of Multi-Paxos servers over frames of a real run: ballots, slots and quorums. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, ViewOf } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { pageOf } from './support/moments.ts';
import { drawn, saying } from './support/paper.ts';

type PaxosKvView = ViewOf<'paxos-kv'>;

const page = pageOf('#s=consensus/flexible-quorums');

const serversAt = (micros: number): readonly NodeFrame[] =>
  page(micros).filter(({ component }) => component === 'paxos-kv');

const having = (nodes: readonly NodeFrame[], role: PaxosKvView['role']): NodeFrame | undefined =>
  nodes.find(({ roles }) => roles.includes(role));
const viewOf = (node: NodeFrame): PaxosKvView => node.view as PaxosKvView;

/** From a moment on, in small steps, until somebody plays the role. */
function waitFor(role: PaxosKvView['role'], from: number): NodeFrame {
  for (let micros = from; micros < from + 1_000_000; micros += 500) {
    const node = having(serversAt(micros), role);
    if (node !== undefined) return node;
  }
  throw new Error(`nobody is ${role} soon after ${from}`);
}

const calm = serversAt(2_000_000);
const leader = having(calm, 'leader')!;
const follower = having(calm, 'follower')!;
const arcs = (node: NodeFrame) => drawn(node).calls.filter(({ name }) => name === 'arc').length;

describe('the painter of Multi-Paxos servers', () => {
  it('draws the ballot that was promised, the role, and the newest slots', () => {
    const { round, owner, chosen, lastSlot } = viewOf(leader);
    expect(owner).toBe(leader.name);
    const { texts } = drawn(leader);
    expect(texts).toEqual([leader.name, `${round}, ${owner}`, 'LD', `${chosen} of ${lastSlot}`]);
    expect(drawn(follower).texts[1]).toBe(`${round}, ${owner}`);
    expect(painterOf('paxos-kv').termOf(leader)).toBe(round);
  });

  it('fills the slots that are chosen, and of the others only the floor', () => {
    const view = viewOf(follower);
    const cells = (chosen: boolean): number => {
      const slots = view.slots.map((slot) => ({ ...slot, chosen }));
      const { calls } = drawn(saying(follower, { ...view, slots }));
      return calls.filter(({ name, given }) => name === 'roundRect' && given[3] === 4).length;
    };
    expect(cells(true)).toBe(0);
    expect(cells(false)).toBe(view.slots.length);
    expect(view.slots).toHaveLength(12);
  });

  it('shows of a candidate who has promised, of how many are needed', () => {
    // The leader and one other go down at 7 s, and a timeout lasts for 200 ms or so.
    const candidate = waitFor('candidate', 7_160_000);
    const { promises, servers, phase1Quorum } = viewOf(candidate);
    expect(servers).toBe(5);
    expect(arcs(candidate)).toBe(servers);
    expect(describeNode(candidate)).toContain(`${promises.length} of ${phase1Quorum} promises`);
    expect(drawn(candidate).texts).toContain('PP');
    expect(painterOf('paxos-kv').timerOf(candidate)).toBe('election');
  });

  it('shows of a leader how many have accepted the slot that it waits for', () => {
    const view = viewOf(leader);
    const last = view.slots.at(-1)!;
    const open = { ...last, slot: last.slot + 1, chosen: false, hasQuorum: false, acks: 1 };
    const waiting = saying(leader, { ...view, slots: [...view.slots, open] });
    expect(arcs(waiting)).toBe(view.servers);
    expect(describeNode(waiting)).toMatch(
      new RegExp(`slot ${open.slot} is accepted by 1 of ${view.phase2Quorum}$`),
    );
    const slots = view.slots.map((slot) => ({ ...slot, chosen: true }));
    const done = saying(leader, { ...view, slots });
    expect(arcs(done)).toBe(0);
    expect(painterOf('paxos-kv').timerOf(leader)).toBeNull();
  });

  it('tells the inspector of quorums and slots', () => {
    const { phase1Quorum, phase2Quorum } = viewOf(leader);
    const told = JSON.stringify(painterOf('paxos-kv').details(leader));
    expect(told).toContain(`"Promises that make a leader","value":"${phase1Quorum} of 5"`);
    expect(told).toContain(`"Acceptances that choose","value":"${phase2Quorum} of 5"`);
    expect(told).toContain('"chosen"');
  });

  it('draws it down, and explains its letters', () => {
    const down = { ...leader, status: 'down', view: null } as const;
    expect(drawn(down).texts).toEqual([leader.name, 'down']);
    expect(painterOf('paxos-kv').hint(leader)).toMatch(/^LD\. Leader/);
    expect(painterOf('paxos-kv').hint(follower)).toMatch(/^AC\. Acceptor/);
  });
});
