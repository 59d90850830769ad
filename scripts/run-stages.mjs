/**
 * Runs stages in their groups. The stages of one group all finish, whatever fails, so that one run
 * names everything that is wrong; a group that failed ends the run before the next one starts.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './stages.mjs';

/** @typedef {import('./stages.mjs').Stage} Stage */
/**
 * @typedef {object} Outcome
 * @property {string[]} failed names of the stages that failed
 * @property {string[]} notRun names of the stages that were left out because others failed
 * @property {boolean} counted whether a stage of test cases ran
 * @property {{ passed: number, failed: number }} cases
 */
/**
 * @typedef {object} Printing
 * @property {(line: string) => void} say
 * @property {boolean} colour
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** @param {NodeJS.Signals} signal */
export function stopAll(signal) {
  for (const child of running) child.kill(signal);
}

/**
 * @param {readonly (readonly Stage[])[]} groups
 * @param {Printing} printing
 * @returns {Promise<Outcome>}
 */
export async function runStages(groups, printing) {
  const results = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  /** @type {Outcome} */
  const outcome = { failed: [], notRun: [], counted: false, cases: { passed: 0, failed: 0 } };
  try {
    for (const group of groups) {
      if (outcome.failed.length > 0) outcome.notRun.push(...group.map((stage) => stage.name));
      else await runGroup(group, { results, outcome, ...printing });
    }
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
  return outcome;
}

/**
 * As many stages at a time as there are cores.
 * @param {readonly Stage[]} group
 * @param {Printing & { results: string, outcome: Outcome }} run
 */
async function runGroup(group, run) {
  const waiting = [...group];
  const lane = async () => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
      if (!(await runStage(stage, run))) run.outcome.failed.push(stage.name);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, lane));
}

/**
 * Runs one stage. A stage of test cases streams its output; the others are quiet unless they fail.
 * @param {Stage} stage
 * @param {Printing & { results: string, outcome: Outcome }} run
 * @returns {Promise<boolean>}
 */
function runStage(stage, { results, outcome, say, colour }) {
  const began = Date.now();
  const streams = stage.projects !== undefined;
  const report = join(results, `${stage.name.replaceAll(' ', '-')}.json`);
  const paint = painter(colour);
  const args = streams
    ? [...stage.args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    : stage.args;
  if (streams) say(`\n${paint(1, `> ${stage.name}`)}`);
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
      if (streams) count(report, passed, outcome);
      if (!passed && output !== '') say(output.trimEnd());
      const mark = passed ? paint(32, '✓') : paint(31, '✗');
      say(`${mark} ${stage.name.padEnd(18)} ${seconds.padStart(6)} s`);
      if (!passed) say(`  Repeat this stage alone: ${stage.repeat}`);
      done(passed);
    });
  });
}

/** @param {boolean} colour */
const painter = (colour) => (/** @type {number} */ code, /** @type {string} */ text) =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;

/**
 * Adds the cases of one stage. A stage that broke before it could report counts as one failure.
 * @param {string} report
 * @param {boolean} passed
 * @param {Outcome} outcome
 */
function count(report, passed, outcome) {
  const { cases } = outcome;
  outcome.counted = true;
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'));
    cases.passed += json.numPassedTests;
    cases.failed += json.numFailedTests;
    if (!passed && json.numFailedTests === 0) cases.failed += 1;
  } catch {
    cases.failed += 1;
  }
}

/**
 * The last lines. Test cases are counted where some ran, and where the whole was asked for, as a
 * machine reads that line: then a stage without cases that failed counts as one failure.
 * @param {Outcome} outcome
 * @param {{ whole: boolean, seconds: string }} run
 * @returns {string[]}
 */
export function summary({ failed, notRun, counted, cases }, { whole, seconds }) {
  const left = notRun.length === 0 ? '' : ` Not run because of that: ${notRun.join(', ')}.`;
  const lines = [
    failed.length === 0
      ? `All stages passed in ${seconds} s.`
      : `Failed after ${seconds} s: ${failed.join(', ')}.${left}`,
  ];
  const failures = failed.length > 0 ? Math.max(1, cases.failed) : cases.failed;
  if (counted || whole) lines.push(`${cases.passed} passed, ${failures} failed`);
  return lines;
}
