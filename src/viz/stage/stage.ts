/**
 * The stage: turns a scene into a picture. It holds Pixi objects and no state of the run.
 *
 * Layers from below: islands, boxes, sides, links, cuts, messages, nodes, arcs, labels, marks.
 * Messages are under the nodes and their labels, so that nothing that flies can hide what a node
 * says.
 */
import { Application, Container, Graphics } from 'pixi.js';
import { betweenEdges } from '../layout/geometry.ts';
import type { Point } from '../layout/geometry.ts';
import type { MapLayout } from '../layout/map.ts';
import type { Viewport } from '../layout/viewport.ts';
import { painterOf } from '../painters/index.ts';
import type { Counted } from '../state/islands.ts';
import { flightProgress } from '../state/scene.ts';
import type { Lately, Scene } from '../state/scene.ts';
import type { Tokens } from '../theme/tokens.ts';
import { BoxesLayer } from './boxes-layer.ts';
import { DensityLayer } from './density-layer.ts';
import { FaultsLayer } from './faults-layer.ts';
import { CROSS, GraphicsMessages, ParticleMessages } from './messages.ts';
import type { Sharpness } from './labels.ts';
import type { MessageLayer } from './messages.ts';
import { NodeSprite } from './node-sprite.ts';
import type { RendererName } from './renderer.ts';

/** What the picture shows beside the run itself. */
export interface Marks {
  readonly selected: number | null;
  /** Nodes that the story speaks of. */
  readonly focus: ReadonlySet<number>;
  /** The stroke of the knife under way, in world units. */
  readonly stroke: readonly [Point, Point] | null;
  /** Nodes on the far side of that stroke. */
  readonly farSide: ReadonlySet<number>;
}

export interface Picture {
  readonly scene: Scene;
  readonly layout: MapLayout;
  readonly viewport: Viewport;
  readonly tokens: Tokens;
  readonly marks: Marks;
  readonly counted: Counted;
  readonly lately: Lately | null;
  readonly reducedMotion: boolean;
}

/** Messages keep to the right of their link, so that both ways can be told apart. */
const LANE = 5;

export class Stage {
  readonly #app: Application;
  readonly #world = new Container({ isRenderGroup: true });
  readonly #links = new Graphics();
  readonly #arcs = new Graphics();
  readonly #marks = new Graphics();
  readonly #bodies = new Container();
  readonly #overs = new Container();
  readonly #faults: FaultsLayer;
  readonly #boxes: BoxesLayer;
  readonly #messages: MessageLayer;
  readonly #density: DensityLayer;
  readonly #sprites = new Map<number, NodeSprite>();
  readonly rendererName: RendererName;
  #layout: MapLayout | null = null;
  #tokens: Tokens;
  #sharpness: Sharpness;

  static async create(
    host: HTMLElement,
    rendererName: RendererName,
    tokens: Tokens,
  ): Promise<Stage> {
    const app = new Application();
    await app.init({
      preference: rendererName === 'webgl' ? ['webgl', 'canvas'] : ['canvas', 'webgl'],
      width: host.clientWidth,
      height: host.clientHeight,
      resolution: Math.min(2, window.devicePixelRatio || 1),
      autoDensity: true,
      antialias: true,
      backgroundColor: tokens.stage,
      autoStart: false,
      sharedTicker: false,
      eventMode: 'none',
    });
    app.ticker.stop();
    const canvas = app.canvas;
    canvas.setAttribute('aria-hidden', 'true');
    host.prepend(canvas);
    return new Stage(app, tokens);
  }

