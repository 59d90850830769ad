/**
 * The store in which a cluster of servers agrees on its primary: one leader key with a lease, how
 * far the primary was, and which standbys are synchronous.
 *
 * Invariants: those of `protocols/lease` for the leader key; what it has answered about synchronous
 * standbys is on its disk, so that a standby that may lack writes is never named after a crash.
 *
 * Sources: Patroni 4, patroni/dcs; etcd leases
 */
import { dcs as contract } from '../../contracts/dcs.ts';
import type {
  DcsAcquire,
  DcsCluster,
  DcsGranted,
  DcsRelease,
  DcsReleased,
  DcsRenew,
  DcsTouch,
} from '../../contracts/dcs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import {
  applyLeaseRecord,
  createLeaseDisk,
  createLeases,
  stepLeases,
} from '../../protocols/lease/lease.ts';
import type { LeaseConfig, LeaseEffect, LeaseInput } from '../../protocols/lease/lease.ts';
import { leaseRules } from '../../protocols/lease/rules.ts';
import { take } from '../waiting.ts';
import { DCS_FACTS } from './facts.ts';
import type { DcsFact } from './facts.ts';
import { viewOf } from './show.ts';
import { LEADER_KEY, copyDisk, leaderOf } from './state.ts';
import type { DcsDisk, DcsRecord, DcsState, Status } from './state.ts';
import type { DcsView } from './view.ts';

