/**
 * `npm run conformance`: published tables, upstream vectors and explorations. `-- --long` runs
 * them at full size (minutes, for a nightly job): tests read that as FAULTLINE_LONG=1. Another
 * copy of the published data is read from CONFORMANCE_DIR.
 */
import { spawnSync } from 'node:child_process';
import { root, tool } from './stages.mjs';

const words = process.argv.slice(2);
const long = words.includes('--long');
const rest = words.filter((word) => word !== '--long');
const args = [tool('vitest/vitest.mjs'), 'run', '--project', 'conformance', ...rest];
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(long ? { FAULTLINE_LONG: '1' } : {}) },
});
process.exit(status ?? 1);
