/** The page's protocol over the real engine: what a viewer sees is the run that a terminal runs. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import {
  Session,
  encodeLink,
  makeSpec,
  proofOf,
  slowestOf,
  sourceOf,
  spanRows,
} from '../../src/sim/index.ts';
import { choicesFor, partitionDeed } from '../../src/viz/state/acts.ts';
import { momentOf } from '../../src/viz/state/story.ts';
import { engine } from '../../src/viz/worker/engine.ts';
import { hasPainter } from '../../src/viz/painters/index.ts';
import { tallyOfAll } from '../../src/viz/painters/tally.ts';
import { harness } from './support/harness.ts';

const ID = 'cap/cp-partition';

function opened(link = `#s=${ID}`) {
  const page = harness(engine);
  page.controller.start();
  page.controller.open({ from: 'link', link });
  page.settle();
  return page;
}

type Page = ReturnType<typeof opened>;

const goTo = (page: Page, micros: number) => {
  page.controller.scrubTo(micros);
  page.settle();
};

const toTheEnd = (page: Page) => {
  page.controller.end();
  page.settle();
  return page.controller.traceHash;
};

/** The same specification, run headless in one go. */
const headless = (page: Page) => {
  const session = new Session(page.controller.state.spec!, { scenarios: catalogue });
  return session.run().traceHash;
};

function cutTheLeaderOff(page: Page): void {
  const { scene, spec } = page.controller.state;
  const leader = scene!.nodes.find((node) => node.roles.includes('leader'))!;
  page.controller.act(partitionDeed(spec!, [[leader.name]]));
  page.settle();
}

describe('the catalogue on the page', () => {
  it('has every scenario, with parameters that travel', () => {
    const page = opened();
    const { catalogue: entries } = page.controller.state;
    expect(entries?.map((entry) => entry.id)).toEqual(catalogue.map((scenario) => scenario.id));
    expect(structuredClone(entries)).toEqual(entries);
    for (const entry of entries ?? []) {
      for (const [name, schema] of Object.entries(entry.params.properties ?? {})) {
        expect(schema.description, `${entry.id} ${name}`).toBeTruthy();
        expect(schema.default, `${entry.id} ${name}`).toBeDefined();
      }
    }
  });

  it('offers the rules that the components of a scenario can switch off', () => {
    const entry = engine.entry(ID);
    expect(structuredClone(entry)).toEqual(entry);
    expect(entry?.rules.map(({ name }) => name)).toContain('raft.persist-term');
  });

  it('draws only components that have a painter', () => {
    for (const scenario of catalogue) {
      const { plan } = new Session(makeSpec(scenario), { scenarios: catalogue });
      for (const group of plan.groups)
        expect(hasPainter(group.component), group.component).toBe(true);
    }
  });
});

