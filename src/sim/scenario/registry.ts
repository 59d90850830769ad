/**
 * What a plan may name: components, predicates and checks. The standard registry holds the
 * catalogue's parts; a scenario file adds its own, and a name may be given only once.
 */
import { CHECKS } from '../check/index.ts';
import type { CheckDefinition } from '../check/check.ts';
import { COMPONENTS } from '../components/index.ts';
import { MessageTable } from '../contracts/contract.ts';
import type { AnyContract } from '../contracts/contract.ts';
import type { FactSpec, Fact } from '../contracts/facts.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { AnyBehaviour } from '../node/behaviour.ts';
import { contractsOf } from '../node/contracts-of.ts';
import { DETECTOR_RULES } from '../policies/detectors/rules.ts';
import { ID_RULES } from '../policies/ids/index.ts';
import { CAUSAL_RULES } from '../protocols/causal/rules.ts';
import { COMMIT_RULES } from '../protocols/commit/rules.ts';
import { GROUP_RULES } from '../protocols/consumer-group/rules.ts';
import { LEASE_RULES } from '../protocols/lease/rules.ts';
import { LOCKING_RULES } from '../protocols/isolation/locking-rules.ts';
import { PAXOS_RULES } from '../protocols/multi-paxos/rules.ts';
import { MVCC_RULES } from '../protocols/isolation/mvcc-rules.ts';
import { REPLICA_RULES } from '../protocols/primary-replica/rules.ts';
import { SENTINEL_RULES } from '../protocols/sentinel/rules.ts';
import { PARTITION_RULES } from '../protocols/partition-log/rules.ts';
import { EVENT_SOURCING_RULES } from '../protocols/event-store/rules.ts';
import { OUTBOX_RULES } from '../protocols/outbox/rules.ts';
import { QUEUE_RULES } from '../protocols/queue/rules.ts';
import { QUORUM_RULES } from '../protocols/quorum/rules.ts';
import { RAFT_RULES } from '../protocols/raft/rules.ts';
import { SAGA_RULES } from '../protocols/saga/rules.ts';
import { STREAM_RULES } from '../protocols/stream-job/rules.ts';
import { SWIM_RULES } from '../protocols/swim/rules.ts';
import { TRANSACTION_RULES } from '../protocols/txn-coordinator/rules.ts';
import { VISIBILITY_RULES } from '../protocols/visibility/rules.ts';
import { TRAFFIC_RULES } from '../traffic/rules.ts';
import { PREDICATES } from '../world/predicates.ts';
import type { Predicate } from '../world/predicates.ts';
import { checkFollowed } from './followed-rules.ts';
import type { Rule } from './rule.ts';

/** Parts that a scenario file brings along. */
export interface ScenarioParts {
  readonly components?: readonly AnyBehaviour[];
  readonly predicates?: readonly Predicate[];
  readonly checks?: readonly CheckDefinition[];
  readonly rules?: readonly Rule[];
}

export interface Registry {
  readonly components: ReadonlyMap<string, AnyBehaviour>;
  readonly predicates: ReadonlyMap<string, Predicate>;
  readonly checks: ReadonlyMap<string, CheckDefinition>;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly facts: ReadonlyMap<string, FactSpec<Fact>>;
  readonly messages: MessageTable;
}

export function makeRegistry(parts: ScenarioParts = {}): Registry {
  const components = named(
    'component',
    [...Object.values<AnyBehaviour>(COMPONENTS), ...(parts.components ?? [])],
    (b) => b.component,
  );
  const contracts = new Map<string, AnyContract>();
  const facts = new Map<string, FactSpec<Fact>>();
  for (const behaviour of components.values()) {
    for (const contract of contractsOf(behaviour)) contracts.set(contract.name, contract);
    for (const [type, spec] of Object.entries(behaviour.facts)) {
      facts.set(type, spec as FactSpec<Fact>);
    }
  }
  for (const [type, spec] of NODE_FACTS) facts.set(type, spec);
  for (const { name, components } of parts.predicates ?? []) {
    if (components.length > 0) continue;
    throw new ScenarioError(`The predicate "${name}" looks at no component.`, {
      hint: "Name those whose events may change its answer; ['*'] is every event.",
    });
  }
  const rules = named(
    'rule',
    [
      ...RAFT_RULES,
      ...PAXOS_RULES,
      ...QUORUM_RULES,
      ...CAUSAL_RULES,
      ...LEASE_RULES,
      ...REPLICA_RULES,
      ...SENTINEL_RULES,
      ...MVCC_RULES,
      ...LOCKING_RULES,
      ...COMMIT_RULES,
      ...SWIM_RULES,
      ...PARTITION_RULES,
      ...GROUP_RULES,
      ...TRANSACTION_RULES,
      ...QUEUE_RULES,
      ...ID_RULES,
      ...DETECTOR_RULES,
      ...VISIBILITY_RULES,
      ...OUTBOX_RULES,
      ...SAGA_RULES,
      ...EVENT_SOURCING_RULES,
      ...STREAM_RULES,
      ...TRAFFIC_RULES,
      ...(parts.rules ?? []),
    ],
    (r) => r.id,
  );
  checkFollowed({ components, rules });
  return {
    components,
    predicates: named('predicate', [...PREDICATES, ...(parts.predicates ?? [])], (p) => p.name),
    checks: named('check', [...CHECKS, ...(parts.checks ?? [])], (c) => c.use),
    rules,
    facts,
    messages: new MessageTable([...contracts.values()]),
  };
}

function named<T>(
  what: string,
  items: readonly T[],
  nameOf: (item: T) => string,
): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const item of items) {
    const name = nameOf(item);
    if (map.has(name)) {
      throw new ScenarioError(`There are two parts of kind ${what} with the name "${name}".`, {
        hint: 'Give the one in the scenario file another name.',
      });
    }
    map.set(name, item);
  }
  return map;
}

interface Terminating {
  readonly preStopMs: number;
  readonly graceMs: number;
}

const plain = (sentence: string): FactSpec<Fact> => ({ weight: 'major', sentence: () => sentence });

const NODE_FACTS: readonly (readonly [string, FactSpec<Fact>])[] = [
  [
    'node.started',
    {
      weight: 'minor',
      sentence: (fact) =>
        (fact as unknown as { readonly restarts: number }).restarts === 0
          ? 'starts'
          : 'starts again with what its disk kept',
    },
  ],
  ['node.crashed', plain('crashes: what it held in memory is gone')],
  [
    'node.exited',
    {
      weight: 'major',
      sentence: (fact) => {
        const { restartMicros } = fact as unknown as { readonly restartMicros: number | null };
        if (restartMicros === null) return 'ends, and stays down';
        return `ends, to start again after ${Math.round(restartMicros / 1_000)} ms`;
      },
    },
  ],
  [
    'node.terminating',
    {
      weight: 'major',
      sentence: (fact) => {
        const { preStopMs, graceMs } = fact as unknown as Terminating;
        const when = preStopMs === 0 ? 'is told' : `will be told in ${preStopMs} ms`;
        return `${when} to end (SIGTERM), and is killed in ${graceMs} ms unless it has`;
      },
    },
  ],
  ['node.killed', plain('is killed: its grace period is over')],
  [
    'node.reset',
    {
      weight: 'major',
      sentence: (fact) => {
        const { calls } = fact as unknown as { readonly calls: number };
        return `leaves ${calls} ${calls === 1 ? 'request' : 'requests'} unanswered`;
      },
    },
  ],
  ['node.paused', plain('stops: everything waits for it')],
  ['node.resumed', plain('goes on')],
  ['node.retired', plain('leaves for good')],
];
