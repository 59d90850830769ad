/**
 * The bans of docs/DETERMINISM.md as ESLint rules, for every file that takes part in a run
 * (src/sim and scenarios). Each message names the replacement.
 *
 * Invariant: a ban here has a row in tests/lint/determinism-bans.test.ts that shows it biting.
 * A ban by name is not enough (`const { random } = Math` gets past it), so `Math` is banned except
 * for direct calls of the functions that ECMA-262 specifies exactly.
 */

const EXACT_MATH = [
  'abs',
  'ceil',
  'clz32',
  'floor',
  'fround',
  'imul',
  'max',
  'min',
  'round',
  'sign',
  'trunc',
];

const SIM_TIME = 'Simulated time comes from the context: ctx.now() and timers.';
const NO_PROMISE =
  'One more await reorders a run. Use ctx.call with onResult, or a generator script (yield*).';
const NO_HOST = 'The simulator runs in every host and knows none.';

/** Global names and what to use instead. */
const globals = {
  Date: SIM_TIME,
  performance: SIM_TIME,
  setTimeout: 'Use ctx.setTimer.',
  setInterval: 'Use ctx.setTimer and set it again when it fires.',
  setImmediate: 'Use ctx.setTimer.',
  clearTimeout: 'Use ctx.cancelTimer.',
  clearInterval: 'Use ctx.cancelTimer.',
  requestAnimationFrame: NO_HOST,
  queueMicrotask: NO_PROMISE,
  Promise: NO_PROMISE,
  crypto: 'Draw from a named stream: rng.stream(name).',
  process: NO_HOST,
  console: 'Record a fact or a finding; the host prints.',
  fetch: NO_HOST,
  navigator: NO_HOST,
  globalThis: NO_HOST,
  WeakRef: 'Garbage collection is not part of a run. Hold a strong reference or an index.',
  FinalizationRegistry: 'Garbage collection is not part of a run.',
  SharedArrayBuffer: 'Shared memory makes order depend on the machine.',
  Atomics: 'Shared memory makes order depend on the machine.',
  Intl: 'Locale data differs between hosts. Format by hand, with code units.',
  eval: 'Write the code out.',
};

const useTypes = [
  'Promise',
  'PromiseLike',
  'Date',
  'WeakRef',
  'AsyncIterable',
  'AsyncGenerator',
  'AsyncIterator',
];

const mathOk = `/^(${EXACT_MATH.join('|')})$/`;
const NO_MATH =
  'Only ' +
  EXACT_MATH.map((name) => `Math.${name}`).join(', ') +
  ' are exact in every engine. ln, exp, pow and sqrt are in kernel/maths.ts; draws come from a ' +
  'named stream.';
const MODULE_STATE =
  'Module state survives the first run and shifts the second. Keep it in an object of the run.';

/** Syntax and what to use instead. */
const syntax = [
  { selector: ':function[async=true]', message: NO_PROMISE },
  { selector: 'AwaitExpression', message: NO_PROMISE },
  { selector: 'ForOfStatement[await=true]', message: NO_PROMISE },
  { selector: 'ImportExpression', message: 'Import statically: a dynamic import is asynchronous.' },
  {
    selector: `TSTypeReference[typeName.name=/^(${useTypes.join('|')})$/]`,
    message: `${NO_PROMISE} ${SIM_TIME}`,
  },
  {
    selector: 'BinaryExpression[operator="**"]',
    message: '`**` is pow, and not exact. Use pow from kernel/maths.ts, or multiply.',
  },
  {
    selector: 'AssignmentExpression[operator="**="]',
    message: '`**=` is pow, and not exact. Use pow from kernel/maths.ts, or multiply.',
  },
  {
    selector: `MemberExpression[computed=false][object.name="Math"]:not([property.name=${mathOk}])`,
    message: NO_MATH,
  },
  {
    // Math held, destructured, passed or indexed: whatever is not `Math.name`.
    selector: ':not(MemberExpression[computed=false]) > Identifier[name="Math"]',
    message: NO_MATH,
  },
  {
    selector: 'MemberExpression[property.name=/^(localeCompare|toLocale[A-Z].*)$/]',
    message: 'Locale data differs between hosts. Compare by code units: compareText of kernel.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^(sort|toSorted)$/][arguments.length=0]',
    message: 'Sort with a total comparator; the default compares texts (10 before 9).',
  },
  {
    selector: 'ForInStatement',
    message: 'for-in lists integer-like keys first. Iterate an array or a Map.',
  },
  {
    selector: 'UnaryExpression[operator="delete"]',
    message: 'Objects are records, not dictionaries. Use a Map, or set the field to undefined.',
  },
  {
    selector: 'Program > VariableDeclaration[kind=/^(let|var)$/]',
    message: MODULE_STATE,
  },
  {
    selector: 'Program > ExportNamedDeclaration > VariableDeclaration[kind=/^(let|var)$/]',
    message: MODULE_STATE,
  },
  {
    selector:
      ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > ' +
      'NewExpression[callee.name=/^(Map|Set|WeakMap|WeakSet|Array)$/][arguments.length=0]',
    message: MODULE_STATE,
  },
  {
    selector:
      ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > ' +
      'ArrayExpression[elements.length=0]',
    message: MODULE_STATE,
  },
  {
    selector: 'PropertyDefinition[static=true][readonly=false]',
    message: MODULE_STATE,
  },
  {
    selector: 'MemberExpression[object.name=/^(e|err|error|cause)$/][property.name="stack"]',
    message: 'A stack trace differs between engines and may not steer a run.',
  },
  {
    selector: 'MemberExpression[object.name="JSON"][property.name="stringify"]',
    message: 'Use canonicalJson of kernel/canonical.ts: sorted keys, no NaN, no -0.',
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  { selector: 'LabeledStatement', message: 'Give the inner loop a function with a name.' },
];

/** @type {import('eslint').Linter.RulesRecord} */
export const determinismRules = {
  'no-restricted-globals': [
    'error',
    ...Object.entries(globals).map(([name, message]) => ({ name, message })),
  ],
  'no-restricted-syntax': ['error', ...syntax],
  'no-new-func': 'error',
};

/**
 * kernel/canonical.ts is the one place that may call JSON.stringify.
 * @type {typeof determinismRules}
 */
export const determinismRulesOfCanonical = {
  ...determinismRules,
  'no-restricted-syntax': [
    'error',
    ...syntax.filter((entry) => !entry.selector.includes('"JSON"')),
  ],
};
