/**
 * What a painter is: all that the page knows of one component. It draws a node from its frame,
 * says it in words for those who do not see the map, lists what the inspector tells, and explains
 * its marks to the legend. Nothing else on the page names a component.
 *
 * `draw` is called when the node's frame or its phase changed, never once per picture; the arc of
 * the timer, which moves always, is drawn apart by the stage. It draws around (0, 0), in world
 * units. Painters import only the types of Pixi: panels use their words before Pixi has come.
 */
import type { Graphics } from 'pixi.js';
import type { NodeFrame, View } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';
import type { Detail } from './detail.ts';
import type { Pen } from './glyphs/pen.ts';
import type { Outline } from './outline.ts';

export interface LabelOptions {
  readonly size: number;
  readonly colour: string;
  readonly bold?: boolean;
  /** Where the point lies on the text: default its middle. */
  readonly align?: 'left' | 'centre' | 'right';
  /** A wider text is written smaller; where that cannot be read any more, it is outlined. */
  readonly room?: number;
  /** It is a name: shortened rather than outlined, as far as that helps. */
  readonly isName?: boolean;
  /** The colour of that outline. */
  readonly halo?: string;
  /** A ground of its own, so that what lies under it does not make it unreadable. */
  readonly plate?: { readonly fill: string; readonly edge?: string };
}

export interface Brush {
  /** The body of the node: under the labels. */
  readonly shape: Graphics;
  /** What must stay readable whatever flies by: over everything. */
  readonly over: Graphics;
  readonly radius: number;
  readonly tokens: Tokens;
  /** Whether there is room for small print: seen from afar, only what matters most is drawn. */
  readonly near: boolean;
  /** The moment that is shown: what goes on between two frames of the node depends on it. */
  readonly micros: number;
  label(text: string, x: number, y: number, options: LabelOptions): void;
}

/** What a line of the legend shows before its sentence. */
export type LegendMark =
  | { readonly shape: Outline; readonly badge?: string; readonly strong?: boolean }
  | { readonly shape: 'arc' | 'hatched' | 'bars' | 'zigzag' }
  | { readonly shape: 'cell'; readonly filled: boolean }
  /** Drawn as on the map, within 12 units around (0, 0). */
  | { readonly shape: 'glyph'; draw(pen: Pen, tokens: Tokens): void }
  | { readonly shape: 'outcome'; readonly outcome: Outcome };

export interface LegendLine {
  readonly mark: LegendMark;
  /** One sentence. */
  readonly text: string;
}

export type Outcome = 'ok' | 'fail' | 'unknown';

/** How operations ended that this node asked for. */
export type Tally = { readonly [O in Outcome]: number };

/** What one component's painter says; `view` is the component's own, and null while it is down. */
export interface PainterParts<V extends View> {
  readonly component: V['component'];
  /** Draws the node, its role and its state. */
  draw(brush: Brush, node: NodeFrame, view: V | null): void;
  /** "leader in term 2": what a screen reader says after the node's name. */
  describe(view: V, node: NodeFrame): string;
  /** What its marks mean. */
  readonly legend: readonly LegendLine[];
  /** What the inspector tells. Default: the view's fields. */
  details?(view: V): readonly Detail[];
  /** The kind of timer that is drawn as an arc around the node now. Default: none. */
  timerOf?(view: V): string | null;
  /** What of it goes on between two frames, in steps that are worth a drawing. Default: nothing. */
  phaseOf?(view: V, micros: number): number;
  /** The number of its reign while it leads, which colours the tape. Default: 0. */
  termOf?(view: V): number;
  /** Of one with reigns: whether it may lead, as it is set up. Default: yes. */
  mayLead?(view: V): boolean;
  /** Of a client: how its operations ended. Default: it is no client. */
  tallyOf?(view: V): Tally;
  /** Of a client: whether an operation is under way. Default: none. */
  isBusy?(view: V): boolean;
  /** The letters under its name: the legend says what they mean. Default: none. */
  badgeOf?(view: V): string;
  /**
   * Whether the members of a group stand in a row, as equals that do not talk to each other.
   * Default: they are peers, and stand in a ring.
   */
  readonly standsInRow?: boolean;
  /** Links whose groups send to each other, each to the next one. Default: none do. */
  readonly flow?: readonly string[];
  /** Whether a group of them goes on only with more than half of its members. Default: no. */
  readonly needsMajority?: boolean;
}

/** A painter as the page uses it: every method narrows the node's view itself. */
export interface Painter<C extends string = string> {
  readonly component: C;
  readonly legend: readonly LegendLine[];
  readonly standsInRow: boolean;
  readonly flow: readonly string[];
  readonly needsMajority: boolean;
  /** Whether the tape keeps a lane for leaders because of it. */
  mayLead(node: NodeFrame): boolean;
  draw(brush: Brush, node: NodeFrame): void;
  describe(node: NodeFrame): string;
  details(node: NodeFrame): readonly Detail[];
  timerOf(node: NodeFrame): string | null;
  phaseOf(node: NodeFrame, micros: number): number;
  termOf(node: NodeFrame): number;
  tallyOf(node: NodeFrame): Tally | null;
  isBusy(node: NodeFrame): boolean;
  /** "FO. Follower: copies what the leader sends." Empty: there are no letters to explain. */
  hint(node: NodeFrame): string;
}

function hintOf(badge: string, legend: readonly LegendLine[]): string {
  const line = legend.find(({ mark }) => 'badge' in mark && mark.badge === badge);
  return line === undefined ? '' : `${badge}. ${line.text}`;
}

/** The one place that trusts a view's name. */
export function definePainter<V extends View>(parts: PainterParts<V>): Painter<V['component']> {
  const isOurs = (view: View): view is V => view.component === parts.component;
  const viewOf = ({ view }: NodeFrame): V | null => (view !== null && isOurs(view) ? view : null);
  /** What the part says of the node's view; `otherwise` while it is down, or if it says nothing. */
  const said = <R>(
    part: ((view: V, node: NodeFrame) => R) | undefined,
    node: NodeFrame,
    otherwise: R,
  ): R => {
    const view = viewOf(node);
    return part === undefined || view === null ? otherwise : part(view, node);
  };
  const fieldsOf = (view: V): readonly Detail[] => [{ kind: 'fields', fields: view.fields }];
  return {
    component: parts.component,
    legend: parts.legend,
    standsInRow: parts.standsInRow ?? false,
    flow: parts.flow ?? [],
    needsMajority: parts.needsMajority ?? false,
    mayLead: (node) =>
      parts.termOf !== undefined &&
      (parts.mayLead === undefined || said(parts.mayLead, node, false)),
    draw: (brush, node) => parts.draw(brush, node, viewOf(node)),
    describe: (node) => said(parts.describe, node, ''),
    details: (node) => said(parts.details ?? fieldsOf, node, []),
    timerOf: (node) => said(parts.timerOf, node, null),
    phaseOf: (node, micros) => said<number>((view) => parts.phaseOf?.(view, micros) ?? 0, node, 0),
    termOf: (node) => said(parts.termOf, node, 0),
    tallyOf: (node) => said<Tally | null>(parts.tallyOf, node, null),
    isBusy: (node) => said(parts.isBusy, node, false),
    hint: (node) => hintOf(said(parts.badgeOf, node, ''), parts.legend),
  };
}
