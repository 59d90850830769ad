/** Scripted backends b1, b2, ... behind balancers l1, ..., asked by callers a1, ... */
import type { Message } from 'faultline';
import { TrafficBench } from '../../support/traffic-bench.ts';
import type { Play } from '../../support/traffic-partners.ts';

export interface BalancedPlan {
  readonly backends: number;
  readonly balancers?: number;
  readonly callers?: number;
  readonly play?: Play;
  readonly config?: object;
  readonly seed?: number;
}

export class Balanced extends TrafficBench {
  /** Whom the balancers sent requests to, in order. */
  chosen(): string[] {
    return this.sent('http.request')
      .map(({ to }) => this.nameOf(to))
      .filter((name) => name.startsWith('b'));
  }

  requestFrom(from: string, message: Message, to: string): void {
    this.node(from).context.call(this.index(to), message, { timeout: 1e7 as never, tag: 999 });
  }
}

export const balanced = (plan: BalancedPlan): Balanced =>
  new Balanced({
    groups: [
      { name: 'b', component: 'scripted-server', count: plan.backends },
      {
        name: 'l',
        component: 'load-balancer',
        count: plan.balancers ?? 1,
        links: { backends: 'b' },
        config: { ...plan.config },
      },
      { name: 'a', component: 'caller', count: plan.callers ?? 1, links: { servers: 'l' } },
    ],
    ...(plan.play === undefined ? {} : { play: plan.play }),
    seed: plan.seed ?? 1,
  });
