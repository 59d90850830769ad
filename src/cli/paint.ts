/**
 * Colour for terminals, and the marks of verdicts. Colour is never the only sign: each verdict has
 * a mark and a word of its own.
 */
import { styleText } from 'node:util';
import type { Host, Output } from './host.ts';

type Verdict = 'pass' | 'fail' | 'unknown';
type Style = Parameters<typeof styleText>[0];

export interface Paint {
  readonly on: boolean;
  bold(text: string): string;
  dim(text: string): string;
  verdict(verdict: Verdict, text: string): string;
}

const STYLE_OF: { readonly [V in Verdict]: Style } = {
  pass: 'green',
  fail: 'red',
  unknown: 'yellow',
};
export const MARK_OF: { readonly [V in Verdict]: string } = { pass: '✓', fail: '✗', unknown: '?' };

export function paintFor(output: Output, env: Host['env']): Paint {
  const on = wantsColour(output, env);
  const styled = (style: Style, text: string) =>
    on && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  return {
    on,
    bold: (text) => styled('bold', text),
    dim: (text) => styled('dim', text),
    verdict: (verdict, text) => styled(STYLE_OF[verdict], text),
  };
}

/** NO_COLOR and FORCE_COLOR as https://no-color.org and Node have them; else only a terminal. */
function wantsColour(output: Output, env: Host['env']): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return output.isTerminal && env['TERM'] !== 'dumb';
}
