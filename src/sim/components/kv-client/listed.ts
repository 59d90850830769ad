/** The operations of a client that is told what to do and when, one by one. */
import type { KvRequest, KvUpdate, KvValue } from '../../contracts/kv.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import type { KvClientConfig } from './config.ts';

/** What may be asked of a store: its reads and writes, and the updates of data types that merge. */
export type Asked = KvRequest | KvUpdate;

const DEEDS = ['get', 'get-all', 'put', 'delete', 'increment', 'add', 'remove', 'assign'] as const;

export const listedOperation = Type.Object(
  {
    atMs: field.millis({ about: 'When it begins.', default: 0, max: 86_400_000 }),
    do: field.choice(DEEDS, {
      about:
        'Read, read all values (siblings, or the elements of a set), write, delete, or change a ' +
        'data type that merges.',
      default: 'get',
    }),
    key: Type.String({ minLength: 1, default: 'k0', description: 'Of which key.' }),
    value: Type.Union([Type.Number(), Type.String(), Type.Null()], {
      default: null,
      description: 'What is written, added, removed or assigned; by how much is incremented.',
    }),
  },
  { additionalProperties: false },
);
export type ListedOperation = Static<typeof listedOperation>;

export function requestOf({ do: deed, key, value }: ListedOperation): Asked {
  switch (deed) {
    case 'get':
    case 'get-all':
      return { type: 'kv.get', key };
    case 'put':
      return { type: 'kv.put', key, value };
    case 'delete':
      return { type: 'kv.put', key, value: null };
    case 'increment':
      return { type: 'kv.update', key, update: { do: deed, by: value as number } };
    case 'assign':
      return { type: 'kv.update', key, update: { do: deed, value } };
    case 'add':
    case 'remove':
      return { type: 'kv.update', key, update: { do: deed, element: value as KvValue } };
  }
}

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
  if (servers === undefined || config.firstServer <= servers.count) return;
  throw new ScenarioError(`"${servers.group}" has no member ${config.firstServer}.`, {
    path: `${path}/firstServer`,
    hint: `It has ${servers.count}; the first is 1.`,
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
