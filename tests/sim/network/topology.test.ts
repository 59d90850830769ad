/**
 * Which words of a plan a link goes by: the most particular ones, and else the table of distances.
 */
import { describe, expect, it } from 'vitest';
import { meanMs } from 'faultline';
import type { NetworkPlan } from 'faultline';
import {
  CROSS_ZONE_MS,
  SAME_ZONE_MS,
  UNKNOWN_REGIONS_MS,
  betweenRegionsMs,
} from '../../../src/sim/network/latency-table.ts';
import { Topology } from '../../../src/sim/network/topology.ts';
import type { Place } from '../../../src/sim/network/topology.ts';

const place = (name: string, zone = 'zone'): Place => ({ name, group: name.slice(0, 1), zone });
const constant = (ms: number) => ({ kind: 'constant', ms }) as const;
const regions: NetworkPlan['regions'] = [
  { name: 'us-east-1', zones: ['use1-a', 'use1-b'] },
  { name: 'eu-west-1', zones: ['euw1-a'] },
  { name: 'home', zones: ['cellar'] },
];

const latency = (words: NetworkPlan, from: Place, to: Place) =>
  meanMs(new Topology(words).settings(from, to).latency);

describe('without words', () => {
  it('a link is as long as the way between its zones', () => {
    const at = (zone: string) => place('n1', zone);
    expect(latency({ regions }, at('use1-a'), at('use1-a'))).toBeCloseTo(SAME_ZONE_MS);
    expect(latency({ regions }, at('use1-a'), at('use1-b'))).toBeCloseTo(CROSS_ZONE_MS);
    expect(latency({ regions }, at('use1-a'), at('euw1-a'))).toBeCloseTo(
      betweenRegionsMs('us-east-1', 'eu-west-1'),
    );
    expect(latency({ regions }, at('cellar'), at('euw1-a'))).toBeCloseTo(UNKNOWN_REGIONS_MS);
  });

  it('all nodes are in one zone', () => {
    expect(latency({}, place('n1'), place('n2'))).toBeCloseTo(SAME_ZONE_MS);
    expect(new Topology({}).zones).toHaveLength(1);
  });

  it('nothing is lost, repeated or kept in order', () => {
    expect(new Topology({}).settings(place('n1'), place('n2'))).toMatchObject({
      lossProbability: 0,
      duplicateProbability: 0,
      fifo: false,
    });
  });
});

describe('the table of distances', () => {
  it('is a quarter of the two published round trips, and the same both ways', () => {
    expect(betweenRegionsMs('us-east-1', 'us-west-1')).toBeCloseTo((72.74 + 71.63) / 4);
    expect(betweenRegionsMs('us-west-1', 'us-east-1')).toBe(
      betweenRegionsMs('us-east-1', 'us-west-1'),
    );
  });

  it('takes the one direction that was published', () => {
    expect(betweenRegionsMs('us-east-1', 'sa-east-1')).toBeCloseTo(119.5 / 2);
    expect(betweenRegionsMs('sa-east-1', 'us-east-1')).toBeCloseTo(119.5 / 2);
  });

  it('has a guess for regions that it does not know', () => {
    expect(betweenRegionsMs('mars', 'us-east-1')).toBe(UNKNOWN_REGIONS_MS);
  });
});

describe('the words of a plan', () => {
  const words: NetworkPlan = {
    regions,
    latency: constant(1),
    lossProbability: 0.1,
    between: [
      { a: 'us-east-1', b: 'eu-west-1', latency: constant(2) },
      { a: 'use1-a', b: 'use1-b', latency: constant(3), fifo: true },
    ],
    links: [
      { from: 'n1', to: 'n2', latency: constant(4) },
      { from: 'n', to: 'c', lossProbability: 0.5 },
    ],
  };
  const n1 = place('n1', 'use1-a');
  const n2 = place('n2', 'euw1-a');
  const n3 = place('n3', 'use1-b');

  it('rank: a link before a pair of places before the default', () => {
    expect(latency(words, n1, n2)).toBe(4);
    expect(latency(words, n2, n1)).toBe(2);
    expect(latency(words, n1, n3)).toBe(3);
    expect(latency(words, n1, place('c1', 'cellar'))).toBe(1);
  });

  it('of a pair of places hold in both directions, and of a link in its own', () => {
    expect(latency(words, n3, n1)).toBe(3);
    expect(latency(words, n3, n2)).toBe(2);
  });

  it('are taken one by one: what a link does not say comes from the next', () => {
    const topology = new Topology(words);
    expect(topology.settings(n1, n2).lossProbability).toBe(0.1);
    expect(topology.settings(n1, n3).fifo).toBe(true);
    expect(topology.settings(n1, place('c1', 'cellar'))).toMatchObject({
      lossProbability: 0.5,
      fifo: false,
    });
  });
});
