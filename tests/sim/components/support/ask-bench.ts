/**
 * A bench for components of the request path: a network of one millisecond a way, components of the
 * catalogue, and an asker that calls and sends what a test says.
 */
import { Type, cache, defineBehaviour, http, makeRegistry, sql } from 'faultline';
import type { CallResult, Fact, GroupPlan, Message, Plan } from 'faultline';
import type { NetworkPlan } from 'faultline';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Built } from './built.ts';
import type { BuildOptions } from './built.ts';

export interface Ended {
  readonly result: CallResult;
  readonly atMs: number;
}
interface AskerState {
  readonly ended: Map<number, Ended>;
}
interface PlainView {
  readonly component: string;
  readonly fields: [];
}

const asker = defineBehaviour<AskerState, unknown, never, PlainView>({
  component: 'test-asker',
  about: 'Asks what a test says.',
  source: 'this test',
  leavesOut: [],
  badge: 'AS',
  serves: [],
  links: { '*': { about: 'Whom it asks.', contract: [http, cache, sql] } },
  config: Type.Object({}),
  facts: {},
  roleNames: {},
  start: () => ({ ended: new Map() }),
  on: {},
  onResult: (state, ctx, tag, result) =>
    void state.ended.set(tag, { result, atMs: ctx.mono() / 1_000 }),
  roles: () => [],
  view: () => ({ component: 'test-asker', fields: [] }),
});

/** A day of simulated time. */
const DURATION_MS = 86_400_000;
const ASKER = 'asker';

export interface AskPlan extends Omit<BuildOptions, 'order'> {
  readonly groups: readonly GroupPlan[];
  readonly network?: NetworkPlan;
}

export class AskBench extends Built {
  readonly sent: { readonly message: Message; readonly atMs: number }[] = [];
  #nextTag = 0;

  constructor(plan: AskPlan) {
    const whole: Plan = {
      title: 'Bench',
      summary: 'A bench.',
      durationMs: DURATION_MS,
      network: plan.network ?? { latency: { kind: 'constant', ms: 1 } },
      groups: [
        ...plan.groups,
        {
          name: ASKER,
          component: 'test-asker',
          count: 1,
          links: Object.fromEntries(plan.groups.map(({ name }) => [name, name])),
        },
      ],
      faults: [],
      checks: [],
      story: [],
    };
    const registry = makeRegistry({ components: [asker] });
    checkPlan(whole, registry);
    super(whole, registry, { ablations: plan.ablations, seed: plan.seed });
    this.parts.host.taps.sent = (_from, _to, message, atMicros) =>
      void this.sent.push({ message, atMs: atMicros / 1_000 });
    // All nodes have started.
    this.to(0);
  }

  get nowMs(): number {
    return this.run.now / 1_000;
  }

  /** Runs up to so many milliseconds since the start. */
  to(ms: number): this {
    this.run.advance(Math.round(ms * 1_000), Infinity);
    return this;
  }

  /** Asks now; the answer is found by the tag. */
  ask(to: string, request: Message, timeoutMs = 3_600_000): number {
    const tag = this.#nextTag++;
    const timeout = Math.round(timeoutMs * 1_000) as never;
    this.node(`${ASKER}1`).context.call(this.index(to), request, { timeout, tag });
    return tag;
  }

  send(to: string, notice: Message): void {
    this.node(`${ASKER}1`).context.send(this.index(to), notice);
  }

  /** How the asking under this tag ended, if it has. */
  end(tag: number): Ended | undefined {
    return (this.node(`${ASKER}1`).state as AskerState).ended.get(tag);
  }

  /** The reply to what was asked under this tag, or the code of its error, or `pending`. */
  reply(tag: number): Message | string {
    const end = this.end(tag);
    if (end === undefined) return 'pending';
    return end.result.outcome === 'ok' ? end.result.value : end.result.error.code;
  }

  /** Asks, waits for the answer, and returns it or the code of the error. */
  answer(to: string, request: Message): Message | string {
    const tag = this.ask(to, request);
    const limit = this.run.now + 60_000_000;
    while (this.end(tag) === undefined && this.run.now < limit) this.run.advance(limit, 1);
    return this.reply(tag);
  }

  told<F extends Fact>(type: string): readonly F[] {
    return this.facts.flatMap(({ fact }) => (fact.type === type ? [fact as F] : []));
  }

  sentOf(type: string): number {
    return this.sent.filter(({ message }) => message.type === type).length;
  }
}
