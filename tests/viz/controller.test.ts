import { describe, expect, it } from 'vitest';
import type { Deed } from '../../src/viz/state/acts.ts';
import { countOf, syntheticEngine } from './support/synthetic.ts';
import { harness } from './support/harness.ts';

function opened() {
  const engine = syntheticEngine();
  const page = harness(engine);
  page.controller.start();
  page.controller.open({ from: 'link', link: '#s=test/synthetic' });
  page.settle();
  return { ...page, engine };
}

const crash = (id: string): Deed => ({
  name: `crash ${id}`,
  acts: [{ do: 'inject', id, fault: { type: 'crash', target: 'n1' } }],
});

const goTo = (page: ReturnType<typeof opened>, micros: number) => {
  page.controller.scrubTo(micros);
  page.settle();
};

const faultsNow = (page: ReturnType<typeof opened>) =>
  page.controller.state.scene?.faults.map((fault) => fault.id);

describe('opening', () => {
  it('shows the catalogue and the run, and asks for a little of it', () => {
    const page = opened();
    const { state } = page.controller;
    expect(state.catalogue?.map((entry) => entry.id)).toEqual(['test/synthetic']);
    expect(state.phase).toBe('ready');
    expect(state.scene?.nodes).toHaveLength(3);
    expect(state.head.micros).toBeGreaterThan(0);
    expect(state.head.micros).toBeLessThan(400_000);
    expect(page.addresses.at(-1)).toBe('#acts=0&h=');
  });

  it('asks before it runs a link of another engine version', () => {
    const page = opened();
    page.controller.open({ from: 'link', link: '#v=9' });
    page.settle();
    expect(page.controller.state.phase).toBe('asking');
    expect(page.controller.state.head.micros).toBe(0);
    page.controller.runAnyway();
    page.settle();
    expect(page.controller.state.phase).toBe('ready');
    expect(page.controller.state.head.micros).toBeGreaterThan(0);
  });

  it('tells a wrong link in one sentence', () => {
    const page = opened();
    page.controller.open({ from: 'link', link: '#wrong' });
    page.settle();
    expect(page.controller.state).toMatchObject({
      phase: 'failed',
      problem: { message: 'wrong link' },
    });
  });

  it('says whether the run is the one its link speaks of', () => {
    const page = opened();
    page.controller.open({ from: 'link', link: '#h=' });
    page.settle();
    expect(page.controller.state.sameness).toBe('same');
  });
});

describe('time', () => {
  it('plays as fast as it is told and stops at the end', () => {
    const page = opened();
    page.controller.setSpeed(1);
    page.controller.play();
    page.frame(50);
    expect(page.controller.position.micros).toBe(50_000);
    for (let i = 0; i < 20; i++) page.frame(50);
    expect(page.controller.position.micros).toBe(400_000);
    expect(page.controller.state).toMatchObject({ playing: false, ended: 'duration' });
    expect(page.controller.wantsFrames).toBe(false);
  });

  it('does not lose what is less than a microsecond', () => {
    const page = opened();
    page.controller.setSpeed(0.001);
    page.controller.play();
    for (let i = 0; i < 1_000; i++) page.frame(0.3);
    // A thousand times 0.3 is a little less than 300 in doubles.
    expect(page.controller.position.micros).toBeGreaterThanOrEqual(299);
  });

  it('steps by events both ways', () => {
    const page = opened();
    goTo(page, 20_500);
    page.controller.stepEvent(1);
    expect(page.controller.position).toEqual({ micros: 21_000, event: 21 });
    page.controller.stepEvent(-1);
    page.controller.stepEvent(-1);
    expect(page.controller.position).toEqual({ micros: 19_000, event: 19 });
    expect(page.controller.state.announcement).toContain('event 19');
  });

  it('goes to the end and back, however far that is', () => {
    const page = opened();
    page.controller.end();
    page.settle();
    expect(page.controller.position).toEqual({ micros: 400_000, event: 400 });
    page.controller.home();
    expect(page.controller.position.micros).toBe(0);
    page.controller.live();
    expect(page.controller.position.event).toBe(400);
  });

  it('follows the story and does not stop where nothing is asked', () => {
    const page = opened();
    goTo(page, 10_000);
    expect(page.controller.state.storyStep).toBe(0);
    goTo(page, 60_000);
    expect(page.controller.state.storyStep).toBe(1);
  });
});

