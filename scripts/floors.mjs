/**
 * The one table of floors. From it come the rules that dependency-cruiser checks
 * (`.dependency-cruiser.mjs`) and the picture in `docs/ARCHITECTURE.md` (`npm run docs`),
 * so that the rule and its description cannot drift apart.
 *
 * Invariant: the order of `floors` is the only order. A file imports from its own floor and from
 * floors above it in this list, type imports included.
 */

/**
 * @typedef {object} Floor
 * @property {string} name  the folder in src/sim, or the file for the door
 * @property {string} holds one sentence: what lives here
 * @property {boolean} [rooms] each sub-folder is a room, and rooms do not import each other
 */

/** Lowest floor first. @type {readonly Floor[]} */
export const floors = [
  {
    name: 'kernel',
    holds:
      'time, timing wheel, trace hash, named random streams, deterministic maths, order, errors',
  },
  {
    name: 'contracts',
    holds: 'the conversations between components: requests, replies, error codes, digests',
  },
  {
    name: 'policies',
    holds: 'pure algorithms: balancing, eviction, limiting, retry, hashing, samplers',
  },
  {
    name: 'protocols',
    holds: 'pure message machines: step(config, state, input) -> effects',
    rooms: true,
  },
  { name: 'network', holds: 'regions, zones, links, delivery, packet rules, connections' },
  {
    name: 'node',
    holds: 'the host of a component: lifecycle, mailbox, calls, timers, clocks, disk, scripts',
  },
  {
    name: 'traffic',
    holds:
      'what parts of the request path share: calls with retries, admission, pools, their words',
  },
  {
    name: 'components',
    holds: 'one behaviour of a node in each folder; they meet by contracts only',
    rooms: true,
  },
  { name: 'world', holds: 'the read-only World, named roles and predicates' },
  { name: 'faults', holds: 'faults as data, injection and undo, plans, triggers' },
  { name: 'observe', holds: 'metrics, client histories, trace records, frames' },
  { name: 'check', holds: 'always, sometimes, eventually, slo, linearizable and the other checks' },
  { name: 'scenario', holds: 'defineScenario, parameters, plan, topology, expectations' },
  {
    name: 'session',
    holds: 'what every host holds: run, advance, seek, fork, intervene, report, sweep',
  },
  { name: 'index.ts', holds: 'the only door: scenarios and hosts import from here' },
];

/**
 * What stands on top of the door. Each imports the door and what `mayImport` names, never a file
 * behind the door.
 */
export const hosts = [
  {
    path: 'scenarios',
    holds: 'one file for each scenario, grouped by topic',
    mayImport: [],
  },
  {
    path: 'src/cli',
    holds: 'Node host: commands, reports, sweeps over worker threads, vitest matchers',
    mayImport: ['scenarios'],
  },
  {
    path: 'src/viz',
    holds: 'browser host: worker, streams, state, layout, painters, panels',
    mayImport: ['scenarios'],
  },
];

/**
 * Packages, and the only places that may import them. A package that is not in this list may not
 * be imported from `src` or `scenarios` at all: adding one means adding a row with its reason.
 */
