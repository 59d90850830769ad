/**
 * A storage whose resources are protected by locks elsewhere, with a fence before each of them.
 *
 * Invariant: accesses that pass take effect in the order of their tokens, unless `checkTokens` or
 * `lock.fencing` is off; an access is answered when its effect, and the fence that it raised, are
 * on disk.
 *
 * Source: Kleppmann, How to do distributed locking (2016), "Making the lock safe with fencing"
 */
import type { FactTable } from '../../contracts/facts.ts';
import { fencing } from '../../contracts/fencing.ts';
import type {
  FencedValue,
  FencingDone,
  FencingRead,
  FencingValue,
  FencingWrite,
} from '../../contracts/fencing.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, View } from '../../node/behaviour.ts';
import { mayPass, raised } from '../../protocols/lease/fence.ts';
import { leaseRules } from '../../protocols/lease/rules.ts';

const config = Type.Object(
  {
    checkTokens: field.flag({
      about: 'Refuse whoever comes with an older token than one seen; most storages do not.',
      default: true,
      source: 'Kleppmann (2016): a check that the storage itself has to make',
    }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

/** What a resource holds; immutable, so that a record on disk and the memory share it. */
interface Resource {
  readonly value: FencedValue;
  /** The largest token that has passed its fence. */
  readonly fence: number;
  /** The token of the last write. */
  readonly writtenBy: number;
}
interface Stored {
  readonly key: string;
  readonly resource: Resource;
}
const UNTOUCHED: Resource = Object.freeze({ value: null, fence: 0, writtenBy: 0 });

interface Waiting {
  readonly call: CallRef;
  readonly answer: FencingValue | FencingDone;
}

export interface FencedStorageState {
  readonly resources: Map<string, Resource>;
  /** Answers that wait for the disk, by ticket. */
  readonly waiting: Map<number, Waiting>;
  nextTicket: number;
  writes: number;
  refused: number;
}

export interface FencedStorageView extends View {
  readonly component: 'fenced-storage';
  readonly resources: readonly {
    readonly key: string;
    readonly value: FencedValue;
    readonly fence: number;
    readonly writtenBy: number;
  }[];
  readonly writes: number;
  readonly refused: number;
}

interface Late {
  readonly key: string;
  readonly token: number;
  /** The largest token that has written before. */
  readonly newest: number;
}
export type FencedStorageFact =
  | ({ readonly type: 'fencing.refused' } & Late)
  /** The order of the leases is broken: what the lock was for did not hold. */
  | ({ readonly type: 'fencing.late-write' } & Late);

const facts: FactTable<FencedStorageFact> = {
  'fencing.refused': {
    weight: 'major',
    sentence: (f) => `refuses token ${f.token} at ${f.key}: it has seen token ${f.newest}`,
  },
  'fencing.late-write': {
    weight: 'major',
    sentence: (f) =>
      `lets token ${f.token} overwrite what token ${f.newest} wrote to ${f.key}: an update is lost`,
  },
};

function access(
  state: FencedStorageState,
  ctx: Ctx,
  request: FencingRead | FencingWrite,
  call: CallRef,
): void {
  const switches = leaseRules(ctx.ablations);
  const isChecked = switches['lock.fencing'] && ctx.config.checkTokens;
  const rules = { ...switches, 'lock.fencing': isChecked };
  const { key, token } = request;
  const isWrite = request.type === 'fencing.write';
  const held = state.resources.get(key) ?? UNTOUCHED;
  if (!mayPass(rules, held.fence, token)) {
    state.refused += 1;
    ctx.tell<FencedStorageFact>({ type: 'fencing.refused', key, token, newest: held.fence });
    return ctx.refuse(call, 'stale-token', { newest: held.fence });
  }
  const fence = raised(rules, held.fence, token, isWrite);
  let resource: Resource = { ...held, fence };
  if (isWrite) {
    const newest = held.writtenBy;
    if (token < newest)
      ctx.tell<FencedStorageFact>({ type: 'fencing.late-write', key, token, newest });
    state.writes += 1;
    resource = { value: request.value, fence, writtenBy: token };
  }
  state.resources.set(key, resource);
  const answer: Waiting['answer'] = isWrite
    ? { type: 'fencing.done' }
    : { type: 'fencing.value', value: held.value };
  const ticket = state.nextTicket++;
  state.waiting.set(ticket, { call, answer });
  ctx.write({ key, resource });
  ctx.sync(ticket);
}

const onAccess = (
  state: FencedStorageState,
  ctx: Ctx,
  request: FencingRead | FencingWrite,
  _from: number,
  call: CallRef,
): void => access(state, ctx, request, call);

export const fencedStorage = defineBehaviour<
  FencedStorageState,
  Config,
  FencingRead | FencingWrite,
  FencedStorageView,
  FencedStorageFact,
  Map<string, Resource>,
  Stored
>({
  component: 'fenced-storage',
  about: 'Keeps what locks protect, and refuses whoever comes with the token of an older lease.',
  source: 'Kleppmann, How to do distributed locking (2016)',
  leavesOut: ['Replication and size: values are numbers on one node.'],
  badge: 'FS',
  serves: [fencing],
  links: {},
  config,
  facts,
  rules: ['lock.fencing', 'lock.fence-reads'],
  ruleNeeds: [
    {
      rules: ['lock.fencing', 'lock.fence-reads'],
      acts: ({ checkTokens }) => checkTokens,
      hint: 'Write checkTokens: true.',
    },
  ],
  roleNames: { storage: 'Keeps what locks protect.' },
  durable: {
    empty: () => new Map(),
    apply: (durable, { key, resource }) => void durable.set(key, resource),
    save: (durable) => [...durable],
    restore: (image) => new Map(image as readonly (readonly [string, Resource])[]),
  },
  start: (ctx) => ({
    resources: new Map(ctx.durable as Map<string, Resource>),
    waiting: new Map(),
    nextTicket: 1,
    writes: 0,
    refused: 0,
  }),
  on: { 'fencing.read': onAccess, 'fencing.write': onAccess },
  onSynced(state, ctx, ticket) {
    const waiting = state.waiting.get(ticket);
    if (waiting === undefined) throw new InvariantError(`nobody waits for ticket ${ticket}`);
    state.waiting.delete(ticket);
    ctx.reply(waiting.call, waiting.answer);
  },
  gauges: [
    {
      title: 'Refused',
      about: 'Accesses with the token of an older lease.',
      kind: 'count',
      of: (state) => state.refused,
    },
  ],
  roles: () => ['storage'],
  view: ({ resources, writes, refused }) => ({
    component: 'fenced-storage',
    resources: [...resources].map(([key, resource]) => ({ key, ...resource })),
    writes,
    refused,
    fields: [
      { label: 'Resources', value: resources.size },
      { label: 'Writes', value: writes },
      { label: 'Refused', value: refused },
    ],
  }),
});
