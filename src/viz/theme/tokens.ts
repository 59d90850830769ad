/**
 * The colours of both themes: the one source for the style sheets and the painters.
 *
 * Flights use the palette of Okabe and Ito, which people with colour-blindness can tell apart; on
 * white its light hues are darkened until they stand out (3 : 1). Text keeps 4.5 : 1. A test
 * computes both. No colour says anything that a shape or a word does not say too.
 */
import type { FlightKind } from '../../sim/index.ts';

export type Theme = 'dark' | 'light';

export interface Tokens {
  readonly page: string;
  readonly panel: string;
  readonly raised: string;
  readonly stage: string;
  /** Borders of things that are not controls. */
  readonly line: string;
  /** Borders of controls. */
  readonly edge: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly focus: string;
  readonly pass: string;
  readonly fail: string;
  readonly unknown: string;
  readonly warning: string;
  readonly fault: string;
  readonly node: string;
  readonly nodeEdge: string;
  readonly leader: string;
  readonly link: string;
  readonly flights: { readonly [K in FlightKind]: string };
  /** Islands of a partition, in turn; drawn faintly. */
  readonly islands: readonly string[];
  /** Terms, in turn; text on them is `onTerm`. */
  readonly terms: readonly string[];
  readonly onTerm: string;
}

const dark: Tokens = {
  page: '#0d1117',
  panel: '#151b23',
  raised: '#1e2631',
  stage: '#0b0f14',
  line: '#2b3441',
  edge: '#6b7889',
  text: '#e8eef5',
  muted: '#a3b0bf',
  accent: '#79b8ff',
  onAccent: '#0b0f14',
  focus: '#ffd866',
  pass: '#3fc38d',
  fail: '#ff8a5c',
  unknown: '#e3b341',
  warning: '#e3b341',
  fault: '#e8743b',
  node: '#1b2430',
  nodeEdge: '#93a4b8',
  leader: '#ffd866',
  link: '#3a4656',
  flights: {
    request: '#56b4e9',
    retry: '#ff7eb6',
    hedge: '#b79cff',
    response: '#9bd6f5',
    replication: '#e69f00',
    acknowledgement: '#00b386',
    vote: '#e58fc0',
    heartbeat: '#f0e442',
    control: '#c9d1d9',
  },
  islands: ['#4a90d9', '#d98a3d', '#8f6fd1', '#3fa37f'],
  terms: ['#8fb8de', '#e0b974', '#9fcf9f', '#d7a0c3', '#b9a7e6', '#e6a58f', '#86cfc9', '#cfcf86'],
  onTerm: '#10151c',
};

const light: Tokens = {
  page: '#f3f5f8',
  panel: '#ffffff',
  raised: '#eef1f5',
  stage: '#fbfcfd',
  line: '#d5dbe3',
  edge: '#78838f',
  text: '#17202b',
  muted: '#4d5a68',
  accent: '#0a5cb8',
  onAccent: '#ffffff',
  focus: '#a15c00',
  pass: '#0b7a4b',
  fail: '#b83a0b',
  unknown: '#8a5a00',
  warning: '#8a5a00',
  fault: '#c04a00',
  node: '#ffffff',
  nodeEdge: '#5b6875',
  leader: '#8a6100',
  link: '#c3ccd6',
  flights: {
    request: '#0072b2',
    retry: '#c2185b',
    hedge: '#6a45c2',
    response: '#2b8fc9',
    replication: '#b36b00',
    acknowledgement: '#00805f',
    vote: '#b0478b',
    heartbeat: '#857800',
    control: '#56616d',
  },
  islands: ['#2f76c4', '#b86a14', '#6d4bb8', '#1c7f5c'],
  terms: ['#9cc3e6', '#ecc987', '#add9ad', '#e2b3d0', '#c9baf0', '#efb9a6', '#9adbd5', '#dcdc98'],
  onTerm: '#17202b',
};

export const TOKENS: { readonly [T in Theme]: Tokens } = { dark, light };

/** The custom properties of a theme, for the style sheets. */
export function cssVariables(theme: Theme): ReadonlyMap<string, string> {
  const tokens = TOKENS[theme];
  const variables = new Map<string, string>();
  const set = (name: string, value: string) => variables.set(`--${kebab(name)}`, value);
  for (const [name, value] of Object.entries(tokens)) {
    if (typeof value === 'string') set(name, value);
  }
  for (const [kind, colour] of Object.entries(tokens.flights)) set(`flight-${kind}`, colour);
  tokens.terms.forEach((colour, i) => set(`term-${i}`, colour));
  tokens.islands.forEach((colour, i) => set(`island-${i}`, colour));
  return variables;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

export const termColour = (tokens: Tokens, term: number): string =>
  tokens.terms[(term - 1 + tokens.terms.length) % tokens.terms.length]!;
