/**
 * Reads a trace of requests: one key a line, any text; empty lines and lines that begin with `*`
 * are no requests; gzip is undone. Keys become 0, 1, 2... in the order in which they first come.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ScenarioError } from '../sim/index.ts';

export interface KeyTrace {
  readonly keys: Int32Array;
  readonly distinct: number;
}

const LINE_FEED = 10;
const COMMENT = '*';

export function readTrace(shown: string, cwd: string): KeyTrace {
  const bytes = plainBytes(readBytes(shown, cwd), shown);
  const idOf = new Map<string, number>();
  let keys = new Int32Array(1024);
  let requests = 0;
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    // Also takes a carriage return away, and the mark that some editors put at the beginning.
    const line = bytes.toString('utf8', start, end).trim();
    start = end + 1;
    if (line === '' || line.startsWith(COMMENT)) continue;
    let id = idOf.get(line);
    if (id === undefined) idOf.set(line, (id = idOf.size));
    if (requests === keys.length) {
      const wider = new Int32Array(requests * 2);
      wider.set(keys);
      keys = wider;
    }
    keys[requests++] = id;
  }
  if (requests === 0) {
    throw new ScenarioError(`There is no key in ${shown}.`, {
      hint: 'A trace has one key a line; lines that begin with * are comments.',
    });
  }
  return { keys: keys.subarray(0, requests), distinct: idOf.size };
}

function readBytes(shown: string, cwd: string): Buffer {
  try {
    return readFileSync(resolve(cwd, shown));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new ScenarioError(`${shown} is a folder; name a file in it.`);
    if (code === 'ENOENT') throw new ScenarioError(`There is no file ${shown}.`);
    throw new ScenarioError(`${shown} cannot be read (${code ?? String(error)}).`);
  }
}

function plainBytes(bytes: Buffer, shown: string): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    // Checks the sum of each part, and reads files of several parts to their end.
    return gunzipSync(bytes);
  } catch {
    throw new ScenarioError(`${shown} begins as a gzip file, but is damaged or cut short.`);
  }
}
