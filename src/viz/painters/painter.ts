/**
 * What a painter is: it draws one node of a component from its frame, and nothing else.
 *
 * A painter is called when the node's frame changed, never once per picture; what moves with time
 * (the timer's arc) is drawn apart by the stage. It draws around (0, 0), in world units.
 */
import type { Graphics } from 'pixi.js';
import type { NodeFrame } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';

export interface LabelOptions {
  readonly size: number;
  readonly colour: string;
  readonly bold?: boolean;
  /** Where the point lies on the text: default its middle. */
  readonly align?: 'left' | 'centre' | 'right';
}

export interface Brush {
  /** The body of the node: under the labels. */
  readonly shape: Graphics;
  /** What must stay readable whatever flies by: over everything. */
  readonly over: Graphics;
  readonly radius: number;
  readonly tokens: Tokens;
  label(text: string, x: number, y: number, options: LabelOptions): void;
}

export interface Painter {
  /** Draws the node, its role and its state. */
  readonly draw: (brush: Brush, node: NodeFrame) => void;
  /** The kind of timer that is drawn as an arc around the node now, if any. */
  readonly timerOf: (node: NodeFrame) => string | null;
}
