/**
 * Messages under way: one interface, two backends, each the fast one on its renderer.
 *
 * Under Canvas2D a Graphics redrawn each frame is fastest; under WebGL that would be slow, and
 * particles of one atlas are.
 */
import { Graphics, Particle, ParticleContainer, Rectangle, Texture } from 'pixi.js';
import type { Container } from 'pixi.js';
import type { FlightKind } from '../../sim/index.ts';
import { FLIGHT_KINDS } from '../../sim/index.ts';
import type { FlightShape } from '../theme/shapes.ts';
import { OUTLINES, SHAPES } from '../theme/shapes.ts';
import type { Tokens } from '../theme/tokens.ts';

export const MESSAGE_RADIUS = 6;

/** Where messages are drawn, gathered for one frame: kind -1 is the cross of a lost one. */
export interface MessageLayer {
  readonly view: Container;
  begin(): void;
  add(kind: number, x: number, y: number): void;
  end(): void;
  setTokens(tokens: Tokens): void;
  /** Above so many, links are drawn by density instead. */
  readonly shapesMax: number;
}

export const CROSS = -1;

export function addShape(graphics: Graphics, shape: FlightShape, x: number, y: number, r: number) {
  const outline = OUTLINES[shape];
  if (outline === null) {
    graphics.circle(x, y, shape === 'ring' ? r * 0.8 : r * 0.95);
    return;
  }
  graphics.poly(outline.map((value, i) => (i % 2 === 0 ? x : y) + value * r));
}

export class GraphicsMessages implements MessageLayer {
  readonly view = new Graphics();
  readonly shapesMax = 800;
  #tokens: Tokens;
  /** Per kind, x and y in turn; the last list is of crosses. */
  readonly #places: number[][] = [...FLIGHT_KINDS, CROSS].map(() => []);

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  setTokens(tokens: Tokens): void {
    this.#tokens = tokens;
  }

  begin(): void {
    for (const list of this.#places) list.length = 0;
  }

  add(kind: number, x: number, y: number): void {
    this.#places[kind === CROSS ? this.#places.length - 1 : kind]!.push(x, y);
  }

  end(): void {
    const g = this.view.clear();
    FLIGHT_KINDS.forEach((kind, i) => {
      const list = this.#places[i]!;
      if (list.length === 0) return;
      const shape = SHAPES[kind];
      for (let k = 0; k < list.length; k += 2) {
        addShape(g, shape, list[k]!, list[k + 1]!, MESSAGE_RADIUS);
      }
      const colour = this.#tokens.flights[kind];
      if (shape === 'ring') g.stroke({ width: 2.4, color: colour });
      else g.fill({ color: colour });
    });
    const crosses = this.#places.at(-1)!;
    if (crosses.length === 0) return;
    const r = MESSAGE_RADIUS;
    for (let k = 0; k < crosses.length; k += 2) {
      const x = crosses[k]!;
      const y = crosses[k + 1]!;
      g.moveTo(x - r, y - r)
        .lineTo(x + r, y + r)
        .moveTo(x + r, y - r)
        .lineTo(x - r, y + r);
    }
    g.stroke({ width: 2.8, color: this.#tokens.fault });
  }
}

const TILE = 48;

export class ParticleMessages implements MessageLayer {
  readonly view: ParticleContainer;
  readonly shapesMax = 20_000;
  #textures: Texture[];
  #used = 0;
  readonly #pool: Particle[] = [];

  constructor(tokens: Tokens) {
    this.view = new ParticleContainer({
      dynamicProperties: { position: true, uvs: true, rotation: false, color: false },
      boundsArea: new Rectangle(-2_000, -2_000, 6_000, 6_000),
    });
    this.#textures = atlas(tokens);
  }

  setTokens(tokens: Tokens): void {
    this.#textures = atlas(tokens);
    this.#pool.length = 0;
    this.#used = 0;
    this.view.particleChildren.length = 0;
    this.view.texture = this.#textures[0]!;
    this.view.update();
  }

  begin(): void {
    this.#used = 0;
  }

  add(kind: number, x: number, y: number): void {
    const texture = this.#textures[kind === CROSS ? this.#textures.length - 1 : kind]!;
    let particle = this.#pool[this.#used];
    if (particle === undefined) {
      const scale = (MESSAGE_RADIUS * 3) / TILE;
      particle = new Particle({
        texture,
        anchorX: 0.5,
        anchorY: 0.5,
        scaleX: scale,
        scaleY: scale,
      });
      this.#pool.push(particle);
    }
    this.#used += 1;
    particle.texture = texture;
    particle.x = x;
    particle.y = y;
  }

  end(): void {
    const children = this.view.particleChildren;
    const before = children.length;
    for (let i = before; i < this.#used; i++) children.push(this.#pool[i]!);
    children.length = this.#used;
    if (before !== this.#used) this.view.update();
  }
}

/** Every shape in its colour, side by side on one texture, as particles need. */
function atlas(tokens: Tokens): Texture[] {
  const canvas = document.createElement('canvas');
  const count = FLIGHT_KINDS.length + 1;
  canvas.width = TILE * count;
  canvas.height = TILE;
  const context = canvas.getContext('2d')!;
  FLIGHT_KINDS.forEach((kind, i) => paintTile(context, kind, tokens, i));
  paintCross(context, tokens, count - 1);
  const { source } = Texture.from(canvas, true);
  return Array.from(
    { length: count },
    (_, i) => new Texture({ source, frame: new Rectangle(i * TILE, 0, TILE, TILE) }),
  );
}

function paintTile(c: CanvasRenderingContext2D, kind: FlightKind, tokens: Tokens, at: number) {
  const x = (at + 0.5) * TILE;
  const y = TILE / 2;
  const r = TILE / 3;
  const outline = OUTLINES[SHAPES[kind]];
  c.beginPath();
  c.fillStyle = tokens.flights[kind];
  c.strokeStyle = tokens.flights[kind];
  if (outline === null) {
    const ring = SHAPES[kind] === 'ring';
    c.arc(x, y, ring ? r * 0.8 : r * 0.95, 0, 2 * Math.PI);
    c.lineWidth = r * 0.4;
    if (ring) c.stroke();
    else c.fill();
    return;
  }
  for (let i = 0; i < outline.length; i += 2) {
    c.lineTo(x + outline[i]! * r, y + outline[i + 1]! * r);
  }
  c.fill();
}

function paintCross(c: CanvasRenderingContext2D, tokens: Tokens, at: number): void {
  const x = (at + 0.5) * TILE;
  const y = TILE / 2;
  const r = TILE / 3;
  c.beginPath();
  c.strokeStyle = tokens.fault;
  c.lineWidth = r * 0.47;
  c.moveTo(x - r, y - r);
  c.lineTo(x + r, y + r);
  c.moveTo(x + r, y - r);
  c.lineTo(x - r, y + r);
  c.stroke();
}
