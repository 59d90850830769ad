/** A broker with producers and consumers, on a network of one millisecond a way. */
import { makeRegistry } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, View } from 'faultline';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Bench } from '../support/bench.ts';

interface Words {
  readonly [name: string]: unknown;
}
interface QueuePlan {
  readonly queues?: readonly Words[];
  readonly broker?: Words;
  readonly producer?: Words;
  readonly consumer?: Words;
  readonly brokers?: number;
  readonly consumers?: number;
  readonly account?: Words;
  readonly checks?: readonly CheckPlan[];
  readonly ablations?: readonly string[];
}

const links = { queue: 'q' };

const groupsOf = (plan: QueuePlan): readonly GroupPlan[] => [
  {
    name: 'q',
    component: 'queue-broker',
    count: plan.brokers ?? 1,
    disk: { fsync: { kind: 'constant', ms: 2 } },
    config: { queues: plan.queues ?? [{}], ...plan.broker },
  },
  {
    name: 'p',
    component: 'queue-producer',
    count: 1,
    links,
    config: { arrivals: { kind: 'constant', ratePerSecond: 100 }, ...plan.producer },
  },
  {
    name: 'c',
    component: 'queue-consumer',
    count: plan.consumers ?? 2,
    links,
    config: { work: { kind: 'constant', ms: 5 }, prefetch: 5, ...plan.consumer },
  },
];

/** Throws for what is refused before a run. */
export function checkQueues(plan: QueuePlan): void {
  const whole: Plan = {
    title: '',
    summary: '',
    durationMs: 10_000,
    network: {},
    groups: groupsOf(plan),
    faults: [],
    checks: [
      ...(plan.checks ?? []),
      ...(plan.account === undefined ? [] : [{ id: 'a', use: 'queue-total', args: plan.account }]),
    ],
    story: [],
  };
  checkPlan(whole, makeRegistry());
}

export class Post extends Bench {
  constructor(plan: QueuePlan = {}) {
    super({
      groups: groupsOf(plan),
      components: [],
      checks: [{ id: 'account', use: 'queue-total', args: plan.account ?? {} }],
      ablations: plan.ablations ?? [],
    });
  }

  /** What the broker shows under this label. */
  shown(label: string, name = 'q1'): unknown {
    const view: View = this.view(name);
    return view.fields.find((one) => one.label === label)?.value;
  }

  /** How the account stands once the run is over. */
  override account() {
    const standing = super.account();
    const why = this.observers.checks[0]?.findings.map((finding) => finding.why) ?? [];
    return { ...standing, why };
  }
}