export const packages = [
  {
    name: 'seedrandom',
    where: ['src/sim/kernel'],
    why: 'its alea seeds each named stream; one file imports it, and there is no other source',
  },
  {
    name: 'hdr-histogram-js',
    where: ['tests/sim/observe'],
    why: 'the oracle of our own histogram: it needs WASM and inexact logarithms, so no run uses it',
  },
  {
    name: 'typebox',
    where: [
      'src/sim/contracts',
      'src/sim/traffic',
      'src/sim/components',
      'src/sim/scenario',
      'src/sim/session',
    ],
    why: 'schemas as data: validation, inspector controls and reference docs from one source',
  },
  {
    name: 'yaml',
    where: ['src/sim/scenario', 'src/cli', 'src/viz'],
    why: 'scenario documents with positions for error messages',
  },
  {
    name: 'fflate',
    where: ['src/sim/session', 'src/cli', 'src/viz'],
    why: 'compresses share links',
  },
  {
    name: 'rxjs',
    where: ['src/viz/stream', 'src/cli'],
    why: 'fed by the batched callbacks of observe, never once per event',
  },
  { name: 'zustand', where: ['src/viz/state'], why: 'the view state, vanilla store' },
  { name: 'pixi.js', where: ['src/viz/painters', 'src/viz/stage'], why: 'draws the stage' },
  { name: 'csv-parse', where: ['src/cli'], why: 'recorded arrivals in a file beside a document' },
  { name: 'preact', where: ['src/viz'], why: 'panels in the DOM' },
  { name: 'lucide-preact', where: ['src/viz'], why: 'icons of the panels' },
  { name: 'tinykeys', where: ['src/viz'], why: 'keyboard shortcuts' },
  { name: 'uplot', where: ['src/viz'], why: 'charts over long series' },
  { name: 'commander', where: ['src/cli'], why: 'the command line and its help' },
  { name: 'jiti', where: ['src/cli'], why: 'loads a TypeScript scenario outside the repository' },
  { name: 'vitest', where: ['src/cli/vitest.ts'], why: 'types of the matchers' },
];

const escape = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const floorPath = (/** @type {Floor} */ floor) =>
  floor.name.endsWith('.ts')
    ? `^src/sim/${escape(floor.name)}$`
    : `^src/sim/${escape(floor.name)}/`;
const anyOf = (/** @type {readonly string[]} */ patterns) => `(${patterns.join('|')})`;
const under = (/** @type {string} */ place) =>
  /\.[a-z]+$/.test(place) ? `^${escape(place)}$` : `^${escape(place)}/`;
const inModules = (/** @type {string} */ name) =>
  `(^|/)node_modules/(@types/)?${escape(name)}(/|$)`;

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

/** The forbidden rules of dependency-cruiser, all made from the tables above. */
export function floorRules() {
  /** @type {Rule[]} */
  const rules = [];
  floors.forEach((floor, level) => {
    const above = floors.slice(level + 1);
    if (above.length > 0) {
      rules.push({
        name: `no-upward-import-from-${floor.name}`,
        severity: 'error',
        comment:
          `src/sim/${floor.name} stands below ${above.map((f) => f.name).join(', ')}. Move what ` +
          'both need to the lower floor, or hand it in as an argument.',
        from: { path: floorPath(floor) },
        to: { path: anyOf(above.map(floorPath)) },
      });
    }
    if (floor.rooms === true) {
      rules.push({
        name: `no-sideways-import-in-${floor.name}`,
        severity: 'error',
        comment:
          `Folders in src/sim/${floor.name} do not know each other. They meet by contracts; ` +
          `shared code goes to a lower floor or to a file directly in ${floor.name}/.`,
        from: { path: `^src/sim/${floor.name}/([^/]+)/` },
        to: {
          path: `^src/sim/${floor.name}/`,
          pathNot: `^src/sim/${floor.name}/($1/|[^/]+\\.ts$)`,
        },
      });
    }
  });
  return [...rules, ...doorRules(), ...packageRules(), ...shapeRules()];
}

/** @returns {Rule[]} */
function doorRules() {
  /** @type {Rule[]} */
  const rules = [
    {
      name: 'sim-knows-no-host',
      severity: 'error',
      comment: 'The simulator runs in every host, so it imports none, and no scenario either.',
      from: { path: '^src/sim/' },
      to: { path: '^(src/(?!sim/)|scenarios/|tests/|bench/|scripts/)' },
    },
    {
      name: 'sim-floor-unknown',
      severity: 'error',
      comment: 'A folder in src/sim that is not in scripts/floors.mjs has no place in the order.',
      from: {},
      to: { path: '^src/sim/', pathNot: anyOf(floors.map(floorPath)) },
    },
  ];
  for (const host of hosts) {
    const allowed = [host.path, ...host.mayImport].map(under);
    rules.push({
      name: `one-door-for-${host.path.replace('/', '-')}`,
      severity: 'error',
      comment:
        `${host.path} imports src/sim/index.ts and nothing deeper. Either what you want does ` +
        'not belong in a host, or the door needs one more export.',
      from: { path: under(host.path) },
      to: {
        path: '^(src|scenarios|tests|bench|scripts)/',
        pathNot: anyOf([...allowed, '^src/sim/index\\.ts$']),
      },
    });
  }
  return rules;
}

