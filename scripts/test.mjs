/**
 * `npm test`: every stage of scripts/stages.mjs, stopping at the first that fails.
 * `npm test -- lint floors` runs the named stages only; `npm test -- --list` names them.
 *
 * The last line counts test cases: "N passed, N failed", and the exit code says the same.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { groups, root } from './stages.mjs';

/** @typedef {import('./stages.mjs').Stage} Stage */

const asked = process.argv.slice(2);
const names = groups.flat().map((stage) => stage.name);
if (asked.includes('--list')) {
  console.log(names.join('\n'));
  process.exit(0);
}
for (const name of asked) {
  if (!names.some((known) => known.startsWith(name))) {
    console.error(`There is no stage "${name}". There are: ${names.join(', ')}.`);
    process.exit(3);
  }
}

const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;

const results = mkdtempSync(join(tmpdir(), 'faultline-test-'));
const total = { passed: 0, failed: 0 };
const startedAt = Date.now();
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Runs one stage. A stage of test cases streams its output; the others are quiet unless they fail.
 * @param {Stage} stage
 * @returns {Promise<boolean>}
 */
function run(stage) {
  const began = Date.now();
  const streams = stage.projects !== undefined;
  const report = join(results, `${stage.name.replaceAll(' ', '-')}.json`);
  const args = streams
    ? [...stage.args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    : stage.args;
  if (streams) console.log(`\n${paint(1, `> ${stage.name}`)}`);
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: streams ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(colour ? { FORCE_COLOR: '1' } : {}) },
    });
    running.add(child);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      running.delete(child);
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      const passed = code === 0;
      if (streams) count(report, passed);
      if (!passed) console.log(output.trimEnd());
      const mark = passed ? paint(32, '✓') : paint(31, '✗');
      console.log(`${mark} ${stage.name.padEnd(18)} ${seconds.padStart(6)} s`);
      if (!passed) console.log(`  Repeat this stage alone: ${stage.repeat}`);
      done(passed);
    });
  });
}

/** Adds the cases of one stage. A stage that broke before it could report counts as one failure. */
function count(/** @type {string} */ report, /** @type {boolean} */ passed) {
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'));
    total.passed += json.numPassedTests;
    total.failed += json.numFailedTests;
    if (!passed && json.numFailedTests === 0) total.failed += 1;
  } catch {
    total.failed += 1;
  }
}

/**
 * Runs a group, as many stages at a time as there are cores; after a failure none is started.
 * @param {readonly Stage[]} group
 */
async function runGroup(group) {
  const waiting = [...group];
  let passed = true;
  const lane = async () => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
      if (!(await run(stage))) {
        passed = false;
        waiting.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, lane));
  return passed;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(130);
  });
}

let passed = true;
for (const group of groups) {
  const chosen = group.filter(
    (stage) => asked.length === 0 || asked.some((name) => stage.name.startsWith(name)),
  );
  if (chosen.length > 0 && !(await runGroup(chosen))) {
    passed = false;
    break;
  }
}
rmSync(results, { recursive: true, force: true });

const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
console.log(
  passed
    ? `\nAll stages passed in ${seconds} s.`
    : `\nStopped after ${seconds} s at the first failing stage; the stages after it did not run.`,
);
if (!passed && total.failed === 0) total.failed = 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(passed ? 0 : 1);