describe('a watched run', () => {
  it('opens with its nodes booted', () => {
    const { position, scene } = opened().controller.state;
    expect(position.micros).toBe(0);
    expect(position.event).toBeGreaterThan(0);
    expect(scene!.nodes.map((node) => node.status)).not.toContain('down');
  });

  it('shows a restart at the moment of the act, and the link knows that moment', () => {
    const page = opened();
    goTo(page, 1_200_000);
    const { controller } = page;
    const press = (key: string) => {
      const { scene, spec } = controller.state;
      const deed = choicesFor(scene!.nodes[1]!, scene!, spec!).find((one) => one.key === key)!.deed;
      controller.act(deed!);
      page.settle();
      return controller.state.scene!.nodes[1]!.status;
    };
    expect(press('crash')).toBe('down');
    expect(press('restart')).toBe('up');
    expect(controller.state.position.micros).toBe(1_200_000);
    expect(toTheEnd(page)).toBe(headless(page));
  });

  it('knows what got through a second ago', () => {
    const page = opened();
    expect(page.controller.lately()).toBeNull();
    goTo(page, 2_500_000);
    const before = tallyOfAll(page.controller.lately()!.nodes)!.ok;
    expect(page.controller.lately()!.micros).toBe(1_000_000);
    goTo(page, 1_500_000);
    expect(tallyOfAll(page.controller.state.scene!.nodes)!.ok).toBe(before);
  });

  it('is the run of the terminal, whatever was looked at on the way', () => {
    const page = opened();
    goTo(page, 3_200_000);
    page.controller.select(2);
    page.settle();
    goTo(page, 1_000_000);
    page.controller.stepEvent(1);
    page.settle();
    goTo(page, 5_000_000);
    page.controller.home();
    page.settle();
    expect(toTheEnd(page)).toBe(headless(page));
  });

  it('is the same played live and opened from its link', () => {
    const page = opened();
    goTo(page, 1_500_000);
    cutTheLeaderOff(page);
    goTo(page, 2_500_000);
    page.controller.act({ name: 'heal all', acts: [{ do: 'heal-all' }] });
    page.settle();
    const { link } = page.controller.state;
    const hash = toTheEnd(page);
    expect(hash).toBe(headless(page));
    const other = opened(link);
    expect(other.controller.state.spec).toEqual(page.controller.state.spec);
    expect(toTheEnd(other)).toBe(hash);
  });

  it('shows the cut that was made, and the link shows it at the same moment', () => {
    const page = opened();
    goTo(page, 1_500_000);
    cutTheLeaderOff(page);
    expect(page.controller.state.scene?.faults).toHaveLength(1);
    const other = opened(page.controller.state.link);
    goTo(other, 1_499_999);
    expect(other.controller.state.scene?.faults).toHaveLength(0);
    goTo(other, 1_500_000);
    expect(other.controller.state.scene?.faults.map((fault) => fault.islands)).toEqual(
      page.controller.state.scene?.faults.map((fault) => fault.islands),
    );
  });

  it('branches in the past, and each branch stays the run that it was', () => {
    const page = opened();
    goTo(page, 2_000_000);
    goTo(page, 1_000_000);
    cutTheLeaderOff(page);
    const branched = toTheEnd(page);
    expect(branched).toBe(headless(page));
    page.controller.switchBranch(0);
    page.settle();
    const original = toTheEnd(page);
    expect(original).toBe(headless(page));
    expect(original).not.toBe(branched);
    page.controller.switchBranch(1);
    page.settle();
    expect(page.controller.traceHash).toBe(branched);
  });

  it('takes acts at its very start, one after the other', () => {
    const page = opened();
    page.controller.act({
      name: 'crash n1',
      acts: [{ do: 'inject', id: 'x', fault: { type: 'crash', target: 'n1' } }],
    });
    page.settle();
    page.controller.act({ name: 'heal all', acts: [{ do: 'heal-all' }] });
    page.settle();
    expect(page.controller.state.scene?.faults).toEqual([]);
    expect(page.controller.state.spec?.interventions).toHaveLength(2);
    expect(toTheEnd(page)).toBe(headless(page));
  });

  it('takes an act back and is what it was', () => {
    const page = opened();
    const plain = headless(page);
    goTo(page, 1_000_000);
    cutTheLeaderOff(page);
    goTo(page, 1_800_000);
    page.controller.undo();
    page.settle();
    expect(toTheEnd(page)).toBe(plain);
  });

  it('proves itself, and a link with its hash says the same run', () => {
    const page = opened();
    goTo(page, 500_000);
    cutTheLeaderOff(page);
    page.controller.prove();
    page.settle();
    const { proof } = page.controller.state;
    expect(proof?.report.traceHash).toBe(headless(page));
    const other = opened(proof!.link);
    expect(other.controller.state.sameness).toBe('same');
    expect(other.controller.position.micros).toBe(500_000);
    const forged = opened(proof!.link.replace(/h=[0-9a-f]{4}/, 'h=0000'));
    expect(forged.controller.state.sameness).toBe('differs');
  });

  it('judges a document by what the scenario that built it expects', () => {
    const scenario = catalogue.find(({ id }) => id === ID)!;
    const built = new Session(makeSpec(scenario, { variant: 'local-reads' }), {
      scenarios: catalogue,
    });
    const from = sourceOf('mine/reads', built);
    const spec = { ...built.spec, scenario: { document: built.plan, from }, params: {} };
    const page = opened(encodeLink(spec));
    toTheEnd(page);
    const shown = page.controller.state.ledger.findings;
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter(({ expected }) => !expected)).toEqual([]);
  });

  it('tells its story in order', () => {
    const page = opened();
    toTheEnd(page);
    const { run, ledger } = page.controller.state;
    const moments = run!.plan.story.map((step, i) => momentOf(step, i, ledger.story));
    expect(moments).not.toContain(null);
    expect(moments).toEqual([...moments].sort((a, b) => Number(a) - Number(b)));
    // Going back, a step is told only from its moment on.
    goTo(page, moments[1]! - 1);
    expect(page.controller.state.storyStep).toBe(0);
    goTo(page, moments[1]!);
    expect(page.controller.state.storyStep).toBe(1);
  });
});

