/** `open`: serves the visualiser with a scenario, and prints its address. */
import { encodeLink, ScenarioError } from '../sim/index.ts';
import type { RunSpec } from '../sim/index.ts';
import { extname } from 'node:path';
import type { Action, Call } from './command.ts';
import { EXIT } from './exit.ts';
import type { Host } from './host.ts';
import { openSession } from './open-session.ts';
import { parseWhole } from './parse.ts';
import { looksLikeLink, readOriginal, subjectOf } from './replay.ts';
import { sharedSpec } from './repro.ts';
import { serveSite } from './site.ts';
import { seedOf, specOf } from './spec-of.ts';
import type { Subject } from './subject.ts';
import { findFile, loadSubject, readText } from './subject.ts';

const PORT_MAX = 65_535;

export const open: Action = async (call) => {
  const { flags, host } = call;
  const fragment = await fragmentOf(call);
  const port = parseWhole(flags.text('port') ?? '0', '--port', 0, PORT_MAX);
  const site = await serveSite(port);
  host.stdout.write(`${site.url}${fragment}\n`);
  host.stderr.write('Ctrl-C ends it.\n');
  const asked = new Promise<void>((resolve) => {
    const release = host.onInterrupt(() => {
      release();
      resolve();
    });
  });
  await Promise.race([asked, site.failed]);
  await site.close();
  return EXIT.interrupted;
};

/** The part of the address after the slash: what the page shows. */
async function fragmentOf({ args, flags, host }: Call): Promise<string> {
  const target = args[0]!;
  if (looksLikeLink(target) || holdsRun(target, host)) {
    const original = readOriginal(target, host);
    return encodeLink(visibleSpec(original.spec, await subjectOf(original, undefined, host), host));
  }
  const subject = await loadSubject(target, host);
  return encodeLink(visibleSpec(specOf(subject, flags, seedOf(flags), host), subject, host));
}

/** Whether the target is a JSON file that holds a report or a specification, not a document. */
function holdsRun(target: string, host: Host): boolean {
  if (extname(target) !== '.json') return false;
  try {
    const text = readText(findFile(target, host), target);
    const data = JSON.parse(text) as { readonly spec?: unknown; readonly engine?: unknown } | null;
    return data?.spec !== undefined || data?.engine !== undefined;
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    return false;
  }
}

/** The page loads no code: what a file builds is handed over as a document. */
function visibleSpec(spec: RunSpec, subject: Subject, host: Host): RunSpec {
  const session = openSession(spec, subject, host);
  if (subject.file !== null && subject.scenario?.registers !== undefined) {
    throw new ScenarioError(`${subject.target} brings parts of its own, which no page can load.`, {
      path: 'registers',
      hint: 'Add them to the catalogue of a checkout of Faultline to watch them.',
    });
  }
  return sharedSpec(spec, subject, session);
}
