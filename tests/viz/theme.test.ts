import { describe, expect, it } from 'vitest';
import type { FlightKind } from '../../src/sim/index.ts';
import { FLIGHT_KINDS } from '../../src/sim/index.ts';
import { KIND_NAMES, OUTLINES, SHAPES } from '../../src/viz/theme/shapes.ts';
import { TOKENS, cssVariables, termColour } from '../../src/viz/theme/tokens.ts';
import { contrast } from './support/contrast.ts';

describe.each(['dark', 'light'] as const)('the %s theme', (theme) => {
  const t = TOKENS[theme];
  const grounds = { page: t.page, panel: t.panel, raised: t.raised, stage: t.stage };

  it.each(Object.entries(grounds))('has readable text on its %s (4.5 : 1)', (_, ground) => {
    for (const ink of [t.text, t.muted, t.accent, t.pass, t.fail, t.unknown, t.warning]) {
      expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('has readable text on its buttons and terms', () => {
    expect(contrast(t.onAccent, t.accent)).toBeGreaterThanOrEqual(4.5);
    for (const term of t.terms) {
      expect(contrast(t.onTerm, term), term).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('has graphics that stand out on the stage (3 : 1)', () => {
    const graphics = [
      t.nodeEdge,
      t.leader,
      t.fault,
      t.accent,
      t.focus,
      ...Object.values(t.flights),
    ];
    for (const colour of graphics) {
      expect(contrast(colour, t.stage), colour).toBeGreaterThanOrEqual(3);
    }
    for (const ground of Object.values(grounds)) {
      expect(contrast(t.edge, ground), `edge on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  });

  it('gives every token to the style sheets, and a term a colour of its own for a while', () => {
    const variables = cssVariables(theme);
    for (const value of variables.values()) expect(value).toMatch(/^#[0-9a-f]{6}$/);
    expect(variables.get('--on-accent')).toBe(t.onAccent);
    expect(variables.get('--flight-vote')).toBe(t.flights.vote);
    const first = [1, 2, 3, 4, 5, 6, 7, 8].map((term) => termColour(t, term));
    expect(new Set(first).size).toBe(8);
    expect(termColour(t, 9)).toBe(first[0]);
  });
});

/** Whether a kind's shape covers a point, in units of its radius. */
function covers(kind: FlightKind, x: number, y: number): boolean {
  const outline = OUTLINES[SHAPES[kind]];
  const distance = Math.hypot(x, y);
  if (outline === null) {
    return SHAPES[kind] === 'ring' ? Math.abs(distance - 0.8) <= 0.2 : distance <= 0.95;
  }
  let isInside = false;
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [outline[i]!, outline[i + 1]!, outline[j]!, outline[j + 1]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
  }
  return isInside;
}

/** The area that two shapes share, of all that either covers. */
function overlap(a: FlightKind, b: FlightKind): number {
  let [both, either] = [0, 0];
  for (let x = -1.4; x <= 1.4; x += 0.05) {
    for (let y = -1.4; y <= 1.4; y += 0.05) {
      const [inA, inB] = [covers(a, x, y), covers(b, x, y)];
      if (inA && inB) both += 1;
      if (inA || inB) either += 1;
    }
  }
  return both / either;
}

describe('kinds of messages', () => {
  it('have each a shape of its own', () => {
    expect(new Set(FLIGHT_KINDS.map((kind) => SHAPES[kind])).size).toBe(FLIGHT_KINDS.length);
  });

  it('tell tries apart by their shape alone, and by name in the legend', () => {
    const tries = ['request', 'retry', 'hedge'] as const;
    expect(tries.map((kind) => KIND_NAMES[kind])).toEqual(tries);
    expect(FLIGHT_KINDS).toEqual(expect.arrayContaining([...tries]));
    for (const kind of FLIGHT_KINDS) {
      if (kind !== 'hedge') expect(overlap('hedge', kind), kind).toBeLessThan(0.7);
      if (kind !== 'retry') expect(overlap('retry', kind), kind).toBeLessThan(0.7);
    }
  });

  it('keep the colours of Okabe and Ito on dark ground', () => {
    const { flights } = TOKENS.dark;
    expect(flights.request).toBe('#56b4e9');
    expect(flights.replication).toBe('#e69f00');
    expect(flights.heartbeat).toBe('#f0e442');
  });
});
