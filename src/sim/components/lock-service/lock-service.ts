/**
 * A lock service on one node: leases on named locks, ended by its own clock, each with a fencing
 * token.
 *
 * Invariants: those of `protocols/lease`. By the service's clock a lock has one holder; whether the
 * clients agree depends on their clocks, on pauses and on the network.
 *
 * Sources: Burrows, The Chubby lock service (OSDI 2006); Redis SET NX PX (whose keys end by the
 * wall clock); Kleppmann, How to do distributed locking (2016)
 */
import type { FactTable } from '../../contracts/facts.ts';
import { lock } from '../../contracts/lock.ts';
import type {
  LockAcquire,
  LockGranted,
  LockRelease,
  LockReleased,
  LockRenew,
} from '../../contracts/lock.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, NodeIndex, View } from '../../node/behaviour.ts';
import {
  applyLeaseRecord,
  createLeaseDisk,
  createLeases,
  stepLeases,
} from '../../protocols/lease/lease.ts';
import type {
  LeaseConfig,
  LeaseDisk,
  LeaseEffect,
  LeaseInput,
  LeaseRecord,
  LeaseState,
} from '../../protocols/lease/lease.ts';
import { leaseRules } from '../../protocols/lease/rules.ts';
import { take } from '../waiting.ts';

