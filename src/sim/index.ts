/**
 * The only door: scenarios, the terminal and the page import from here and nowhere deeper.
 */

// To write a scenario.
export { defineScenario } from './scenario/scenario.ts';
export type { AnyScenario, Expectation, Scenario, Source, Variant } from './scenario/scenario.ts';
export type {
  CheckPlan,
  DiskPlan,
  GroupPlan,
  NetworkPlan,
  Plan,
  StoryStep,
} from './scenario/plan.ts';
export type { Fault, FaultEntry, FaultType } from './faults/fault.ts';
export type { Distribution } from './policies/distribution.ts';
export { meanMs } from './policies/distribution.ts';
export type { Selector } from './world/selector.ts';
export { Type, Value, field } from './contracts/schema.ts';
export type { Static, TObject, TSchema } from './contracts/schema.ts';
export { planFromDocument } from './scenario/document.ts';

// To run one.
export { cutAt, makeSpec, simulate, variantNamed } from './session/simulate.ts';
export type { RunOptions } from './session/simulate.ts';
export {
  NO_PROOF,
  PROOF_EVENTS_MAX,
  PROOF_MESSAGES_SHOWN,
  ProofRun,
  proofOf,
} from './session/proof.ts';
export type { Proof, ProofEvent, ProofMessage, ProofStep, Proven } from './session/proof.ts';
export { DivergenceError, Session } from './session/session.ts';
export type { ActionFrame, Inspection, SessionOptions } from './session/session.ts';
export { ENGINE } from './session/spec.ts';
export type { Act, Intervention, RunSpec } from './session/spec.ts';
export { sourceOf } from './session/document-source.ts';
export type { Built, DocumentSource, JudgedVariant } from './session/document-source.ts';
export type { OperationTotal } from './observe/operations.ts';
export type { CheckReport, FindingReport, GaugeReport } from './session/report.ts';
export type { MetricsReport, Report } from './session/report.ts';
export { commandOf, worst } from './session/judge.ts';
export { findScenario, planHash } from './session/prepare.ts';
export { decodeLink, encodeLink, parseOrder } from './session/link.ts';
export type { DecodedLink, LinkView } from './session/link.ts';
export * from './session/sweep.ts';
export type { Limits } from './kernel/limits.ts';
export { LIMITS_DEFAULT } from './kernel/limits.ts';
export type { Order } from './kernel/event-queue.ts';

// To write a component, a contract, a predicate or a check.
export { NO_CALL, defineBehaviour } from './node/behaviour.ts';
export type {
  Action,
  AnyBehaviour,
  Behaviour,
  CallId,
  CallOptions,
  CallRef,
  CallResult,
  Context,
  DurableSpec,
  Flow,
  Gauge,
  GroupSettings,
  LinkSpec,
  NameOf,
  NodeIndex,
  TerminateStage,
  TypedBehaviour,
  View,
  ViewField,
} from './node/behaviour.ts';
export { call, draw, sleep } from './node/script.ts';
export type { Script, ScriptRun } from './node/script.ts';
export { defineContract } from './contracts/contract.ts';
export type { AnyContract, Contract, FlightKind, Message } from './contracts/contract.ts';
export { CLIENT_FACTS } from './contracts/facts.ts';
export type { ClientFact, Fact, FactRecord, FactTable } from './contracts/facts.ts';
export type * from './contracts/crdt.ts';
export { kv } from './contracts/kv.ts';
export type * from './contracts/kv.ts';
export { http } from './contracts/http.ts';
export type * from './contracts/http.ts';
export { cache } from './contracts/cache.ts';
export type * from './contracts/cache.ts';
export { sql } from './contracts/sql.ts';
export type * from './contracts/sql.ts';
export { health } from './contracts/health.ts';
export type * from './contracts/health.ts';
export { limit } from './contracts/limit.ts';
export type * from './contracts/limit.ts';
export { ids } from './contracts/ids.ts';
export type * from './contracts/ids.ts';
export { lock } from './contracts/lock.ts';
export type * from './contracts/lock.ts';
export { replicaControl } from './contracts/replica-control.ts';
export type * from './contracts/replica-control.ts';
export { sentinel } from './contracts/sentinel.ts';
export type * from './contracts/sentinel.ts';
export { dcs } from './contracts/dcs.ts';
export type * from './contracts/dcs.ts';
export { broker } from './contracts/broker.ts';
export type * from './contracts/broker.ts';
export { group } from './contracts/group.ts';
export type * from './contracts/group.ts';
export { logTransaction } from './contracts/log-transaction.ts';
export type * from './contracts/log-transaction.ts';
export { controller } from './contracts/controller.ts';
export type * from './contracts/controller.ts';
export { replica } from './contracts/replica.ts';
export type * from './contracts/replica.ts';
export { txn } from './contracts/txn.ts';
export type * from './contracts/txn.ts';
export { fencing } from './contracts/fencing.ts';
export type * from './contracts/fencing.ts';
export { heartbeat } from './contracts/heartbeat.ts';
export type * from './contracts/heartbeat.ts';
export { swim } from './contracts/swim.ts';
export type * from './contracts/swim.ts';
export { tcp } from './contracts/tcp.ts';
export type * from './contracts/tcp.ts';
export { defineCheck } from './check/check.ts';
export type { CheckDefinition, CheckEnv, PlannedGroup, PlannedRun } from './check/check.ts';
export type { RunningCheck, Standing } from './check/check.ts';
export { definePredicate } from './world/predicates.ts';
export type { Predicate } from './world/predicates.ts';
export { stateOf } from './world/world.ts';
export type { Cores } from './node/cpu.ts';
export type { Scheduling } from './node/scheduling/index.ts';
export type { World, WorldNode } from './world/world.ts';
export { micros, ms, seconds } from './kernel/time.ts';
export type { Duration, MonoMicros, SimMicros, WallMicros } from './kernel/time.ts';
export { hashText } from './kernel/trace-hash.ts';
export { ScenarioError, InvariantError } from './kernel/errors.ts';
export { didYouMean, nearest } from './kernel/nearest.ts';
export { canonicalJson, compareText } from './kernel/canonical.ts';
export { often, plural } from './kernel/plural.ts';
/** The same on every host, as Math.exp is not. */
export { exp } from './kernel/maths.ts';