describe('acting', () => {
  it('at the furthest moment shown is live: no branch, the unseen future is dropped', () => {
    const page = opened();
    goTo(page, 30_500);
    const headBefore = page.controller.state.head;
    expect(headBefore.micros).toBeGreaterThan(30_500);
    page.controller.act(crash('a'));
    page.settle();
    expect(page.controller.state.branches).toHaveLength(1);
    expect(faultsNow(page)).toEqual(['a']);
    expect(page.controller.state.spec?.interventions).toMatchObject([
      { micros: 30_500, afterEventNumber: 30 },
    ]);
    expect(page.addresses.at(-1)).toBe('#acts=1&h=');
  });

  it('before it makes a branch, and the old one can be shown again', () => {
    const page = opened();
    goTo(page, 100_000);
    goTo(page, 30_000);
    page.controller.act(crash('b'));
    page.settle();
    expect(page.controller.state.branches.map((branch) => branch.name)).toEqual([
      'Original',
      'crash b',
    ]);
    goTo(page, 60_000);
    expect(faultsNow(page)).toEqual(['b']);
    page.controller.switchBranch(0);
    page.settle();
    expect(faultsNow(page)).toEqual([]);
    expect(page.controller.state.spec?.interventions).toEqual([]);
    expect(page.controller.position.micros).toBe(60_000);
    expect(page.controller.state.shown.micros).toBe(100_000);
    page.controller.switchBranch(1);
    page.settle();
    expect(faultsNow(page)).toEqual(['b']);
  });

  it('twice at once keeps both acts, in order', () => {
    const page = opened();
    goTo(page, 30_000);
    page.controller.act(crash('a'));
    page.controller.act(crash('b'));
    page.settle();
    expect(faultsNow(page)).toEqual(['a', 'b']);
    const { ledger } = page.controller.state;
    expect(ledger.faults.map((span) => span.fault.id)).toEqual(['a', 'b']);
  });

  it('at the very start, before the first event, keeps every act', () => {
    const page = opened();
    page.controller.act(crash('a'));
    page.settle();
    page.controller.act(crash('b'));
    page.settle();
    expect(faultsNow(page)).toEqual(['a', 'b']);
    expect(page.controller.state.spec?.interventions).toMatchObject([
      { micros: 0, afterEventNumber: 0 },
      { micros: 0, afterEventNumber: 0 },
    ]);
  });

  it('where one acted before keeps that act, also after coming back to it', () => {
    const page = opened();
    goTo(page, 30_000);
    page.controller.act(crash('a'));
    page.settle();
    goTo(page, 90_000);
    goTo(page, 30_000);
    page.controller.act(crash('b'));
    page.settle();
    expect(page.controller.state.branches).toHaveLength(2);
    goTo(page, 60_000);
    expect(faultsNow(page)).toEqual(['a', 'b']);
  });

  it('can be taken back: the run goes on as if it had not been', () => {
    const page = opened();
    goTo(page, 30_000);
    page.controller.act(crash('a'));
    page.settle();
    goTo(page, 90_000);
    page.controller.undo();
    page.settle();
    expect(page.controller.position.micros).toBe(30_000);
    expect(faultsNow(page)).toEqual([]);
    expect(page.controller.state.ledger.faults).toEqual([]);
    goTo(page, 90_000);
    expect(page.controller.state.scene?.nodes.map(countOf)).toEqual([30, 30, 30]);
    expect(faultsNow(page)).toEqual([]);
  });

  it('taken back in a branch that has no other leaves its parent, and no empty branch', () => {
    const page = opened();
    goTo(page, 100_000);
    goTo(page, 30_000);
    page.controller.act(crash('a'));
    page.settle();
    goTo(page, 60_000);
    page.controller.act(crash('b'));
    page.settle();
    page.controller.undo();
    page.settle();
    expect(page.controller.state.branches.map(({ name }) => name)).toEqual(['Original', 'crash a']);
    page.controller.undo();
    page.settle();
    expect(page.controller.state.branches.map(({ name }) => name)).toEqual(['Original']);
    expect(page.controller.state.branch).toBe(0);
    expect(page.controller.position.micros).toBe(30_000);
    expect(page.controller.state.shown.micros).toBe(100_000);
    expect(page.controller.state.spec?.interventions).toEqual([]);
    goTo(page, 90_000);
    expect(faultsNow(page)).toEqual([]);
  });

  it('goes on playing', () => {
    const page = opened();
    page.controller.setSpeed(1);
    page.controller.play();
    page.frame(50);
    page.controller.act(crash('a'));
    page.settle();
    page.frame(50);
    expect(page.controller.position.micros).toBe(100_000);
    expect(faultsNow(page)).toEqual(['a']);
  });
});

