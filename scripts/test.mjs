/**
 * `npm test`: every stage of scripts/stages.mjs, stopping at the first group in which one fails.
 * `npm test -- lint types` runs the stages that begin so; `npm test -- --list` names them.
 *
 * Where test cases ran, the last line counts them: "N passed, N failed". The exit code says so too.
 */
import { runStages, stopAll, summary } from './run-stages.mjs';
import { groups } from './stages.mjs';

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

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    stopAll(signal);
    process.exit(130);
  });
}

const whole = asked.length === 0;
const chosen = groups
  .map((group) =>
    group.filter((stage) => whole || asked.some((name) => stage.name.startsWith(name))),
  )
  .filter((group) => group.length > 0);
const startedAt = Date.now();
const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const outcome = await runStages(chosen, { say: (line) => console.log(line), colour });
const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
console.log(`\n${summary(outcome, { whole, seconds }).join('\n')}`);
process.exit(outcome.failed.length === 0 ? 0 : 1);