describe('a wrong address', () => {
  it.each([
    ['#s=cap/cp-partitoin', /cp-partitoin/, /cap\/cp-partition/],
    ['#s=cap/cp-partition&p.nodse=3', /nodse/, /nodes/],
    ['#s=cap/cp-partition&seed=lots', /seed/, /./],
    ['#s=cap/cp-partition&off=raft.persist-trem', /raft\.persist-trem/, /raft\.persist-term/],
    ['#x=garbage', /./, /./],
  ])('%s gives one sentence and the nearest choice', (link, message, hint) => {
    const page = opened(link);
    const { phase, problem } = page.controller.state;
    expect(phase).toBe('failed');
    expect(problem?.kind).toBe('scenario');
    expect(problem?.message).toMatch(message);
    expect(`${problem?.message} ${problem?.hint}`).toMatch(hint);
    expect(problem?.message.split('\n')).toHaveLength(1);
  });

  it('of another engine version says so and runs if asked', () => {
    const page = opened(`#s=${ID}&v=999`);
    expect(page.controller.state).toMatchObject({ phase: 'asking', run: { otherEngine: 999 } });
    page.controller.runAnyway();
    page.settle();
    expect(page.controller.state.scene?.nodes.length).toBeGreaterThan(0);
  });
});

describe('the slowest requests', () => {
  const TRACED = '#s=product-service/batch-reads';

  /** The command's own way to them: the run as far as it was shown, with its calls watched. */
  function watched(page: Page, micros: number): Session {
    const { spec } = page.controller.state;
    const session = new Session(spec!, { scenarios: catalogue, observe: { spans: true } });
    session.advance({ untilMicros: micros });
    return session;
  }

  it('are those of all that was shown, and stay when the viewer goes back to one', () => {
    const page = opened(TRACED);
    goTo(page, 3_000_000);
    page.controller.askRequests(null);
    page.settle();
    const { requests } = page.controller.state;
    const session = watched(page, 3_000_000);
    const asked = session.asked();
    const slowest = slowestOf(asked, 8);
    expect(requests).toMatchObject({ node: null, of: asked.length });
    expect(requests!.slowest.map(({ number }) => number)).toEqual(slowest.map((o) => o.number));
    requests!.slowest.forEach((tree, i) => {
      const rows = spanRows(session.trace(slowest[i]!.op)!);
      expect(tree.rows.map(({ bar }) => bar.fromMicros)).toEqual(
        rows.map(({ span }) => span.startMicros),
      );
      expect(tree.rows.map(({ result }) => result)).toEqual(rows.map(({ span }) => span.result));
    });
    goTo(page, requests!.slowest[0]!.rows[2]!.bar.fromMicros);
    page.controller.askRequests(null);
    page.settle();
    expect(page.controller.state.requests).toEqual(requests);
  });

  it('are those that went through a node', () => {
    const page = opened(TRACED);
    goTo(page, 2_000_000);
    const { nodes } = page.controller.state.scene!;
    const counts = ['pod1', 'pod2', 'pod3', 'shop1'].map((name) => {
      page.controller.askRequests(nodes.find((node) => node.name === name)!.index);
      page.settle();
      const { slowest, of } = page.controller.state.requests!;
      for (const { rows } of slowest) expect(rows.some((r) => r.title.includes(name))).toBe(true);
      return of;
    });
    const [all] = counts.slice(-1);
    expect(counts[0]! + counts[1]! + counts[2]!).toBeGreaterThanOrEqual(all! - 1);
    expect(Math.max(...counts.slice(0, 3))).toBeLessThan(all!);
  });

  it('are forgotten with the future that an act drops', () => {
    const page = opened();
    goTo(page, 2_000_000);
    page.controller.askRequests(null);
    page.settle();
    expect(page.controller.state.requests!.slowest[0]!.rows.length).toBeGreaterThan(1);
    cutTheLeaderOff(page);
    expect(page.controller.state.requests).toBeNull();
    goTo(page, 3_500_000);
    page.controller.askRequests(null);
    page.settle();
    const session = watched(page, 3_500_000);
    expect(page.controller.state.requests!.of).toBe(session.asked().length);
    const [slowest] = slowestOf(session.asked(), 1);
    expect(page.controller.state.requests!.slowest[0]!.number).toBe(slowest!.number);
  });
});

