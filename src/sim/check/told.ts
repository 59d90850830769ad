/**
 * Whether anybody in a plan can tell a check what it judges. One that is never told anything holds,
 * or is not known, whatever happens in the run.
 */
import { ScenarioError } from '../kernel/errors.ts';
import type { AnyBehaviour } from '../node/behaviour.ts';
import type { PlannedGroup, PlannedRun } from './check.ts';

type Fits = (behaviour: AnyBehaviour) => boolean;

const tells =
  (fact: string): Fits =>
  ({ facts }) =>
    fact in facts;
const is =
  (name: string): Fits =>
  ({ component }) =>
    component === name;

/** Checks of one kind of server, and which those are. */
const SERVERS = {
  'raft-safety': (behaviour) =>
    tells('raft.leader')(behaviour) || is('controller')(behaviour) || is('queue-broker')(behaviour),
  'paxos-safety': tells('paxos.leader'),
  'replica-safety': is('sql-node'),
  'replicated-log': is('log-broker'),
  records: is('log-broker'),
  'log-tables': is('log-consumer'),
  'failure-detection': is('failure-monitor'),
  effects: is('outbox-service'),
  sagas: is('saga-orchestrator'),
  'event-streams': is('event-store'),
  projections: is('projection'),
  'stream-totals': is('result-store'),
} as const satisfies { readonly [use: string]: Fits };

/** Whether a partitioned log is in the run. */
export const hasBrokers = ({ groups }: PlannedRun): boolean =>
  groups.some(({ behaviour }) => is('log-broker')(behaviour));

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

const componentsOf = (run: PlannedRun, fits: Fits): string =>
  listed(run.components.filter(fits).map(({ component }) => component));

/** `group` is the one that is watched; empty: whichever there is. */
export function checkServers(
  use: keyof typeof SERVERS,
  { group, path, argument = 'group' }: { group: string; path: string; argument?: string },
  run: PlannedRun,
): void {
  const fits = SERVERS[use];
  const meant = run.groups.filter(({ name }) => group === '' || name === group);
  if (meant.some(({ behaviour }) => fits(behaviour))) return;
  const [only] = meant;
  const sole = group === '' ? undefined : only;
  const who =
    sole === undefined
      ? `Nobody in this plan tells ${use} anything`
      : `"${group}" is a ${sole.behaviour.component} and tells ${use} nothing`;
  throw new ScenarioError(`${who}: it would hold whatever happens.`, {
    path: sole === undefined ? path : `${path}/${argument}`,
    hint: `It watches ${componentsOf(run, fits)}. ${insteadOf(use, meant, run)}`,
  });
}

/** Another group for the check, or another check for the groups. */
function insteadOf(
  use: keyof typeof SERVERS,
  meant: readonly PlannedGroup[],
  run: PlannedRun,
): string {
  const others = run.groups.filter(({ behaviour }) => SERVERS[use](behaviour));
  if (others.length > 0) return `Name ${listed(others.map(({ name }) => `"${name}"`))}.`;
  const uses = Object.keys(SERVERS) as (keyof typeof SERVERS)[];
  const fitting = uses.filter((one) => meant.some(({ behaviour }) => SERVERS[one](behaviour)));
  return fitting.length === 0 ? 'Leave it out.' : `Here ${listed(fitting)} would fit.`;
}

export function checkFact(fact: string, path: string, run: PlannedRun): void {
  const isTold = tells(fact);
  // What happens to nodes as such is told of any of them.
  if (fact.startsWith('node.') || run.groups.some(({ behaviour }) => isTold(behaviour))) return;
  throw new ScenarioError(`No component of this plan ever tells "${fact}".`, {
    path: `${path}/fact`,
    hint: `It is told by ${componentsOf(run, isTold)}.`,
  });
}

const isClient = tells('client.invoked');

/** The operations that a group's history may have; null: any. */
function operationsOf({ behaviour, asks, operations }: PlannedGroup): readonly string[] | null {
  if (!isClient(behaviour)) return [];
  // Routes are no operations on the values of a store, whatever they are called.
  return operations ?? (asks === null ? null : []);
}

/** Some client, of all or of one group, does one of the operations that are judged. */
export function checkHistory(
  clients: string,
  operations: readonly string[],
  path: string,
  run: PlannedRun,
): void {
  const does = (group: PlannedGroup): boolean => {
    const own = operationsOf(group);
    return own === null || own.some((one) => operations.includes(one));
  };
  const meant = run.groups.filter(({ name }) => clients === '' || name === clients);
  if (meant.some(does)) return;
  const who = clients === '' ? 'No client of this plan ever' : `"${clients}" never`;
  const fitting = run.groups.filter(does).map(({ name }) => `"${name}"`);
  const may: Fits = ({ operations: own = [] }) => own.some((one) => operations.includes(one));
  const known = componentsOf(run, may);
  const could = meant.filter(({ behaviour }) => may(behaviour)).map(({ name }) => `"${name}"`);
  const routed = meant.some(({ behaviour, asks }) => isClient(behaviour) && asks !== null);
  const instead = routed ? ' Requests for routes are judged by slo and stale-reads.' : '';
  // Operations of nobody in the catalogue are those of components that a file brings along.
  if (known === '') return;
  throw new ScenarioError(`${who} does ${listedOr(operations)}: there is nothing to judge.`, {
    path: clients === '' ? path : `${path}/clients`,
    hint:
      fitting.length > 0
        ? `Name ${listed(fitting)}.`
        : could.length > 0
          ? `Let ${listedOr(could)} do one of them.`
          : `Clients that do: ${known}.${instead}`,
  });
}

const listedOr = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** Versions grow only where somebody writes, and are seen only where somebody asks. */
export function checkVersions(path: string, run: PlannedRun): void {
  if (!run.groups.some(({ behaviour }) => isClient(behaviour))) {
    throw new ScenarioError('No client of this plan ever reads: there is nothing to judge.', {
      path,
      hint: `Clients that do: ${componentsOf(run, isClient)}.`,
    });
  }
  const tellsVersions: Fits = (behaviour) =>
    isClient(behaviour) && behaviour.operations === undefined;
  if (!run.groups.some(({ behaviour }) => tellsVersions(behaviour))) {
    const reads = run.groups.some(({ behaviour }) => behaviour.operations?.includes('get'));
    const isRouted: Fits = (one) => tellsVersions(one) && one.routing !== undefined;
    const instead = reads ? ' Here staleness would fit.' : '';
    throw new ScenarioError('No client of this plan is told versions: nothing would be stale.', {
      path,
      hint: `Clients that are: ${componentsOf(run, isRouted)}.${instead}`,
    });
  }
  if (run.groups.some(({ mayWrite }) => mayWrite)) return;
  throw new ScenarioError('Nobody ever writes: no read can be stale, whatever happens.', {
    path,
    hint: 'Give a client a route with write: true, or a service a step with it.',
  });
}
