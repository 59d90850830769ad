/** Checks that nobody in the plan can ever tell anything. */
import { config, groupOf, mistake } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const check = (
  use: string,
  args: Loose,
  { at = '', also }: { readonly at?: string; readonly also?: Loose },
  says: RegExp,
  hint: RegExp,
): Mistake =>
  mistake(
    `a check that is told nothing: ${use} ${JSON.stringify(args)}${also === undefined ? '' : ' +'}`,
    (d) => {
      d['checks'] = [{ id: 'law', use, args }];
      if (also !== undefined) (d['groups'] as Loose[]).push(also);
    },
    `checks/law/args${at}`,
    says,
    hint,
  );

const NONE = /Nobody in this plan tells .* anything: it would hold whatever happens/;
const RAFT = { name: 'n', component: 'raft-kv', count: 3 };
const group = { at: '/group' };

const servers: readonly Mistake[] = [
  check(
    'raft-safety',
    { group: 'app' },
    group,
    /"app" is a service and/,
    /watches controller, queue-broker and raft-kv/,
  ),
  check('paxos-safety', { group: 'db' }, group, /"db" is a database and/, /paxos-kv. Leave it out/),
  check(
    'paxos-safety',
    { group: 'n' },
    { ...group, also: RAFT },
    /"n" is a raft-kv/,
    /Here raft-s/,
  ),
  check('raft-safety', { group: 'app' }, { ...group, also: RAFT }, /"app" is/, /Name "n"\./),
  check('replica-safety', { group: 'db' }, group, /"db" is a database/, /watches sql-node/),
  check('replica-safety', {}, {}, NONE, /watches sql-node. Leave it out/),
  check('replicated-log', {}, {}, NONE, /watches log-broker/),
  check(
    'group-deliveries',
    {},
    {},
    /No log-consumer or log-processor of this plan is in a group/,
    /a groupId or applicationId/,
  ),
  check('records', { lost: 0 }, {}, NONE, /watches log-broker/),
  check('log-tables', {}, {}, NONE, /watches log-consumer/),
  check('records', { brokers: 'app' }, { at: '/brokers' }, /"app" is a service/, /log-broker/),
];

const NO_OPERATION = /No client of this plan ever does .*: there is nothing to judge/;
const KV =
  /Clients that do: kv-client and lock-client. .* routes are judged by slo and stale-reads/;

const clients: readonly Mistake[] = [
  check('linearizable', {}, {}, NO_OPERATION, KV),
  check('acknowledged', {}, {}, NO_OPERATION, KV),
  check('sequential', { clients: 'users' }, { at: '/clients' }, /"users" never does get/, KV),
  check(
    'linearizable',
    { clients: 'app' },
    { at: '/clients' },
    /"app" never does/,
    /do: kv-client/,
  ),
  check('set-full', {}, {}, /ever does add, remove or get-all/, /do: kv-client\./),
  check(
    'log-history',
    {},
    {},
    /ever does send, poll or transaction/,
    /do: log-consumer, log-processor and log-producer/,
  ),
  check('transactions', {}, {}, /ever does txn/, /do: txn-client/),
  check('long-fork', {}, {}, /ever does txn/, /do: txn-client/),
  check(
    'staleness',
    { shareAtLeast: 3 },
    { at: '/shareAtLeast' },
    /shareAtLeast is 3: a share is from 0 to 1/,
    /write 0\.03 for 3 %/,
  ),
];

export const ofUntold: readonly Mistake[] = [
  ...servers,
  ...clients,
  check(
    'fact-count',
    { fact: 'raft.leader', atMost: 1 },
    { at: '/fact' },
    /No component of this plan ever tells "raft.leader"/,
    /told by raft-kv/,
  ),
  mistake(
    'a check of stale reads where nobody writes',
    (d) => {
      d['checks'] = [{ id: 'law', use: 'stale-reads' }];
      config(d, 'prices')['steps'] = [{ do: 'put', in: 'front' }];
      Object.assign(groupOf(d, 'front'), { config: {}, links: {} });
    },
    'checks/law/args',
    /Nobody ever writes: no read can be stale, whatever happens/,
    /with write: true/,
  ),
];
