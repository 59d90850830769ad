/** Scenario files as people write them outside the repository. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder outside the repository, gone after the tests of the file. */
export function outsideFolder(): {
  readonly path: string;
  write(name: string, text: string): string;
} {
  const path = mkdtempSync(join(tmpdir(), 'faultline-cli-'));
  afterAll(() => rmSync(path, { recursive: true }));
  return {
    path,
    write(name, text) {
      writeFileSync(join(path, name), text);
      return name;
    },
  };
}

/** Catalogue parts only; typed, with an import of its own. */
export const SCENARIO_TS = `
import { defineScenario, field } from 'faultline';
import type { Plan } from 'faultline';
import { NODES } from './numbers.ts';

interface Params {
  readonly nodes: number;
  readonly crashAtMs: number;
}

function plan(params: Params): Plan {
  return {
    title: 'A leader crashes',
    summary: 'Written outside of the repository.',
    durationMs: 3_000,
    network: { latency: { kind: 'constant', ms: 2 } },
    groups: [
      { name: 'n', component: 'raft-kv', count: params.nodes },
      { name: 'c', component: 'kv-client', count: 1, links: { servers: 'n' } },
    ],
    faults: [
      { id: 'crash', atMs: params.crashAtMs, forMs: 500, fault: { type: 'crash', target: 'n1' } },
    ],
    healAtMs: 2_000,
    checks: [{ id: 'linearizable', use: 'linearizable' }],
    story: [],
  };
}

export default defineScenario({
  id: 'mine/crash',
  title: 'A leader crashes',
  summary: 'Written outside of the repository.',
  tier: 'calm',
  sources: [],
  params: {
    nodes: field.count({ about: 'Servers.', default: NODES, min: 3, max: 7 }),
    crashAtMs: field.millis({ about: 'When it crashes.', default: 1_000 }),
  },
  plan,
  variants: [{ name: 'default', about: 'As it is.' }],
  thingsToTry: [],
  leavesOut: [],
});
`;
/** The same with a variant that teaches a failure, and a check that sees it. */
export const TEACHING_TS = SCENARIO_TS.replace(
  "variants: [{ name: 'default', about: 'As it is.' }]",
  `variants: [
    { name: 'default', about: 'As it is.' },
    {
      name: 'forgetful',
      about: 'Servers answer before their disks have it.',
      ablations: ['raft.persist-before-reply'],
      expect: { 'all-run': { breaks: {} } },
    },
  ]`,
).replace(
  'checks: [{',
  "checks: [{ id: 'all-run', use: 'always', args: { predicate: 'all-up' } }, {",
);

export const NUMBERS_TS = 'export const NODES: number = 3;\n';

export const SCENARIO_YAML = `
title: A leader crashes
durationMs: 3000
network:
  latency: { kind: constant, ms: 2 }
groups:
  - { name: n, component: raft-kv, count: 3 }
  - { name: c, component: kv-client, count: 1, links: { servers: n } }
faults:
  - { id: crash, atMs: 1000, forMs: 500, fault: { type: crash, target: n1 } }
healAtMs: 2000
checks:
  - { id: linearizable, use: linearizable }
`;