const config = Type.Object(
  {
    ttlMs: field.millis({
      about: 'How long a lease runs unless it is prolonged.',
      default: 10_000,
      min: 1,
      max: 3_600_000,
      source: 'etcd and Redis examples: 10 s; Chubby: 12 s',
    }),
    clock: field.choice(['wall', 'monotonic'], {
      about: 'By which of its clocks leases end: the wall clock may be set, the other never jumps.',
      default: 'wall',
      source: 'Redis ends keys by the wall clock; etcd and Chubby by a monotonic one',
    }),
    firstToken: field.count({
      about: 'The token before the first one that is given.',
      default: 0,
      max: 1_000_000,
    }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

interface Asking {
  readonly call: CallRef;
  readonly from: NodeIndex;
}

export interface LockServiceState {
  readonly leases: LeaseState;
  /** Who holds each lock, as far as the service knows. */
  readonly holders: Map<string, NodeIndex>;
  readonly asking: Map<number, Asking>;
  nextTag: number;
  granted: number;
  refused: number;
}

export interface LockServiceView extends View {
  readonly component: 'lock-service';
  readonly locks: readonly {
    readonly lock: string;
    readonly token: number;
    readonly holder: string | null;
    /** When the lease ends if the clock of the service goes on as it does. */
    readonly endsAtMicros: number;
  }[];
  readonly lastToken: number;
  readonly ttlMicros: number;
  readonly granted: number;
  readonly refused: number;
}

export type LockServiceFact =
  | {
      readonly type: 'lock.granted';
      readonly lock: string;
      readonly token: number;
      readonly to: NodeIndex;
    }
  | { readonly type: 'lock.released'; readonly lock: string; readonly token: number }
  | { readonly type: 'lock.expired'; readonly lock: string; readonly token: number };

const facts: FactTable<LockServiceFact> = {
  'lock.granted': {
    weight: 'major',
    sentence: (f, nameOf) => `grants ${f.lock} to ${nameOf(f.to)} with token ${f.token}`,
  },
  'lock.released': {
    weight: 'minor',
    sentence: (f) => `gets ${f.lock} back: token ${f.token} is over`,
  },
  'lock.expired': {
    weight: 'major',
    sentence: (f) => `finds that the lease of token ${f.token} on ${f.lock} has run out`,
  },
};

const leaseConfig = (ctx: Ctx): LeaseConfig => ({
  ttlMicros: ms(ctx.config.ttlMs),
  firstToken: ctx.config.firstToken,
  rules: leaseRules(ctx.ablations),
});

const now = (ctx: Ctx): number => (ctx.config.clock === 'wall' ? ctx.wall() : ctx.mono());

function feed(state: LockServiceState, ctx: Ctx, input: LeaseInput): void {
  const effects: LeaseEffect[] = [];
  stepLeases(leaseConfig(ctx), state.leases, input, now(ctx), effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: LockServiceState, ctx: Ctx, effect: LeaseEffect): void {
  switch (effect.type) {
    case 'persist':
      ctx.write(effect.record);
      return ctx.sync(effect.ticket);
    case 'expired':
      return ctx.tell<LockServiceFact>({ ...effect, type: 'lock.expired' });
    case 'granted': {
      const { call, from } = take(state.asking, effect.tag);
      const { lock, token } = effect;
      state.granted += 1;
      state.holders.set(lock, from);
      ctx.tell<LockServiceFact>({ type: 'lock.granted', lock, token, to: from });
      return grant(ctx, call, token);
    }
    case 'renewed':
      return grant(ctx, take(state.asking, effect.tag).call, effect.token);
    case 'released': {
      const { lock, token } = effect;
      ctx.tell<LockServiceFact>({ type: 'lock.released', lock, token });
      return ctx.reply<LockReleased>(take(state.asking, effect.tag).call, {
        type: 'lock.released',
      });
    }
    case 'refused': {
      state.refused += 1;
      const { call } = take(state.asking, effect.tag);
      return ctx.refuse(call, effect.code, { forMicros: effect.forMicros });
    }
  }
}

const grant = (ctx: Ctx, call: CallRef, token: number): void =>
  ctx.reply<LockGranted>(call, { type: 'lock.granted', token, ttlMicros: ms(ctx.config.ttlMs) });

type Request = LockAcquire | LockRenew | LockRelease;

function onRequest(
  state: LockServiceState,
  ctx: Ctx,
  request: Request,
  from: NodeIndex,
  call: CallRef,
): void {
  const tag = state.nextTag++;
  state.asking.set(tag, { call, from });
  const { lock: name } = request;
  if (request.type === 'lock.acquire') feed(state, ctx, { type: 'acquire', lock: name, tag });
  else {
    const type = request.type === 'lock.renew' ? 'renew' : 'release';
    feed(state, ctx, { type, lock: name, token: request.token, tag });
  }
}

export const lockService = defineBehaviour<
  LockServiceState,
  Config,
  Request,
  LockServiceView,
  LockServiceFact,
  LeaseDisk,
  LeaseRecord
>({
  component: 'lock-service',
  about: 'Grants leases on locks, each with a larger fencing token than the one before.',
  source: 'Burrows, Chubby (OSDI 2006); Redis SET NX PX; Kleppmann (2016)',
  leavesOut: [
    'Replication: it is one node. While it is down nobody gets a lock.',
    'Waiting in line: whoever is refused asks again.',
  ],
  badge: 'LK',
  countMax: 1,
  serves: [lock],
  links: {},
  config,
  facts,
  rules: ['lock.owner-check', 'lock.persist-before-grant'],
  roleNames: { service: 'Grants leases.' },
  durable: {
    empty: createLeaseDisk,
    apply: applyLeaseRecord,
    save: ({ lastToken, held }) => ({ lastToken, held: [...held] }),
    restore(image) {
      const { lastToken, held } = image as {
        readonly lastToken: number;
        readonly held: readonly (readonly [string, number])[];
      };
      return { lastToken, held: new Map(held) };
    },
  },
  start: (ctx) => ({
    leases: createLeases(leaseConfig(ctx), ctx.durable as LeaseDisk, now(ctx)),
    holders: new Map(),
    asking: new Map(),
    nextTag: 0,
    granted: 0,
    refused: 0,
  }),
  on: { 'lock.acquire': onRequest, 'lock.renew': onRequest, 'lock.release': onRequest },
  onSynced: (state, ctx, ticket) => feed(state, ctx, { type: 'persisted', upTo: ticket }),
  gauges: [
    {
      title: 'Leases granted',
      about: 'New leases, without those that were prolonged.',
      kind: 'count',
      of: (state) => state.granted,
    },
  ],
  roles: () => ['service'],
  view: (state, nameOf, { config: { clock, ttlMs }, nowMicros, monoMicros, wallMicros }) => {
    const own = clock === 'wall' ? wallMicros : monoMicros;
    const locks = [...state.leases.leases].map(([name, { token, endsMicros }]) => {
      const holder = state.holders.get(name);
      return {
        lock: name,
        token,
        holder: holder === undefined ? null : nameOf(holder),
        endsAtMicros: nowMicros + endsMicros - own,
      };
    });
    const { granted, refused } = state;
    const { lastToken } = state.leases;
    return {
      component: 'lock-service',
      locks,
      lastToken,
      ttlMicros: ms(ttlMs),
      granted,
      refused,
      fields: [
        { label: 'Held', value: locks.length },
        { label: 'Newest token', value: lastToken },
        { label: 'Granted', value: granted },
        { label: 'Refused', value: refused },
      ],
    };
  },
});