// What the catalogue holds: for reference pages, editors and pickers.
export { COMPONENTS } from './components/index.ts';
export type { ComponentName, ViewOf } from './components/index.ts';
export { FAULTS } from './faults/schema.ts';
export type { FaultDefinition } from './faults/schema.ts';
export { rulesInUse, rulesOf } from './scenario/check-rules.ts';
export { makeRegistry } from './scenario/registry.ts';
export type { Registry, ScenarioParts } from './scenario/registry.ts';
export type { Rule } from './scenario/rule.ts';

// The replication of a partition, for components of one's own and for explorations.
import * as partitionLog from './protocols/partition-log/index.ts';
export { partitionLog };
export type * from './contracts/record-batch.ts';

// The pure policies, for those who use them outside a run.
export * from './policies/assignment/index.ts';
export * from './policies/clocks/index.ts';
export * from './policies/detectors/index.ts';
export * from './policies/eviction/index.ts';
export * from './policies/expiry/index.ts';
export * from './policies/ids/index.ts';
export * from './policies/partitioning/index.ts';
export * from './policies/placement/index.ts';
export * from './policies/popularity/index.ts';
export * from './policies/windows/index.ts';

// What a picture is made from.
export { FLIGHT_FATES, FLIGHT_KINDS } from './observe/frame.ts';
export type * from './observe/frame.ts';
export type { ControllerView } from './components/controller/view.ts';
export type { ControllerFact } from './components/controller/facts.ts';
export { askedIn, opsThrough, spanTree } from './observe/spans.ts';
export {
  slowestOf,
  spanBar,
  spanRows,
  spanTitle,
  spansEnd,
  thereMicros,
} from './observe/span-rows.ts';
export type { SpanBar, SpanRow } from './observe/span-rows.ts';
export type { Asked, Span, SpanOutcome, SpanRecord } from './observe/spans.ts';
export type { CausalStoreView } from './components/causal-store/view.ts';
export type { DcsView } from './components/dcs/view.ts';
export type { QuorumStoreView } from './components/quorum-store/view.ts';
export type { SentinelView } from './components/sentinel/view.ts';
export type { SqlNodeView, StandbyView } from './components/sql-node/view.ts';
export { LOG_STRIP_ENTRIES } from './components/raft-kv/view.ts';

// To judge a history from elsewhere.
export * from './check/causal/index.ts';
export * from './check/history/index.ts';
export * from './check/linearizable/index.ts';
export * from './check/transactions/index.ts';
export type { Op, Outcome } from './observe/history.ts';
