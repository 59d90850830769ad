/**
 * Bytes as text that needs no escaping in a link: base64url without padding, in plain TypeScript,
 * because the simulator knows neither `btoa` nor `Buffer`.
 *
 * Decoding is strict: one text for one sequence of bytes, so that a link has one spelling.
 * Source: RFC 4648, section 5.
 */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function toBase64Url(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    parts.push(DIGITS[word >>> 18]!, DIGITS[(word >>> 12) & 63]!);
    if (left > 1) parts.push(DIGITS[(word >>> 6) & 63]!);
    if (left > 2) parts.push(DIGITS[word & 63]!);
  }
  return parts.join('');
}

/** The bytes, or null when the text is not base64url as `toBase64Url` writes it. */
export function fromBase64Url(text: string): Uint8Array | null {
  const tail = text.length % 4;
  if (tail === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let out = 0;
  let word = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = valueOf(text.charCodeAt(at));
    if (digit < 0) return null;
    word = ((word << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[out] = (word >>> bits) & 255;
      out += 1;
    }
  }
  // Left-over bits that are not zero would be a second spelling of the same bytes.
  return (word & ((1 << bits) - 1)) === 0 ? bytes : null;
}

function valueOf(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 45) return 62;
  return code === 95 ? 63 : -1;
}
