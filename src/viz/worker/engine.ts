/**
 * The real engine behind the protocol: sessions of the simulator, the catalogue, links.
 *
 * The only file of the page that runs the simulator; the page itself uses its types.
 */
import { catalogue } from '../../../scenarios/index.ts';
import {
  DivergenceError,
  ENGINE,
  ProofRun,
  ScenarioError,
  Session,
  Value,
  decodeLink,
  encodeLink,
  findScenario,
  makeRegistry,
  makeSpec,
  rulesInUse,
} from '../../sim/index.ts';
import type { AnyScenario, Registry, RunSpec, Scenario, ScenarioParts } from '../../sim/index.ts';
import type { Engine, ResolvedSource, RunningSession } from './engine-port.ts';
import type {
  ActionEntry,
  CatalogueEntry,
  ParamsSchema,
  Problem,
  RuleEntry,
  RunSource,
  ScenarioEntry,
} from './protocol.ts';
import { TracedSession } from './traced.ts';

/** Schemas carry symbols that cannot travel; what is left is JSON Schema. */
const plain = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T;

const registryOf = (scenario: Scenario | null): Registry =>
  makeRegistry((scenario?.registers ?? {}) as ScenarioParts);

function entryOf(any: AnyScenario): CatalogueEntry {
  const scenario = any as unknown as Scenario;
  return {
    id: scenario.id,
    topic: scenario.topic,
    title: scenario.title,
    summary: scenario.summary,
    tier: scenario.tier,
    sources: scenario.sources,
    params: plain<ParamsSchema>(scenario.params),
    variants: scenario.variants.map((variant) => ({
      name: variant.name,
      about: variant.about,
      params: plain(variant.params ?? {}),
      ablations: variant.ablations ?? [],
    })),
    thingsToTry: scenario.thingsToTry,
    leavesOut: scenario.leavesOut,
  };
}

/** What it takes to find out the rules of all scenarios is too much to open a page. */
function openedEntry(id: string): ScenarioEntry | null {
  const found = catalogue.find((one) => one.id === id);
  if (found === undefined) return null;
  return { ...entryOf(found), rules: rulesOf(found as unknown as Scenario) };
}

/** The rules that one of its variants uses: to switch off another would change nothing. */
function rulesOf(scenario: Scenario): RuleEntry[] {
  const registry = registryOf(scenario);
  const used = new Set<string>();
  for (const variant of scenario.variants) {
    const params = Value.Default(scenario.params, { ...variant.params });
    const plan = scenario.plan(params as never, []);
    for (const { id } of rulesInUse(plan, registry)) used.add(id);
  }
  const rules = [...registry.rules.values()].filter(({ id }) => used.has(id));
  return rules.map(({ id, rule, breaks, source }) => ({
    name: id,
    about: `${rule} Without it: ${breaks}`,
    source,
  }));
}

function resolveSource(source: RunSource): ResolvedSource {
  switch (source.from) {
    case 'spec':
      return { spec: source.spec, expectedHash: null, atMicros: null, otherEngine: null };
    case 'choices': {
      const scenario = findScenario(source.id, catalogue) as unknown as AnyScenario;
      const { seed, params, ablations } = source;
      const spec = makeSpec(scenario, { seed, params, ablations });
      return { spec, expectedHash: null, atMicros: null, otherEngine: null };
    }
    case 'link': {
      const { spec, traceHash, hashEvent, atMicros } = decodeLink(source.link);
      return {
        // Whatever version made the link, this one runs it; the page says so first.
        spec: { ...spec, engine: ENGINE },
        expectedHash: traceHash === undefined ? null : { traceHash, afterEvent: hashEvent ?? null },
        atMicros: atMicros ?? null,
        otherEngine: spec.engine === ENGINE ? null : spec.engine,
      };
    }
  }
}

class WatchedSession implements RunningSession {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get spec() {
    return this.#session.spec;
  }
  get plan() {
    return this.#session.plan;
  }
  get comparedWith() {
    const { variant, beyondVariant } = this.#session;
    return variant !== null && beyondVariant.length > 0 ? variant.name : null;
  }
  get idleParams() {
    return this.#session.idleParams;
  }
  get durationMicros() {
    return this.#session.durationMicros;
  }
  get nowMicros() {
    return this.#session.nowMicros;
  }
  get eventNumber() {
    return this.#session.eventNumber;
  }
  get ended() {
    return this.#session.ended;
  }
  get traceHash() {
    return this.#session.traceHash;
  }
  advance(to: { untilMicros?: number; events?: number }) {
    this.#session.advance(to);
  }
  seek(to: { micros: number } | { event: number }) {
    this.#session.seek(to);
  }
  intervene(act: Parameters<Session['intervene']>[0]) {
    return this.#session.intervene(act);
  }
  report() {
    return this.#session.report();
  }
  takeChunk() {
    return this.#session.takeChunk();
  }

  inspect(node: number) {
    const { config, actions } = this.#session.inspect(node);
    return {
      config: plain<{ readonly [name: string]: unknown }>(config),
      actions: plain<ActionEntry[]>(actions),
    };
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof ScenarioError) {
    const { message, path, hint } = error;
    return { kind: 'scenario', message, path, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DivergenceError) {
    return {
      kind: 'divergence',
      message: `Two runs of one specification differed. ${message}`,
      path: '',
      hint: 'This is a mistake of the simulator: please report it with the link of the run.',
    };
  }
  return {
    kind: 'bug',
    message: `The engine made a mistake: ${message}`,
    path: '',
    hint: 'Please report it with the link of the run.',
  };
}

export const engine: Engine = {
  catalogue: () => catalogue.map(entryOf),
  entry: openedEntry,
  resolve: resolveSource,
  open: (spec: RunSpec, watched: boolean) =>
    new WatchedSession(
      new Session(spec, {
        scenarios: catalogue,
        observe: { frames: watched },
        checkpoints: watched,
        link: globalThis.location?.href.split('#')[0] ?? '',
      }),
    ),
  trace: (spec) => new TracedSession(spec, catalogue),
  explain: (spec, finding) => new ProofRun(finding, spec, catalogue),
  link: (spec, extra) => encodeLink(spec, extra),
  problemOf,
};