  private constructor(app: Application, tokens: Tokens) {
    this.#app = app;
    this.#tokens = tokens;
    this.rendererName = app.renderer.name === 'webgl' ? 'webgl' : 'canvas';
    this.#sharpness = { resolution: app.renderer.resolution, scale: 1 };
    this.#faults = new FaultsLayer(this.#sharpness);
    this.#boxes = new BoxesLayer(this.#sharpness);
    this.#density = new DensityLayer(this.#sharpness);
    this.#messages =
      this.rendererName === 'webgl' ? new ParticleMessages(tokens) : new GraphicsMessages(tokens);
    const layers: readonly (readonly [string, Container])[] = [
      ['islands', this.#faults.islands],
      ['boxes', this.#boxes.view],
      ['sides', this.#faults.callers],
      ['links', this.#links],
      ['cuts', this.#faults.cuts],
      ['density', this.#density.view],
      ['messages', this.#messages.view],
      ['nodes', this.#bodies],
      ['arcs', this.#arcs],
      ['labels', this.#overs],
      ['groups', this.#boxes.names],
      ['names', this.#faults.names],
      ['marks', this.#marks],
    ];
    for (const [label, layer] of layers) {
      layer.label = label;
      this.#world.addChild(layer);
    }
    app.stage.addChild(this.#world);
  }

  get canvas(): HTMLCanvasElement {
    return this.#app.canvas;
  }

  /** What is drawn over what, from below. */
  get layers(): readonly string[] {
    return this.#world.children.map((layer) => layer.label);
  }

  resize(width: number, height: number): void {
    this.#app.renderer.resize(width, height);
  }

  draw(picture: Picture): void {
    const { scene, layout, viewport, tokens } = picture;
    if (scene.nodes.length === 0 && this.#sprites.size > 0) return;
    if (tokens !== this.#tokens) {
      this.#tokens = tokens;
      this.#app.renderer.background.color = tokens.stage;
      this.#messages.setTokens(tokens);
      this.#layout = null;
    }
    this.#world.position.set(viewport.x, viewport.y);
    this.#world.scale.set(viewport.scale);
    this.#sharpen(viewport.scale);
    this.#boxes.update(layout, scene.nodes, picture.lately, scene.ended !== null, tokens);
    if (layout !== this.#layout) this.#drawLinks(layout, tokens);
    this.#layout = layout;
    this.#faults.update(scene.faults, layout, picture.counted, tokens);
    this.#drawMessages(picture);
    this.#drawNodes(scene, layout, tokens);
    this.#drawArcs(scene, layout, tokens);
    this.#drawMarks(picture);
    this.#app.renderer.render({ container: this.#app.stage });
  }

  /** Texts are made for the scale they are seen at, in steps, so that zooming keeps them sharp. */
  #sharpen(scale: number): void {
    const resolution = Math.min(4, Math.max(1, Math.ceil(scale * this.#app.renderer.resolution)));
    if (resolution === this.#sharpness.resolution && scale === this.#sharpness.scale) return;
    this.#sharpness = { resolution, scale };
    this.#faults.setSharpness(this.#sharpness);
    this.#boxes.setSharpness(this.#sharpness);
    this.#density.setSharpness(this.#sharpness);
    for (const sprite of this.#sprites.values()) sprite.setSharpness(this.#sharpness);
  }

  #drawLinks(layout: MapLayout, tokens: Tokens): void {
    const g = this.#links.clear();
    for (const inner of [false, true]) {
      let any = false;
      for (const link of layout.links) {
        const a = layout.places.get(link.a);
        const b = layout.places.get(link.b);
        if (link.inner !== inner || a === undefined || b === undefined) continue;
        g.moveTo(a.x, a.y).lineTo(b.x, b.y);
        any = true;
      }
      if (any) g.stroke({ width: inner ? 1.6 : 1, color: tokens.link, alpha: inner ? 0.9 : 0.32 });
    }
  }

  #drawMessages(picture: Picture): void {
    const { scene, layout, reducedMotion, tokens } = picture;
    this.#messages.begin();
    if (reducedMotion || scene.flightCount > this.#messages.shapesMax) {
      this.#density.draw(scene, layout, tokens);
      this.#messages.end();
      return;
    }
    this.#density.clear();
    const { micros } = scene.position;
    for (const { columns, rows } of scene.flights) {
      for (const row of rows) {
        const a = layout.places.get(columns.from[row]!);
        const b = layout.places.get(columns.to[row]!);
        if (a === undefined || b === undefined) continue;
        const [start, end] = betweenEdges(a, a.radius, b, b.radius);
        const { share, crossed } = flightProgress(columns, row, micros);
        const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
        const nx = (-(end.y - start.y) / length) * LANE;
        const ny = ((end.x - start.x) / length) * LANE;
        const x = start.x + (end.x - start.x) * share + nx;
        const y = start.y + (end.y - start.y) * share + ny;
        this.#messages.add(crossed ? CROSS : columns.kind[row]!, x, y);
      }
    }
    this.#messages.end();
  }

  #drawNodes({ nodes, position }: Scene, layout: MapLayout, tokens: Tokens): void {
    const seen = new Set<number>();
    for (const node of nodes) {
      const place = layout.places.get(node.index);
      if (place === undefined) continue;
      seen.add(node.index);
      let sprite = this.#sprites.get(node.index);
      if (sprite === undefined) {
        sprite = new NodeSprite(this.#sharpness);
        this.#sprites.set(node.index, sprite);
        this.#bodies.addChild(sprite.body);
        this.#overs.addChild(sprite.over);
      }
      sprite.update(node, place, tokens, position.micros);
    }
    for (const [index, sprite] of this.#sprites) {
      if (seen.has(index)) continue;
      sprite.body.destroy({ children: true });
      sprite.over.destroy({ children: true });
      this.#sprites.delete(index);
    }
  }

  /** What is left of each node's timer, as an arc that runs down to the top. */
  #drawArcs(scene: Scene, layout: MapLayout, tokens: Tokens): void {
    const g = this.#arcs.clear();
    let any = false;
    for (const node of scene.nodes) {
      const place = layout.places.get(node.index);
      const kind = painterOf(node.component).timerOf(node);
      if (place === undefined || kind === null || node.status !== 'up') continue;
      const timer = node.timers.find((t) => t.kind === kind);
      if (timer === undefined) continue;
      const span = timer.firesMicros - timer.setMicros;
      const left = timer.firesMicros - scene.position.micros;
      const share = span <= 0 ? 0 : Math.min(1, Math.max(0, left / span));
      if (share <= 0.001) continue;
      const radius = place.radius + 6;
      const from = -Math.PI / 2;
      const to = from + share * 2 * Math.PI;
      g.moveTo(place.x + Math.cos(from) * radius, place.y + Math.sin(from) * radius);
      g.arc(place.x, place.y, radius, from, to);
      any = true;
    }
    if (any) g.stroke({ width: 3, color: tokens.accent, alpha: 0.85 });
  }

  #drawMarks({ marks, layout, tokens }: Picture): void {
    const g = this.#marks.clear();
    for (const index of marks.focus) {
      const place = layout.places.get(index);
      if (place === undefined) continue;
      // Clients stand close: their rings must not meet.
      g.circle(place.x, place.y, Math.max(place.radius + 5, place.radius * 1.4 - 6));
      g.stroke({ width: 2.5, color: tokens.text, alpha: 0.4 });
    }
    const place = marks.selected === null ? undefined : layout.places.get(marks.selected);
    if (place !== undefined) {
      // Outside the arcs that painters draw around a node.
      g.circle(place.x, place.y, place.radius + 12).stroke({ width: 2.5, color: tokens.focus });
    }
    for (const index of marks.farSide) {
      const far = layout.places.get(index);
      if (far === undefined) continue;
      g.circle(far.x, far.y, far.radius + 5).fill({ color: tokens.fault, alpha: 0.28 });
    }
    if (marks.stroke !== null) {
      const [a, b] = marks.stroke;
      g.moveTo(a.x, a.y).lineTo(b.x, b.y).stroke({ width: 5, color: tokens.fault, cap: 'round' });
    }
  }

  destroy(): void {
    this.#app.destroy({ removeView: true }, { children: true });
  }
}
