/** One node on the map: redrawn by its painter when its frame changed, and only then. */
import { Container, Graphics } from 'pixi.js';
import type { Place } from '../layout/map.ts';
import { painterOf } from '../painters/index.ts';
import type { NodeFrame } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';
import { Labels } from './labels.ts';
import type { Sharpness } from './labels.ts';

/** From this scale on small print has room: below it letters grow against the scale. */
const NEAR_SCALE = 0.85;

const isNear = ({ scale }: Sharpness): boolean => scale >= NEAR_SCALE;

export class NodeSprite {
  /** Under the labels of all nodes. */
  readonly body = new Container();
  /** Over all messages and bodies. */
  readonly over = new Container();
  readonly #shape = new Graphics();
  readonly #top = new Graphics();
  readonly #labels: Labels;
  #frame: NodeFrame | null = null;
  #tokens: Tokens | null = null;
  #radius = 0;
  #look = '';
  #phase = 0;

  #near: boolean;

  constructor(sharpness: Sharpness) {
    this.#near = isNear(sharpness);
    this.#labels = new Labels(sharpness);
    this.body.addChild(this.#shape);
    this.over.addChild(this.#top, this.#labels.view);
  }

  setSharpness(sharpness: Sharpness): void {
    const near = isNear(sharpness);
    if (near !== this.#near) {
      this.#near = near;
      this.#frame = null;
      this.#look = '';
    }
    this.#labels.setSharpness(sharpness);
  }

  update(frame: NodeFrame, place: Place, tokens: Tokens, micros: number): void {
    this.body.position.set(place.x, place.y);
    this.over.position.set(place.x, place.y);
    const painter = painterOf(frame.component);
    const phase = painter.phaseOf(frame, micros);
    const stands = phase === this.#phase && place.radius === this.#radius;
    if (frame === this.#frame && tokens === this.#tokens && stands) return;
    const { busy, waiting } = frame.cores;
    const view = JSON.stringify(frame.view);
    const look = `${frame.name} ${frame.status} ${frame.roles.join()} ${busy} ${waiting} ${view}`;
    const same = look === this.#look && tokens === this.#tokens && stands;
    this.#frame = frame;
    this.#tokens = tokens;
    this.#radius = place.radius;
    this.#look = look;
    this.#phase = phase;
    // Most events wind up a timer and change nothing that is drawn here.
    if (same) return;
    this.#shape.clear();
    this.#top.clear();
    this.#labels.begin();
    painter.draw(
      {
        shape: this.#shape,
        over: this.#top,
        radius: place.radius,
        tokens,
        near: this.#near,
        micros,
        label: (text, x, y, options) => this.#labels.add(text, x, y, options),
      },
      frame,
    );
    this.#labels.end();
    this.body.alpha = frame.status === 'down' ? 0.62 : 1;
  }
}
