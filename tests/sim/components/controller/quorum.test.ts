/** The controllers fail over while the brokers go on; and the same run is the same run. */
import { describe, expect, it } from 'vitest';
import type { ControllerState } from '../../../../src/sim/components/controller/state.ts';
import { imageOf } from '../../../../src/sim/components/controller/machine.ts';
import { Cluster, topicOf } from './support.ts';

const metadataOf = (cluster: Cluster, name: string) =>
  imageOf((cluster.node(name).state as ControllerState).metadata);

/** All controllers that live have the same metadata. */
function expectAgreed(cluster: Cluster): void {
  const living = cluster.controllers.filter((name) => cluster.node(name).state !== null);
  const [first, ...more] = living.map((name) => metadataOf(cluster, name));
  for (const other of more) expect(other).toEqual(first);
}

/** What the checks of Raft's safety have found. */
const findings = (cluster: Cluster) => cluster.observers.checks.flatMap((check) => check.findings);

describe('a quorum of controllers', () => {
  it('fails over without fencing anybody who lives', () => {
    const cluster = new Cluster().settle();
    const first = cluster.active();
    const before = cluster.controllerView().partitions;
    cluster.crash(first).after(8_000);
    const second = cluster.active();
    expect(second).not.toBe('');
    expect(second).not.toBe(first);
    cluster.after(15_000);
    expect(cluster.tells('controller.broker-fenced')).toHaveLength(0);
    expect(cluster.controllerView().partitions).toEqual(before);
    cluster.restart(first).after(5_000);
    expectAgreed(cluster);
    expect(findings(cluster)).toEqual([]);
    expect(cluster.tells('controller.active').map(({ node }) => cluster.nameOf(node))).toEqual([
      first,
      second,
    ]);
  });

  it('gives brokers a whole session when a new one takes office, then fences the silent', () => {
    const cluster = new Cluster().settle().ms(7_000);
    cluster.crash('b2').crash(cluster.active()).after(20_000);
    const active = cluster.tells('controller.active');
    const [fenced, ...more] = cluster.tells('controller.broker-fenced');
    expect(more).toEqual([]);
    expect(fenced!.fact.broker).toBe(cluster.index('b2'));
    const waited = fenced!.atMicros - active[active.length - 1]!.atMicros;
    expect(waited).toBeGreaterThanOrEqual(9_000_000);
    expect(waited).toBeLessThan(9_050_000);
  });

  it('decides nothing without a majority, and goes on when there is one', () => {
    const cluster = new Cluster().settle();
    const first = cluster.active();
    const [second, third] = cluster.controllers.filter((name) => name !== first);
    cluster.crash(second!).crash(third!).crash('b3').after(20_000);
    expect(cluster.active()).toBe('');
    expect(cluster.tells('controller.broker-fenced')).toHaveLength(0);
    cluster.restart(second!).after(20_000);
    expect(cluster.tells('controller.broker-fenced').map(({ fact }) => fact.broker)).toEqual([
      cluster.index('b3'),
    ]);
    expectAgreed(cluster);
    expect(findings(cluster)).toEqual([]);
  });

  it('starts again from a snapshot, and hands out what it stands for', () => {
    const config = { snapshotThreshold: 5 };
    const cluster = new Cluster({ config, topics: [topicOf(6)] }).settle();
    const state = () => cluster.node(cluster.active()).state as ControllerState;
    for (let round = 0; round < 4; round++) {
      cluster.alter(
        0,
        ['b1', 'b2', 'b3'].filter((b) => b === cluster.partition(0).leader),
      );
      cluster.alter(0, ['b1', 'b2', 'b3']);
    }
    expect(state().metadata.logStart).toBeGreaterThan(0);
    const name = cluster.active();
    const before = metadataOf(cluster, name);
    cluster.crash(name).after(100).restart(name).after(8_000);
    expect(metadataOf(cluster, name)).toEqual(before);
    // A broker that begins now is told what there is, and no more than that.
    cluster.crash('b1').after(11_500).restart('b1').after(1_000);
    const { records } = cluster.broker('b1');
    const partitions = records.filter(({ kind }) => kind === 'partition');
    expect(new Set(partitions.map((r) => r.kind === 'partition' && r.partition)).size).toBe(6);
    const known = cluster.known('b1', 0);
    expect(known?.partitionEpoch).toBe(cluster.partition(0).partitionEpoch);
    const offsets = records.map(({ offset }) => offset);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  });

  it('is the same run again from the same seed, and another from another', () => {
    const hash = (seed: number) => {
      const cluster = new Cluster({ seed, brokers: 4 }).settle();
      cluster.crash(cluster.active()).crash('b2').after(20_000);
      expect(findings(cluster)).toEqual([]);
      return cluster.traceHash;
    };
    expect(hash(7)).toBe(hash(7));
    expect(hash(8)).not.toBe(hash(7));
  });
});
