/**
 * How errors are told, and what exit code they mean.
 *
 * The user's mistake is one sentence, where, and what to do: no stack trace. Ours is everything
 * that helps to mend it: the stack, and the command that repeats the run.
 */
import { DivergenceError, InvariantError, ScenarioError } from '../sim/index.ts';
import type { ExitCode } from './exit.ts';
import { EXIT } from './exit.ts';
import type { Host } from './host.ts';
import { placeIn } from './load-typescript.ts';
import { paintFor } from './paint.ts';
import { placed } from './place-in-file.ts';
import type { Subject } from './subject.ts';

/** A bug of ours that came up during a run, with the command that repeats it. */
export class BrokenRun extends Error {
  override readonly name = 'BrokenRun';
  readonly command: string;

  constructor(cause: unknown, command: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.command = command;
  }
}

/**
 * Whose mistake an error during a run is. What the code of a scenario file throws by itself is the
 * file's, unless it is one of our errors; everything else that is no ScenarioError is ours.
 */
export function blame(error: unknown, subject: Subject, command: string): Error {
  if (error instanceof ScenarioError) return placed(error, subject);
  const ours = error instanceof InvariantError || error instanceof DivergenceError;
  const place = ours || subject.file === null ? '' : placeIn(error, subject.file);
  if (place === '') return new BrokenRun(error, command);
  const message = error instanceof Error ? error.message : String(error);
  return new ScenarioError(`${subject.target} throws during the run: ${message.split('\n')[0]!}.`, {
    path: place,
    hint: `Repeat it with: ${command}`,
  });
}

/** Does what runs code of a scenario file outside of a run: a check that says how it stands. */
export function blaming<T>(subject: Subject, command: () => string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw blame(error, subject, command());
  }
}

export const ISSUES_ADDRESS = 'the issue tracker of Faultline';

export function tell(error: unknown, host: Host): ExitCode {
  const paint = paintFor(host.stderr, host.env);
  if (error instanceof ScenarioError) {
    host.stderr.write(`${paint.verdict('fail', 'error:')} ${sentence(error)}\n`);
    return EXIT.wrong;
  }
  const broken = error instanceof BrokenRun ? error : null;
  const cause: unknown = broken?.cause ?? error;
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  host.stderr.write(
    `${paint.verdict('fail', 'This is a bug of Faultline, not of your scenario.')}\n${stack}\n` +
      (broken === null ? '' : `\nThis command repeats it: ${broken.command}\n`) +
      `Please report it with the lines above to ${ISSUES_ADDRESS}.\n`,
  );
  return EXIT.ours;
}

/** "There is no scenario "x" (at scenario.id). Did you mean y?" in one line. */
export function sentence(error: ScenarioError): string {
  const message = error.message.trim();
  const stop = /[.!?]$/.test(message);
  const at = error.path === '' || message.includes(error.path) ? '' : ` (at ${error.path})`;
  const body = `${stop ? message.slice(0, -1) : message}${at}${stop ? message.at(-1) : '.'}`;
  return `${body} ${error.hint}`.trim().replace(/\s+/g, ' ');
}