const config = Type.Object(
  {
    ttlMs: field.millis({
      about: 'How long the leader key stays unless it is renewed.',
      default: 30_000,
      min: 1,
      max: 3_600_000,
      source: 'Patroni ttl: 30 s',
    }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

const leaseConfig = (ctx: Ctx): LeaseConfig => ({
  ttlMicros: ms(ctx.config.ttlMs),
  firstToken: 0,
  rules: leaseRules(ctx.ablations),
});

function feed(state: DcsState, ctx: Ctx, input: LeaseInput): void {
  const effects: LeaseEffect[] = [];
  stepLeases(leaseConfig(ctx), state.leases, input, ctx.mono(), effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: DcsState, ctx: Ctx, effect: LeaseEffect): void {
  switch (effect.type) {
    case 'persist':
      ctx.write({ lease: effect.record, status: state.status });
      return ctx.sync(effect.ticket);
    case 'expired':
      return ctx.tell<DcsFact>({ type: 'dcs.expired', token: effect.token });
    case 'granted': {
      const { call, from } = take(state.asking, effect.tag);
      ctx.tell<DcsFact>({ type: 'dcs.granted', token: effect.token, to: from });
      return grant(ctx, call, effect.token);
    }
    case 'renewed':
      return grant(ctx, take(state.asking, effect.tag).call, effect.token);
    case 'released': {
      ctx.tell<DcsFact>({ type: 'dcs.released', token: effect.token });
      return ctx.reply<DcsReleased>(take(state.asking, effect.tag).call, { type: 'dcs.released' });
    }
    case 'refused':
      return ctx.refuse(take(state.asking, effect.tag).call, effect.code);
  }
}

const grant = (ctx: Ctx, call: CallRef, token: number): void =>
  ctx.reply<DcsGranted>(call, { type: 'dcs.granted', token, ttlMicros: ms(ctx.config.ttlMs) });

function tagFor(state: DcsState, call: CallRef, from: NodeIndex): number {
  const tag = state.nextTag++;
  state.asking.set(tag, { call, from });
  return tag;
}

function onTouch(state: DcsState, ctx: Ctx, _m: DcsTouch, _from: NodeIndex, call: CallRef): void {
  const { owner: syncLeader, optime, sync } = state.status;
  const leader = leaderOf(state, ctx.mono());
  const token = state.leases.lastToken;
  ctx.reply<DcsCluster>(call, { type: 'dcs.cluster', leader, token, optime, sync, syncLeader });
}

function onAcquire(
  state: DcsState,
  ctx: Ctx,
  { lastToken }: DcsAcquire,
  from: NodeIndex,
  call: CallRef,
): void {
  const leader = leaderOf(state, ctx.mono());
  if (leader === from) {
    // It did not hear that it has the key.
    const token = state.leases.lastToken;
    return feed(state, ctx, {
      type: 'renew',
      lock: LEADER_KEY,
      token,
      tag: tagFor(state, call, from),
    });
  }
  if (leader !== null) return ctx.refuse(call, 'lock-held');
  if (lastToken !== state.leases.lastToken) return ctx.refuse(call, 'outdated');
  state.status = Object.freeze({ ...state.status, owner: from, sync: [] });
  feed(state, ctx, { type: 'acquire', lock: LEADER_KEY, tag: tagFor(state, call, from) });
}

function onRenew(
  state: DcsState,
  ctx: Ctx,
  { token, optime, sync }: DcsRenew,
  from: NodeIndex,
  call: CallRef,
): void {
  const { leases, status } = state;
  const isHolder = leaderOf(state, ctx.mono()) === from && token === leases.lastToken;
  if (isHolder) {
    const isSame = sync.length === status.sync.length && sync.every((n) => status.sync.includes(n));
    state.status = Object.freeze({ ...status, optime, sync });
    ctx.write({ lease: null, status: state.status } satisfies DcsRecord);
    if (!isSame) {
      const ticket = leases.nextTicket++;
      state.renewals.push({ ticket, token, tag: tagFor(state, call, from) });
      return ctx.sync(ticket);
    }
  }
  feed(state, ctx, { type: 'renew', lock: LEADER_KEY, token, tag: tagFor(state, call, from) });
}

function onSynced(state: DcsState, ctx: Ctx, upTo: number): void {
  feed(state, ctx, { type: 'persisted', upTo });
  while (state.renewals[0] !== undefined && state.renewals[0].ticket <= upTo) {
    const { token, tag } = state.renewals.shift()!;
    feed(state, ctx, { type: 'renew', lock: LEADER_KEY, token, tag });
  }
}

function onRelease(
  state: DcsState,
  ctx: Ctx,
  { token }: DcsRelease,
  from: NodeIndex,
  call: CallRef,
): void {
  const tag = tagFor(state, call, from);
  feed(state, ctx, { type: 'release', lock: LEADER_KEY, token, tag });
}

const NOTHING: Status = Object.freeze({ owner: null, optime: 0, sync: Object.freeze([]) });

export const dcs = defineBehaviour<
  DcsState,
  Config,
  DcsTouch | DcsAcquire | DcsRenew | DcsRelease,
  DcsView,
  DcsFact,
  DcsDisk,
  DcsRecord
>({
  component: 'dcs',
  about: 'Keeps who is primary of a cluster: a leader key that ends unless it is renewed.',
  source: 'Patroni 4, over etcd, Consul or ZooKeeper; etcd leases',
  leavesOut: [
    'Its own replication: it is one node. A real one has three or five, and lives while most do.',
    'Watches: members ask once in a loop.',
    'The keys of the members: how far each is, they ask each other.',
  ],
  badge: 'DC',
  countMax: 1,
  serves: [contract],
  links: {},
  config,
  facts: DCS_FACTS,
  rules: ['lock.owner-check', 'lock.persist-before-grant'],
  roleNames: { service: 'Keeps the leader key.' },
  durable: {
    empty: () => ({ lease: createLeaseDisk(), status: NOTHING }),
    apply(disk, { lease, status }) {
      if (lease !== null) applyLeaseRecord(disk.lease, lease);
      disk.status = status;
    },
    save: copyDisk,
    restore: (image) => copyDisk(image as DcsDisk),
  },
  start(ctx) {
    const { lease, status } = ctx.durable as DcsDisk;
    const leases = createLeases(leaseConfig(ctx), lease, ctx.mono());
    return { leases, status, asking: new Map(), nextTag: 0, renewals: [] };
  },
  on: {
    'dcs.touch': onTouch,
    'dcs.acquire': onAcquire,
    'dcs.renew': onRenew,
    'dcs.release': onRelease,
  },
  onSynced,
  roles: () => ['service'],
  view: viewOf,
});
