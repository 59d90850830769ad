/** The operations of a client that is told what to do and when, one by one. */
import type { KvValue } from '../../contracts/kv.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import type { Asked } from './asked.ts';

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