describe('the messages behind a finding', () => {
  const BROKEN = `#s=${ID}&p.readMode=local&p.checkQuorum=false`;

  /** At the end of a run in which a check breaks: its first finding. */
  function broken() {
    const page = opened(BROKEN);
    toTheEnd(page);
    const check = page.controller.state.scene!.checks.find(({ use }) => use === 'linearizable')!;
    return { page, finding: check.findings[0]! };
  }

  it('are those that the terminal prints, and stay when the viewer goes to one of them', () => {
    const { page, finding } = broken();
    const { controller } = page;
    controller.explain(finding);
    expect(controller.state.explained).toEqual({ finding, proof: null });
    page.settle();
    const { proof } = controller.state.explained!;
    expect(proof).toEqual(proofOf(finding, controller.state.spec!, catalogue));
    const messages = proof!.steps.flatMap((step) => step.messages);
    expect(messages.length).toBeGreaterThan(2);
    controller.goTo({ event: messages[0]!.event });
    page.settle();
    expect(controller.position).toEqual({
      micros: messages[0]!.atMicros,
      event: messages[0]!.event,
    });
    expect(controller.state.explained?.proof).toEqual(proof);
  });

  it('are put away, and forgotten with the future that an act drops', () => {
    const { page, finding } = broken();
    const { controller } = page;
    controller.explain(finding);
    controller.explain(null);
    page.settle();
    expect(controller.state.explained).toBeNull();
    controller.explain(finding);
    page.settle();
    expect(controller.state.explained?.proof).not.toBeNull();
    goTo(page, 3_000_000);
    controller.act({ name: 'heal all', acts: [{ do: 'heal-all' }] });
    expect(controller.state.explained).toBeNull();
  });

  it('are asked for of the newest finding only', () => {
    const { page, finding } = broken();
    const other = { ...finding, why: 'another one', evidence: finding.evidence.slice(0, 1) };
    page.controller.explain(finding);
    page.controller.explain(other);
    page.settle();
    const { explained, spec } = page.controller.state;
    expect(explained!.finding).toEqual(other);
    expect(explained!.proof).toEqual(proofOf(other, spec!, catalogue));
  });
});
