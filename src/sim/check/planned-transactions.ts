/**
 * Whether the transactions of a plan can be judged together: lists are told by the values that were
 * appended, registers by who wrote them, and neither by both.
 */
import { ScenarioError } from '../kernel/errors.ts';
import type { PlannedGroup, PlannedRun } from './check.ts';

interface Step {
  readonly do: string;
  readonly key: string;
  readonly value: unknown;
}

interface Client {
  readonly name: string;
  readonly count: number;
  readonly workload: string;
  readonly steps: readonly Step[];
}

const WRITES: readonly string[] = ['write', 'add'];

function clientOf({ name, count, config }: PlannedGroup): Client {
  const { workload, transactions } = config as {
    readonly workload: string;
    readonly transactions: readonly { readonly steps: readonly Step[] }[];
  };
  const steps = workload === 'listed' ? transactions.flatMap((one) => one.steps) : [];
  return { name, count, workload, steps };
}

const appends = ({ workload, steps }: Client): boolean =>
  workload === 'list-append' || steps.some((step) => step.do === 'append');
const writes = ({ workload, steps }: Client): boolean =>
  workload === 'listed'
    ? steps.some((step) => WRITES.includes(step.do))
    : workload !== 'list-append';

export function checkPlannedTransactions(clients: string, path: string, run: PlannedRun): void {
  const meant = run.groups
    .filter(({ name }) => clients === '' || name === clients)
    .filter(({ behaviour }) => behaviour.component === 'txn-client')
    .map(clientOf);
  const lists = meant.find(appends);
  const registers = meant.find(writes);
  if (lists !== undefined && registers !== undefined) {
    const isOne = lists === registers;
    throw new ScenarioError(
      `Lists and registers are not judged together: "${lists.name}" appends, ` +
        (isOne ? 'and writes as well.' : `"${registers.name}" writes.`),
      {
        path: clients === '' ? path : `${path}/clients`,
        hint: isOne
          ? 'Let its steps append, or let them write.'
          : `Write clients: ${lists.name}, or clients: ${registers.name}.`,
      },
    );
  }
  checkAppends(meant, path);
}

/** The check tells appends apart by their values. */
function checkAppends(meant: readonly Client[], path: string): void {
  const known = new Map<string, string>();
  for (const { name, count, steps } of meant) {
    for (const { do: deed, key, value } of steps) {
      if (deed !== 'append') continue;
      const what = `${String(value)} to ${key}`;
      const other = known.get(what);
      known.set(what, name);
      if (other === undefined && count === 1) continue;
      throw new ScenarioError(`${whoOf(name, count, other)} appends ${what}.`, {
        path,
        hint: 'Appends are told apart by their values: give each of a key a value of its own.',
      });
    }
  }
}

function whoOf(name: string, count: number, other: string | undefined): string {
  if (other === undefined) return `Each of the ${count} of "${name}"`;
  return other === name ? `More than once "${name}"` : `As "${other}" does, "${name}"`;
}
