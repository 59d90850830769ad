/** The entry of the command line: `faultline` in the package, `npm run -s sim --` here. */
import process from 'node:process';
import { processHost } from './process-host.ts';
import { runCli } from './program.ts';

process.exitCode = await runCli(processHost(import.meta.url));