describe('an act that is refused', () => {
  const untouched = (page: ReturnType<typeof opened>) => {
    const { ended, scene, position, head, shown, branches, branch, ledger, spec } =
      page.controller.state;
    const { playing, sameness } = page.controller.state;
    return {
      ...{ ended, scene, position, head, shown, branches, branch, ledger, spec },
      ...{ playing, sameness, hash: page.controller.traceHash },
    };
  };

  it('at the end of the run leaves the verdict as it stands', () => {
    const page = opened();
    page.controller.open({ from: 'link', link: '#h=' });
    page.settle();
    page.controller.end();
    page.settle();
    const before = untouched(page);
    expect(before).toMatchObject({ ended: 'duration', sameness: 'same' });
    page.controller.act(crash('late'));
    page.settle();
    expect(page.controller.state.refusal?.message).toBe('The run is over.');
    expect(untouched(page)).toEqual(before);
    expect(page.controller.state.scene?.ended).toBe('duration');
  });

  it('in the past makes no branch, and the next act is taken', () => {
    const page = opened();
    goTo(page, 100_000);
    goTo(page, 30_000);
    const before = untouched(page);
    page.controller.act({ name: 'mend', acts: [{ do: 'undo', id: 'none' }] });
    page.settle();
    expect(page.controller.state.refusal?.message).toBe('Nothing to undo.');
    expect(untouched(page)).toEqual(before);
    page.controller.act(crash('a'));
    page.settle();
    expect(page.controller.state.refusal).toBeNull();
    expect(faultsNow(page)).toEqual(['a']);
    expect(page.controller.state.branches).toHaveLength(2);
  });

  it('while playing does not stop the play', () => {
    const page = opened();
    page.controller.setSpeed(1);
    page.controller.play();
    page.frame(50);
    page.controller.act({ name: 'mend', acts: [{ do: 'undo', id: 'none' }] });
    page.settle();
    page.frame(50);
    expect(page.controller.position.micros).toBe(100_000);
    expect(page.controller.state.head.micros).toBeGreaterThan(100_000);
  });
});

describe('looking', () => {
  it('at a node does not move the run', () => {
    const page = opened();
    goTo(page, 40_000);
    const before = page.controller.state.head;
    page.controller.select(1);
    page.settle();
    expect(page.controller.state.inspected).toMatchObject({ node: 1, config: { node: 1 } });
    goTo(page, 200_000);
    expect(page.controller.state.head.micros).toBeGreaterThan(before.micros);
    expect(page.controller.state.scene?.nodes.map(countOf)).toEqual([66, 67, 67]);
  });
});
