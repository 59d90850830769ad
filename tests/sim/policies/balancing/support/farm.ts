/** Backends as a balancer's caller keeps them, for tests: one policy, its state and its view. */
import { StreamBank } from '../../../../../src/sim/kernel/random.ts';
import type { Stream } from '../../../../../src/sim/kernel/random.ts';
import { BALANCING_DEFAULTS } from '../../../../../src/sim/policies/balancing/balancer.ts';
import type {
  Balancer,
  BalancingSettings,
} from '../../../../../src/sim/policies/balancing/balancer.ts';
import { BALANCERS } from '../../../../../src/sim/policies/balancing/index.ts';

export interface FarmOptions {
  readonly weights: readonly number[];
  readonly seed?: number;
  readonly settings?: Partial<BalancingSettings>;
  readonly identities?: readonly number[];
}

export class Farm {
  readonly balancer: Balancer;
  state: unknown;
  readonly draw: Stream;
  readonly view: { count: number; weight: number[]; eligible: boolean[]; active: number[] };
  identities: number[];
  now = 0;

  constructor(name: string, { weights, seed = 1, settings = {}, identities }: FarmOptions) {
    this.balancer = BALANCERS.find((balancer) => balancer.name === name)!;
    this.state = this.balancer.start({ ...BALANCING_DEFAULTS, ...settings });
    this.draw = new StreamBank(seed).stream('pick');
    this.view = {
      count: weights.length,
      weight: [...weights],
      eligible: weights.map(() => true),
      active: weights.map(() => 0),
    };
    this.identities = identities?.slice() ?? weights.map((_, i) => 10 * (i + 1));
    this.update();
  }

  update(): void {
    this.balancer.update(this.state, this.view, this.identities);
  }

  /** Only picks: the caller says when a request is under way. */
  pick(keyHash = 0): number {
    return this.balancer.pick(this.state, this.view, keyHash, this.now, this.draw);
  }

  /** Picks and sends. */
  send(keyHash = 0): number {
    const backend = this.pick(keyHash);
    if (backend >= 0) this.view.active[backend]! += 1;
    return backend;
  }

  end(backend: number, latencyMicros = 1_000, ok = true): void {
    this.view.active[backend]! -= 1;
    this.balancer.ended(this.state, backend, latencyMicros, ok, this.now);
  }
}
