/** Painters over frames of real runs: what they draw, say and explain. No page is needed. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { COMPONENTS } from '../../src/sim/index.ts';
import { plainPainter } from '../../src/viz/painters/generic.ts';
import { describeNode, hasPainter, painterOf } from '../../src/viz/painters/index.ts';
import { paceOf, tallyOfAll } from '../../src/viz/painters/tally.ts';
import { engine } from '../../src/viz/worker/engine.ts';
import { harness } from './support/harness.ts';
import { pageOf } from './support/moments.ts';
import { drawn } from './support/paper.ts';

const page = pageOf('#s=cap/cp-partition');
const nodes = page(3_000_000);
const leader = nodes.find((node) => node.roles.includes('leader'))!;
const client = nodes.find((node) => node.component === 'kv-client')!;

describe('the painters', () => {
  it('are there for every component of the catalogue, under its own name', () => {
    for (const name of Object.keys(COMPONENTS)) {
      expect(hasPainter(name), name).toBe(true);
      expect(painterOf(name).component).toBe(name);
      expect(painterOf(name).legend.length, name).toBeGreaterThan(0);
    }
  });

  it('narrow a view once and need no cast', () => {
    const folder = new URL('../../src/viz/painters/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      const text = readFileSync(new URL(file, folder), 'utf8');
      expect(text.match(/ as (?!const\b)\w+[;,)]|\bany\b(?=[,;)>])/g), file).toBeNull();
      expect(text.match(/^import (?!type)[^;]*'pixi\.js'/m), file).toBeNull();
    }
  });

  it('draw a server with its term, its role and its log', () => {
    const { texts, shape, over } = drawn(leader);
    expect(texts).toContain(leader.name);
    expect(texts).toContain(`term ${painterOf('raft-kv').termOf(leader)}`);
    expect(texts).toContain('LE');
    expect(shape).toBeGreaterThan(3);
    expect(over).toBeGreaterThan(5);
  });

  it('draw a node that is down, whose view is gone', () => {
    const { texts } = drawn({ ...leader, status: 'down', view: null });
    expect(texts).toEqual([leader.name, 'down']);
    expect(painterOf('raft-kv').timerOf({ ...leader, view: null })).toBeNull();
    expect(describeNode({ ...leader, status: 'down', view: null })).toBe(`${leader.name}, crashed`);
  });

  it("do not take another component's view for their own", () => {
    const strange: NodeFrame = { ...client, view: leader.view };
    expect(painterOf('kv-client').tallyOf(strange)).toBeNull();
    expect(painterOf('kv-client').details(strange)).toEqual([]);
  });

  it('say a node in words, and every other component by its name and roles', () => {
    expect(describeNode(leader)).toMatch(/^n\d, leader in term \d+, log to \d+, committed to \d+$/);
    expect(describeNode(client)).toMatch(/client: \d+ ok, \d+ failed, \d+ unknown$/);
    const foreign: NodeFrame = {
      ...client,
      name: 'o1',
      component: 'ticket-office',
      roles: ['open'],
      view: { component: 'ticket-office', fields: [{ label: 'sold', value: 7 }] },
    };
    expect(describeNode(foreign)).toBe('o1, ticket-office, open');
    expect(drawn(foreign).texts).toContain('sold 7');
    expect(painterOf('ticket-office').details(foreign)).toEqual([
      { kind: 'fields', fields: [{ label: 'sold', value: 7 }] },
    ]);
  });

  it('are plain until somebody draws more: badge, fields and a line of the legend', () => {
    const office = plainPainter('ticket-office', 'TO', 'Sells tickets.');
    expect(office.component).toBe('ticket-office');
    expect(office.legend).toEqual([
      { mark: { shape: 'rounded', badge: 'TO' }, text: 'Sells tickets.' },
    ]);
    expect(office.draw).toBe(painterOf('ticket-office').draw);
  });

  it('draw an arc for a follower and none for a leader', () => {
    const follower = nodes.find((node) => node.component === 'raft-kv' && node !== leader)!;
    expect(painterOf('raft-kv').timerOf(follower)).toBe('election');
    expect(painterOf('raft-kv').timerOf(leader)).toBeNull();
  });

  it('add up what the clients saw', () => {
    const clients = nodes.filter((node) => node.component === 'kv-client');
    const each = clients.map((node) => painterOf('kv-client').tallyOf(node)!.ok);
    expect(tallyOfAll(nodes)?.ok).toBe(each.reduce((a, b) => a + b, 0));
    expect(tallyOfAll(nodes.filter((node) => node.component === 'raft-kv'))).toBeNull();
  });

  it('tell the inspector of a log and of peers', () => {
    const kinds = painterOf('raft-kv')
      .details(leader)
      .map((part) => part.title ?? part.kind);
    expect(kinds.slice(0, 3)).toEqual([
      'fields',
      'Log, newest last',
      'Followers, as this leader sees them',
    ]);
  });
});

describe('a group of clients', () => {
  const group = (at: readonly NodeFrame[]) => at.filter((node) => node.group === 'a');

  it('says how much it gets done, that it is stalled, or that it has finished', () => {
    const pace = (micros: number, ended = false) =>
      paceOf(group(page(micros)), group(page(micros - 1_000_000)), 1_000_000, ended);
    expect(pace(2_000_000)?.tone).toBe('going');
    expect(pace(2_000_000)?.text).toMatch(/^\d+ ok\/s$/);
    expect(pace(5_000_000)).toEqual({ text: 'stalled', tone: 'stalled' });
    // Its time is over at 9.5 s, and the run goes on.
    expect(pace(11_500_000)).toEqual({ text: 'done', tone: 'done' });
    expect(pace(5_000_000, true)).toEqual({ text: 'done', tone: 'done' });
  });
});

describe('a client that asks rarely', () => {
  const rare = pageOf('#s=caching/near-and-far');
  const at = (micros: number) => rare(micros).filter((node) => node.group === 'writer');

  it('has not stalled between two requests', () => {
    const texts = new Set<string | undefined>();
    for (let micros = 2_000_000; micros < 6_000_000; micros += 250_000) {
      const now = at(micros);
      texts.add(paceOf(now, at(micros - 150_000), 150_000, false)?.text);
    }
    expect(texts.has('asks nothing now')).toBe(true);
    expect(texts.has('stalled')).toBe(false);
  });
});

describe('what is written on a server', () => {
  it('is explained where it stands', () => {
    expect(painterOf('raft-kv').hint(leader)).toMatch(/^LE\. Leader/);
    expect(painterOf('kv-client').hint(client)).toBe('');
    const follower = nodes.find((node) => node.roles.includes('follower'))!;
    expect(painterOf('raft-kv').hint(follower)).toMatch(/^FO\. Follower/);
  });

  it('says why the entries of a leader that is cut off are stuck', () => {
    const { controller, settle } = harness(engine);
    controller.open({ from: 'link', link: '#s=cap/cp-partition' });
    settle();
    controller.scrubTo(1_000_000);
    settle();
    const first = controller.state.scene!.nodes.find((node) => node.roles.includes('leader'))!;
    controller.act({
      name: 'cut',
      acts: [
        {
          do: 'inject',
          id: 'alone',
          // Every client is on its side: nobody else hears the writes.
          fault: { type: 'partition', groups: [[first.name, 'a', 'b']] },
        },
      ],
    });
    settle();
    controller.scrubTo(1_150_000);
    settle();
    const stuck = controller.state.scene!.nodes[first.index]!;
    expect(stuck.roles).toContain('leader');
    expect(describeNode(stuck)).toMatch(/: entr(y|ies) .*waits? for a quorum, \d+ is on 1 of 5$/);
    const told = JSON.stringify(painterOf(stuck.component).details(stuck));
    expect(told).toContain('for a quorum');
  });
});
