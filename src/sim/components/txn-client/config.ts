/** The settings of clients of a transactional store, and transactions that a plan lists. */
import { word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import type { Statement } from '../../contracts/txn.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';

const WORKLOADS = ['list-append', 'rw-register', 'bank', 'on-call', 'counter', 'listed'] as const;
export type Workload = (typeof WORKLOADS)[number];

const DEEDS = ['read', 'read-for-update', 'scan', 'write', 'append', 'add'] as const;

const step = Type.Object(
  {
    do: field.choice(DEEDS, { about: 'What it does.', default: 'read' }),
    key: Type.String({
      minLength: 1,
      default: 'x',
      description: 'Which row; for scan the beginning of the keys.',
    }),
    value: Type.Number({ default: 0, description: 'What is written, appended or added.' }),
    afterMs: field.millis({ about: 'How long it waits before that.', default: 0 }),
  },
  { additionalProperties: false },
);

const listedTransaction = Type.Object(
  {
    atMs: field.millis({ about: 'When it begins.', default: 0, max: 86_400_000 }),
    steps: Type.Array(step, { default: [], description: 'What it does, in order.' }),
    readOnly: field.flag({ about: 'It says that it will only read.', default: false }),
    commitAfterMs: field.millis({ about: 'How long it waits before it commits.', default: 0 }),
    abort: field.flag({ about: 'It aborts at the end, instead of committing.', default: false }),
  },
  { additionalProperties: false },
);

const AT_RANDOM = ['list-append', 'rw-register'] as const;
const NEEDS: readonly Need[] = [
  { settings: ['statementsMax'], any: [word('workload', ...AT_RANDOM)] },
  { settings: ['keys', 'readShare'], any: [word('workload', ...AT_RANDOM, 'bank')] },
  { settings: ['initial'], any: [word('workload', 'bank')] },
  { settings: ['atomicAdd'], any: [word('workload', 'counter')] },
  {
    settings: ['workers'],
    any: [word('workload', ...WORKLOADS.filter((one) => one !== 'listed'))],
    why: 'each listed transaction has a worker of its own',
  },
  { settings: ['firstShard'], any: [word('routing', 'own')] },
];

export const txnClientConfig = Type.Object(
  {
    workload: field.choice(WORKLOADS, {
      about:
        'list-append and rw-register: a few rows at random. bank: moves money, and adds it up. ' +
        'on-call: goes off call where somebody else is on, and comes back. counter: adds one. ' +
        'listed: what the plan says.',
      default: 'list-append',
      source: 'Jepsen workloads; Hermitage; Cahill (2008) for the doctors on call',
    }),
    workers: field.count({ about: 'Transactions at a time.', default: 1, min: 1, max: 200 }),
    thinkMs: field.millis({ about: 'Between two transactions (mean, exponential).', default: 50 }),
    statementGapMs: field.millis({
      about: 'Between two statements of a transaction (mean, exponential).',
      default: 0,
    }),
    keys: field.count({
      about: 'How many rows, accounts or doctors there are.',
      default: 4,
      min: 1,
      max: 1_000,
    }),
    statementsMax: field.count({
      about: 'Of list-append and rw-register: rows that a transaction touches, from 1 on.',
      default: 3,
      min: 1,
      max: 20,
    }),
    readShare: field.probability({
      about: 'Which share of its touches, or of its transactions (bank), only reads.',
      default: 0.5,
    }),
    initial: Type.Number({ default: 0, description: 'Of bank: what each account begins with.' }),
    atomicAdd: field.flag({
      about: 'Of counter: adds where the row is, instead of reading and writing.',
      default: false,
    }),
    forUpdate: field.flag({
      about: 'Of counter: its read locks the row as a write does (SELECT ... FOR UPDATE).',
      default: false,
      source: 'PostgreSQL 13.3.2; InnoDB 17.7.2.4',
    }),
    routing: field.choice(['own', 'random'], {
      about: 'Which shard it talks to: always the same one, or one at random each time.',
      default: 'own',
    }),
    firstShard: field.count({
      about: 'Which one that is for the first client of the group; the next has the next.',
      default: 1,
      min: 1,
      max: 100,
    }),
    maxAttempts: field.count({
      about: 'How often one transaction is tried where it aborts with 40001 or 40P01.',
      default: 1,
      min: 1,
      max: 1_000,
      source: 'PostgreSQL 13.5: applications must be prepared to retry',
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for an answer.',
      default: 2_000,
      min: 1,
      max: 3_600_000,
    }),
    transactions: Type.Array(listedTransaction, { default: [], description: 'Of listed.' }),
  },
  { additionalProperties: false, needs: NEEDS },
);
export type TxnClientConfig = Static<typeof txnClientConfig>;

export function statementOf({ do: deed, key, value }: Static<typeof step>): Statement {
  switch (deed) {
    case 'read':
    case 'read-for-update':
      return { do: deed, key };
    case 'scan':
      return { do: deed, prefix: key };
    case 'write':
    case 'append':
      return { do: deed, key, value };
    case 'add':
      return { do: deed, key, by: value };
  }
}

/** Only reads of a counter can lock it. */
function checkForUpdate(config: TxnClientConfig, { path }: GroupSettings): void {
  const isRead = config.workload === 'counter' && !config.atomicAdd;
  if (!config.forUpdate || isRead) return;
  throw new ScenarioError('forUpdate changes nothing: no counter is read.', {
    path: `${path}/config/forUpdate`,
    hint: 'Write workload: counter without atomicAdd, or leave it out.',
  });
}

export function checkTxnClient(config: TxnClientConfig, group: GroupSettings): void {
  checkForUpdate(config, group);
  const isListed = config.workload === 'listed';
  if (isListed === config.transactions.length > 0) return;
  throw new ScenarioError(
    isListed ? 'A listed client has no transactions.' : 'transactions changes nothing.',
    {
      path: `${group.path}/config/transactions`,
      hint: isListed
        ? 'Write transactions: [{ atMs: 1000, steps: [{ do: read, key: x }] }, ...].'
        : 'Write workload: listed, or leave it out.',
    },
  );
}
