/** What of a client's settings can be seen to be wrong before the run. */
import type { CrdtUpdate } from '../../contracts/crdt.ts';
import { changesNothing } from '../../contracts/needs.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings, LinkedGroup } from '../../node/behaviour.ts';
import { CRDT_KINDS, emptyCrdt, updateCrdt } from '../../policies/crdt/crdt.ts';
import type { KvClientConfig } from './config.ts';
import { requestOf } from './listed.ts';
import type { ListedOperation } from './listed.ts';

/** Words of a configuration that fit each other by their types, and yet say nothing or nonsense. */
export function checkKvClient(config: KvClientConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  const isListed = config.mode === 'listed';
  if (isListed !== config.operations.length > 0) {
    throw new ScenarioError(
      isListed ? 'A listed client has no operations.' : 'operations changes nothing.',
      {
        path: `${path}/operations`,
        hint: isListed
          ? 'Write operations: [{ atMs: 1000, do: put, key: x, value: 1 }, ...].'
          : 'Write mode: listed, or leave it out.',
      },
    );
  }
  config.operations.forEach((one, i) => checkValue(one, `${path}/operations/${i}/value`));
  const servers = group.links.get('servers');
  checkMerging(config, servers, path);
  if (config.dependencies && servers?.component !== 'causal-store') {
    throw changesNothing(
      'dependencies',
      'these servers ask for none',
      `${path}/dependencies`,
      'Link servers to a group of causal-store, or leave it out.',
    );
  }
  if (config.lsnTokens && servers?.component !== 'sql-node') {
    throw changesNothing(
      'lsnTokens',
      'these servers tell no position of a log',
      `${path}/lsnTokens`,
      'Link servers to a group of sql-node, or leave it out.',
    );
  }
  if (group.links.has('sentinels')) checkSentinels(config, group, path);
  if (servers === undefined || config.firstServer <= servers.count) return;
  throw new ScenarioError(`"${servers.group}" has no member ${config.firstServer}.`, {
    path: `${path}/firstServer`,
    hint: `It has ${servers.count}; the first is 1.`,
  });
}

/** What a store without a leader refuses, whatever it holds. */
function checkMerging(
  { mode, operations, readShare, casShare }: KvClientConfig,
  servers: LinkedGroup | undefined,
  path: string,
): void {
  if (servers?.component !== 'quorum-store') return;
  const { group, config } = servers;
  if (mode !== 'listed' && casShare > 0 && readShare < 1) {
    throw new ScenarioError(`"${group}" compares nothing: each cas would be refused.`, {
      path: `${path}/casShare`,
      hint: 'Leave it out, or link servers to a group of raft-kv or paxos-kv.',
    });
  }
  const { conflicts = '' } = config as { readonly conflicts?: string };
  const kind = CRDT_KINDS.find((one) => one === conflicts);
  const takes = (update: CrdtUpdate): boolean =>
    kind !== undefined && updateCrdt(emptyCrdt(kind), update, 0, 0) !== null;
  const refuse = (what: string, at: string): never => {
    throw new ScenarioError(`Keys of "${group}" are ${conflicts}: each ${what} is refused.`, {
      path: `${path}/${at}`,
      hint: `Give "${group}" conflicts of a data type that takes it, or write something else.`,
    });
  };
  if (mode !== 'listed') {
    if (kind !== undefined && readShare < 1 && !takes(SOME_WRITE)) refuse('put', 'readShare');
    return;
  }
  operations.forEach((one, i) => {
    const request = requestOf(one);
    if (request.type === 'kv.get' || request.type === 'kv.cas') return;
    // A data type takes a put as an assignment, if it knows that.
    const isPut = request.type === 'kv.put';
    if (isPut ? kind === undefined || takes(SOME_WRITE) : takes(request.update)) return;
    const what = one.do === 'increment' ? `increment by ${String(one.value)}` : one.do;
    refuse(what, `operations/${i}/do`);
  });
}

const SOME_WRITE: CrdtUpdate = { do: 'assign', value: 0 };

/** Who asks sentinels goes where they say. */
function checkSentinels(config: KvClientConfig, group: GroupSettings, path: string): void {
  if (group.links.get('servers')?.component !== 'sql-node') {
    throw new ScenarioError('These servers are watched by no sentinel.', {
      path: `${group.path}/links/sentinels`,
      hint: 'Link servers to a group of sql-node, or leave the sentinels out.',
    });
  }
  const setting = config.routing !== 'last' ? 'routing' : 'firstServer';
  if (config.routing === 'last' && config.firstServer === 1) return;
  throw new ScenarioError(`${setting} changes nothing: the sentinels say who is asked.`, {
    path: `${path}/${setting}`,
    hint: 'Leave it out, or the link to the sentinels.',
  });
}

function checkValue({ do: deed, value }: ListedOperation, path: string): void {
  const isRead = deed === 'get' || deed === 'get-all' || deed === 'delete';
  if (isRead && value !== null) {
    throw new ScenarioError(`value changes nothing: ${deed} writes none.`, {
      path,
      hint: 'Leave it out, or write do: put.',
    });
  }
  if (deed === 'increment' ? Number.isInteger(value) : isRead || value !== null) return;
  throw new ScenarioError(`${deed} needs ${deed === 'increment' ? 'a whole number' : 'a value'}.`, {
    path,
    hint: deed === 'put' ? 'Give one; to write nothing is do: delete.' : 'Give one.',
  });
}
