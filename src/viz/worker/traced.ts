/**
 * The slowest requests of a run, each with its calls as rows: what the command `trace` prints of
 * one, from the same spans.
 */
import { Session, slowestOf, spanBar, spanRows, spanTitle, spansEnd } from '../../sim/index.ts';
import type { AnyScenario, Asked, RunSpec } from '../../sim/index.ts';
import type { TracedRun } from './engine-port.ts';
import type { RequestTree, SlowestRequests } from './protocol.ts';

const SLOWEST = 8;
/** A request that fans out to hundreds would be a wall. */
const ROWS_MAX = 80;

export class TracedSession implements TracedRun {
  readonly #session: Session;

  constructor(spec: RunSpec, scenarios: readonly AnyScenario[]) {
    this.#session = new Session(spec, {
      scenarios,
      observe: { spans: true, history: false, checks: false, metrics: false },
    });
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

  advance(to: { untilMicros?: number; events?: number }) {
    this.#session.advance(to);
  }

  slowest(node: number | null): SlowestRequests {
    const asked = this.#session.asked(node);
    const slowest = slowestOf(asked, SLOWEST).map((one) => this.#treeOf(one));
    return { of: asked.length, slowest };
  }

  #treeOf({ op, number }: Asked): RequestTree {
    const { nowMicros, world } = this.#session;
    const rows = spanRows(this.#session.trace(op)!);
    const endMicros = spansEnd(rows, nowMicros);
    const nameOf = (node: number) => world.node(node).name;
    return {
      number,
      endMicros,
      rows: rows.slice(0, ROWS_MAX).map(({ span, lasts }) => ({
        title: spanTitle(span, nameOf),
        kind: span.kind,
        depth: lasts.length,
        bar: spanBar(span, endMicros),
        outcome: span.outcome,
        result: span.result,
      })),
      more: Math.max(0, rows.length - ROWS_MAX),
    };
  }
}
