/** elr_cases.json: who may lead when the ISR has become too small (KIP-966). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partitionLog } from '../../../src/sim/index.ts';
import type { PartitionRegistration } from '../../../src/sim/protocols/partition-log/index.ts';

const { change } = partitionLog;
const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

interface Members {
  readonly isr: readonly number[];
  readonly elr: readonly number[];
  readonly lastKnownElr?: readonly number[];
  readonly leader: number;
}
interface OneChange {
  readonly name: string;
  readonly before: Members;
  readonly event: { readonly targetIsr: readonly number[]; readonly offline?: readonly number[] };
  readonly after: Members;
}
interface Chain {
  readonly name: string;
  readonly chain: readonly (Members & { readonly event?: string })[];
}
const { cases } = JSON.parse(readFileSync(join(folder, 'elr_cases.json'), 'utf8')) as {
  readonly cases: readonly (OneChange | Chain)[];
};
const changes = cases.filter((row): row is OneChange => 'before' in row);
const chains = cases.filter((row): row is Chain => 'chain' in row);

const registrationOf = (
  { isr, elr, lastKnownElr = [], leader }: Members,
  replicas: readonly number[],
): PartitionRegistration => ({
  replicas,
  leader,
  isr,
  elr,
  lastKnownElr,
  leaderEpoch: 4,
  partitionEpoch: 9,
  isRecovering: false,
});
const sorted = (ids: readonly number[]): readonly number[] => [...ids].sort((a, b) => a - b);

describe('eligible leader replicas', () => {
  it.each(changes)('$name', ({ before, event, after }) => {
    const registration = registrationOf(before, [1, 2, 3, 4]);
    const isAcceptable = (id: number): boolean => !(event.offline ?? []).includes(id);
    const next = change(
      registration,
      { isr: event.targetIsr, election: 'online', isAcceptable },
      { minInsyncReplicas: 3, hasElr: true, usesLastKnownLeader: false },
    );
    expect({
      isr: sorted(next.isr),
      elr: sorted(next.elr),
      lastKnownElr: next.lastKnownElr,
      leader: next.leader,
    }).toEqual(after);
    expect(next.leaderEpoch).toBe(after.leader === before.leader ? 4 : 5);
    expect(next.partitionEpoch).toBe(10);
  });

  it.each(chains)('$name', ({ chain }) => {
    const config = { minInsyncReplicas: 2, hasElr: true, usesLastKnownLeader: true };
    let now = registrationOf(chain[0]!, [1, 2, 3]);
    const fenced = new Set<number>();
    for (const { event = '', ...after } of chain.slice(1)) {
      const broker = Number(event[0]);
      const isUnclean = event.includes('unclean');
      if (event.includes('re-registers')) fenced.delete(broker);
      if (event.includes('fenced')) fenced.add(broker);
      const isr = event.includes('re-registers')
        ? sorted([...now.isr, broker])
        : now.isr.filter((id) => id !== broker);
      const isAcceptable = (id: number): boolean => !fenced.has(id);
      const uncleanShutdown = isUnclean ? [broker] : [];
      now = change(now, { isr, uncleanShutdown, election: 'online', isAcceptable }, config);
      expect({ isr: now.isr, elr: now.elr, leader: now.leader }, event).toEqual(after);
    }
    expect(chain.length).toBeGreaterThan(4);
  });
});
