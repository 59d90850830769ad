/**
 * Data of any shape as one word of a link: canonical JSON, deflated, in base64url, after its length
 * (`<bytes in base 36>.<base64url>`).
 *
 * The length is said first so that unpacking allocates what was announced and no more: a link comes
 * from a stranger, and a few kilobytes may inflate to gigabytes.
 */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import { canonicalJson } from '../kernel/canonical.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { fromBase64Url, toBase64Url } from './base64url.ts';

/** What a link may unpack to. */
export const PACKED_BYTES_MAX = 4_000_000;
const DEPTH_MAX = 100;

export function pack(value: unknown): string {
  const bytes = strToU8(canonicalJson(value));
  return `${bytes.length.toString(36)}.${toBase64Url(deflateSync(bytes, { level: 9 }))}`;
}

/** Throws a ScenarioError unless `text` is what `pack` writes. */
export function unpack(text: string): unknown {
  const damaged = (what: string) =>
    new ScenarioError(`The link is damaged: ${what}.`, {
      path: 'link.x',
      hint: 'Copy the whole link again; chat programs sometimes cut long ones.',
    });
  const match = /^([0-9a-z]{1,6})\.([A-Za-z0-9_-]+)$/.exec(text);
  if (match === null) throw damaged('its packed part x is not packed data');
  const length = parseInt(match[1]!, 36);
  if (length > PACKED_BYTES_MAX) {
    throw new ScenarioError(
      `The link unpacks to ${length} bytes, more than the ${PACKED_BYTES_MAX} that are allowed.`,
      { path: 'link.x', hint: 'Share the scenario as a file instead.' },
    );
  }
  const deflated = fromBase64Url(match[2]!);
  if (deflated === null) throw damaged('its packed part x has a wrong letter');
  const bytes = inflate(deflated, length);
  if (bytes === null) throw damaged('its packed part x does not unpack');
  return parseData(strFromU8(bytes), 'link.x');
}

/** Exactly `length` bytes, or null. One byte more than announced is room to notice an excess. */
function inflate(deflated: Uint8Array, length: number): Uint8Array | null {
  try {
    const bytes = inflateSync(deflated, { out: new Uint8Array(length + 1) });
    return bytes.length === length ? bytes : null;
  } catch {
    return null;
  }
}

/** JSON from a stranger: a ScenarioError when it is broken or nested too deep to walk safely. */
export function parseData(text: string, path: string): unknown {
  if (depthOf(text) > DEPTH_MAX) {
    throw new ScenarioError(`The data is nested more than ${DEPTH_MAX} levels deep.`, { path });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ScenarioError('The data is not valid JSON.', { path });
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter === '\\') at += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '[' || letter === '{') deepest = Math.max(deepest, (depth += 1));
    else if (letter === ']' || letter === '}') depth -= 1;
  }
  return deepest;
}
