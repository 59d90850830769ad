/** murmur2.json: hashes of keys, their partitions, and the coordinators of groups. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  coordinatorPartition,
  javaHashCode,
} from '../../../src/sim/policies/hashing/java-string.ts';
import {
  murmur2,
  partitionOfKey,
  toPositive,
  utf8Bytes,
} from '../../../src/sim/policies/hashing/murmur2.ts';

interface TextRow {
  readonly utf8: string;
  readonly murmur2: number;
  readonly positive: number;
}
interface ByteRow {
  readonly hex: string;
  readonly murmur2: number;
  readonly positive: number;
  readonly partitionMod_1_2_3_6_12_50: readonly number[];
}
interface Cases {
  readonly kafkaUtilsTest: readonly TextRow[];
  readonly kafkajs: readonly TextRow[];
  readonly generated: readonly ByteRow[];
  readonly coordinatorPartition: readonly {
    readonly id: string;
    readonly javaHashCode: number;
    readonly partitionOf50: number;
  }[];
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const cases = JSON.parse(readFileSync(join(folder, 'murmur2.json'), 'utf8')) as Cases;
const PARTITIONS = [1, 2, 3, 6, 12, 50];

describe('murmur2', () => {
  it.each([...cases.kafkaUtilsTest, ...cases.kafkajs])('of "$utf8"', (row) => {
    const hash = murmur2(utf8Bytes(row.utf8));
    expect(hash).toBe(row.murmur2);
    expect(toPositive(hash)).toBe(row.positive);
  });

  it.each(cases.generated)('of bytes $hex, and its partitions', (row) => {
    const key = Uint8Array.from(Buffer.from(row.hex, 'hex'));
    expect(murmur2(key)).toBe(row.murmur2);
    expect(toPositive(murmur2(key))).toBe(row.positive);
    expect(PARTITIONS.map((partitions) => partitionOfKey(key, partitions))).toEqual(
      row.partitionMod_1_2_3_6_12_50,
    );
  });
});

describe('the coordinator', () => {
  it.each(cases.coordinatorPartition)('of $id', (row) => {
    expect(javaHashCode(row.id)).toBe(row.javaHashCode);
    expect(coordinatorPartition(row.id, 50)).toBe(row.partitionOf50);
  });
});
