/** A check on its own: a world that the test moves, one predicate that the test switches. */
import type {
  CheckDefinition,
  CheckEnv,
  ClientFact,
  FactRecord,
  Predicate,
  RunningCheck,
  World,
} from 'faultline';
import { Type } from 'faultline';
import { validate } from '../../../../src/sim/contracts/validate.ts';
import { History } from '../../../../src/sim/observe/history.ts';

export type Told = Parameters<CheckEnv['report']>[0];

export interface StageOptions {
  readonly durationMs?: number;
  readonly healMs?: number | null;
}

/** Groups of the nodes 0, 1, 2, ... */
const GROUPS = ['a', 'a', 'b'];

export class Stage {
  readonly check: RunningCheck;
  readonly told: Told[] = [];
  readonly history = new History();
  nowMicros = 0;
  event = 0;
  /** Of each node, for a test to set. */
  readonly cores = GROUPS.map(() => ({ count: 1, busy: 0, waiting: 0 }));
  /** What clients declare that they do. */
  operations: readonly string[] | undefined;
  /** What the predicate "switch" says. */
  on = false;

  constructor(definition: CheckDefinition, args: object = {}, options: StageOptions = {}) {
    const clock = () => this.nowMicros;
    const events = () => this.event;
    const node = (index: number) => {
      const group = GROUPS[index] ?? 'c';
      const behaviour = { operations: this.operations };
      const cores = this.cores[index];
      return { index, name: `n${index}`, group, status: 'up', cores, behaviour };
    };
    const world = {
      get now() {
        return clock();
      },
      get event() {
        return events();
      },
      node,
      group: (name: string) => GROUPS.flatMap((group, i) => (group === name ? [node(i)] : [])),
    } as unknown as World;
    const predicate: Predicate = {
      name: 'switch',
      about: 'The switch is on.',
      args: Type.Object({}, { additionalProperties: false }),
      components: ['lamp'],
      holds: () => this.on,
    };
    const anywhere: Predicate = { ...predicate, name: 'anywhere', components: ['*'] };
    const heal = options.healMs ?? null;
    this.check = definition.create(validate(definition.args, args, 'args') as never, {
      id: 'it',
      world,
      history: this.history,
      predicates: new Map([predicate, anywhere].map((p) => [p.name, p])),
      durationMicros: (options.durationMs ?? 1_000) * 1_000,
      healMicros: heal === null ? null : heal * 1_000,
      report: (finding) => void this.told.push(finding),
    });
  }

  /** At this time the switch is so, and a lamp is touched. */
  look(ms: number, on: boolean): this {
    this.#to(ms);
    this.on = on;
    this.check.onTouched?.(null);
    return this;
  }

  fact(ms: number, fact: FactRecord['fact'], node = 0): this {
    this.#to(ms);
    this.check.onFact?.({ atMicros: this.nowMicros, event: this.event, node, fact });
    return this;
  }

  /** An operation that ends now. */
  done(ms: number, outcome: 'ok' | 'fail' | 'unknown', latencyMs = 1, node = 0): this {
    const fact: ClientFact = {
      type: 'client.completed',
      op: this.event,
      client: 'c',
      f: 'get',
      outcome,
      output: null,
      retries: 0,
      latencyMicros: latencyMs * 1_000,
    };
    return this.fact(ms, fact, node);
  }

  end(ms = 1_000, complete = true): this {
    this.#to(ms);
    this.check.onEnd?.(complete);
    return this;
  }

  /** What it says of itself at the end. */
  get verdict(): string {
    return this.check.standing(true).verdict;
  }
  get now(): string {
    return this.check.standing(false).verdict;
  }
  get whys(): readonly string[] {
    return this.told.map((finding) => finding.why);
  }

  #to(ms: number): void {
    this.nowMicros = Math.round(ms * 1_000);
    this.event += 1;
  }
}