/** @returns {Rule[]} */
function packageRules() {
  const rules = packages.map(
    /** @returns {Rule} */ (entry) => ({
      name: `package-${entry.name}`,
      severity: 'error',
      comment: `${entry.name} may be imported in ${entry.where.join(', ')} only: ${entry.why}.`,
      from: { path: '^(src|scenarios)/', pathNot: anyOf(entry.where.map(under)) },
      to: { path: inModules(entry.name) },
    }),
  );
  return [
    ...rules,
    {
      name: 'package-not-listed',
      severity: 'error',
      comment: 'Add the package with its place and its reason to scripts/floors.mjs.',
      from: { path: '^(src|scenarios)/' },
      to: {
        path: '(^|/)node_modules/',
        pathNot: anyOf(packages.map((entry) => inModules(entry.name))),
      },
    },
    {
      name: 'ships-what-it-imports',
      severity: 'error',
      comment:
        'The package installs its dependencies only. A development dependency may be imported by ' +
        'the page, which is bundled before it ships.',
      from: { path: '^(src/sim|src/cli|scenarios)/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: ['(^|/)node_modules/@types/', inModules('vitest')],
      },
    },
    {
      name: 'no-node-in-sim-or-browser',
      severity: 'error',
      comment: 'Node modules exist in the Node host (src/cli) only.',
      from: { path: '^(src/sim|src/viz|scenarios)/' },
      to: { dependencyTypes: ['core'] },
    },
  ];
}

/** @returns {Rule[]} */
function shapeRules() {
  return [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one file, or hide a third that both need.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved-import',
      severity: 'error',
      comment: 'The imported file or package does not exist.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'product-imports-no-tests',
      severity: 'error',
      comment: 'What ships does not depend on tests, benchmarks or build scripts.',
      from: { path: '^(src|scenarios)/' },
      to: { path: '^(tests|bench|scripts)/' },
    },
  ];
}

/** The options that both the command and the tests hand to dependency-cruiser. */
export const cruiseOptions = {
  doNotFollow: { path: 'node_modules' },
  // Type imports count: an `import type` upwards is the way in which floors leak first.
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['import', 'require', 'node', 'default', 'types'],
    extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js', '.json', '.d.ts'],
  },
};

/** The picture of the house in Markdown, top floor first. */
export function floorPicture() {
  const width = Math.max(...floors.map((f) => f.name.length), ...hosts.map((h) => h.path.length));
  const row = (/** @type {string} */ name, /** @type {string} */ holds) =>
    `${name.padEnd(width)}  ${holds}`;
  const top = hosts.map((host) => row(host.path, host.holds));
  const body = [...floors]
    .reverse()
    .map((floor) => row(floor.name, floor.holds + (floor.rooms ? ' (rooms)' : '')));
  return [
    '```',
    ...top,
    `${'-'.repeat(width)}  src/sim: each floor imports only downwards`,
    ...body,
    '```',
    '',
    'A floor marked *(rooms)* keeps its sub-folders apart: they do not import each other.',
    '',
    '| package | imported only in | why |',
    '|---|---|---|',
    ...packages.map(
      (entry) =>
        `| ${entry.name} | ${entry.where.map((w) => `\`${w}\``).join(', ')} | ${entry.why} |`,
    ),
  ].join('\n');
}
