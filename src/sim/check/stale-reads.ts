/**
 * How many reads return a version older than one whose write had been acknowledged before the read
 * began: what a cache in front of a store may do to its readers.
 *
 * It goes by what clients saw: a write answers with the version that it made, a read with the one
 * that it found. Clients of a key-value store are told values instead: `staleness` is for those.
 *
 * Source: the t- and k-staleness of Bailis et al., PBS (VLDB 2012).
 */
import type { ClientCompleted, ClientFact, ClientInvoked, FactRecord } from '../contracts/facts.ts';
import { Type, field } from '../contracts/schema.ts';
import { ms } from '../kernel/time.ts';
import { checkOrder, checkWindow, countBound } from './bounds.ts';
import { defineCheck } from './check.ts';
import type { WorldNode } from '../world/world.ts';
import { checkVersions } from './told.ts';

interface Args {
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly olderThanMs: number;
  readonly fromMs: number;
}

/** The newest acknowledged version of an object, and when it was acknowledged. */
interface Newest {
  readonly version: number;
  readonly atMicros: number;
}
/** An operation under way: what was acknowledged when it began. */
interface Open {
  readonly key: string;
  readonly newest: Newest | null;
}

interface StaleImage {
  readonly newest: readonly (readonly [string, Newest])[];
  readonly open: readonly (readonly [number, Open])[];
  readonly reads: number;
  readonly stale: number;
  readonly isBroken: boolean;
  readonly isOver: boolean;
}

/** Who has operations of its own is answered with values, which are no versions. */
const isToldVersions = ({ behaviour }: WorldNode): boolean => behaviour.operations === undefined;

export const staleReads = defineCheck<Args, StaleImage, ClientFact>({
  use: 'stale-reads',
  about: 'At most, or at least, so many reads return a version older than one known before.',
  args: Type.Object(
    {
      atLeast: countBound('So many must be stale, to show that it happens; null: none must.'),
      atMost: countBound('So many may be; null: none, but without a bound beside atLeast.'),
      olderThanMs: field.millis({
        about: 'Only reads that began so long after the newer version was acknowledged.',
        default: 0,
      }),
      fromMs: field.millis({ about: 'Only reads that end after this.', default: 0 }),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    checkOrder(args, path);
    checkWindow(args, path, run);
    checkVersions(path, run);
  },
  create(args, env) {
    const atLeast = args.atLeast ?? 0;
    const atMost = args.atMost ?? (args.atLeast === null ? 0 : Infinity);
    let newest = new Map<string, Newest>();
    let open = new Map<number, Open>();
    let [reads, stale] = [0, 0];
    let isBroken = false;
    /** Whether all was seen. */
    let isOver = false;

    const invoked = ({ op, key }: ClientInvoked): void => {
      if (key !== undefined) open.set(op, { key, newest: newest.get(key) ?? null });
    };
    const completed = (record: FactRecord, fact: ClientCompleted): void => {
      const began = open.get(fact.op);
      open.delete(fact.op);
      const version = fact.output;
      if (began === undefined || fact.outcome !== 'ok' || typeof version !== 'number') return;
      const { key } = began;
      const known = newest.get(key);
      // Whoever saw a version makes it known to all: it exists.
      if (known === undefined || version > known.version) {
        newest.set(key, { version, atMicros: record.atMicros });
      }
      if (record.atMicros < ms(args.fromMs)) return;
      reads += 1;
      const before = began.newest;
      if (before === null || version >= before.version) return;
      const age = record.atMicros - fact.latencyMicros - before.atMicros;
      if (age < ms(args.olderThanMs)) return;
      stale += 1;
      if (isBroken || stale <= atMost) return;
      isBroken = true;
      const what = `${key} in version ${version}, but version ${before.version}`;
      env.report({
        why: `A read returned ${what} was known ${Math.round(age / 1_000)} ms before it began.`,
        evidence: [record.event],
        nodes: [record.node],
      });
    };
    return {
      components: [],
      facts: ['client.invoked', 'client.completed'],
      probes: [],
      onFact(record) {
        const { fact, node } = record;
        if (!isToldVersions(env.world.node(node))) return;
        if (fact.type === 'client.invoked') invoked(fact);
        else completed(record, fact);
      },
      onEnd(complete) {
        isOver = complete;
        if (isBroken || !isOver || reads === 0 || stale >= atLeast) return;
        isBroken = true;
        env.report({ why: `${stale} of ${reads} reads were stale, not at least ${atLeast}.` });
      },
      standing() {
        if (isBroken) return { verdict: 'fail', text: `${stale} of ${reads} stale` };
        if (reads === 0) return { verdict: 'unknown', text: 'nothing was read' };
        const isMissing = !isOver && stale < atLeast;
        return { verdict: isMissing ? 'unknown' : 'pass', text: `${stale} of ${reads} stale` };
      },
      save: () => ({ newest: [...newest], open: [...open], reads, stale, isBroken, isOver }),
      restore(image) {
        newest = new Map(image.newest);
        open = new Map(image.open);
        ({ reads, stale, isBroken, isOver } = image);
      },
    };
  },
});
