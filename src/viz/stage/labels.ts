/** A pool of texts that are made again only when what they say has changed. */
import { Container, Graphics, Text } from 'pixi.js';
import { fittedName, fittedSize, letterSize } from '../layout/letters.ts';
import type { LabelOptions } from '../painters/painter.ts';

export const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';

const ANCHORS = { left: 0, centre: 0.5, right: 1 } as const;
/** Letters reach below the room that is measured for them. */
const PADDING = 4;
/** Of the size of the letters. */
const HALO = 0.28;
const NO_HALO = ' 0';

/** How texts are to be made: for so many device pixels per unit, and seen at that scale. */
export interface Sharpness {
  readonly resolution: number;
  readonly scale: number;
}

export class Labels {
  readonly view = new Container();
  readonly #plates = new Graphics();
  readonly #texts: Text[] = [];
  /** What each is to say; what it does say may be shorter. */
  readonly #contents: string[] = [];
  readonly #options: LabelOptions[] = [];
  /** The colour and the width of the outline of each. */
  readonly #halos: string[] = [];
  #used = 0;
  #sharpness: Sharpness;

  constructor(sharpness: Sharpness) {
    this.#sharpness = sharpness;
    this.view.addChild(this.#plates);
  }

  begin(): void {
    this.#used = 0;
  }

  add(content: string, x: number, y: number, options: LabelOptions): void {
    if (content === '') return;
    const fontWeight = options.bold === true ? '700' : '500';
    const { text: said, size: fontSize, fits } = this.#fitted(content, options);
    let text = this.#texts[this.#used];
    if (text === undefined) {
      text = new Text({
        text: said,
        resolution: this.#sharpness.resolution,
        style: { fontFamily: FONT, fontSize, fontWeight, fill: options.colour, padding: PADDING },
      });
      this.#texts.push(text);
      this.view.addChild(text);
    } else {
      const { style } = text;
      if (style.fontSize !== fontSize) style.fontSize = fontSize;
      if (style.fontWeight !== fontWeight) style.fontWeight = fontWeight;
      if (style.fill !== options.colour) style.fill = options.colour;
      if (text.text !== said) text.text = said;
    }
    this.#contents[this.#used] = content;
    this.#options[this.#used] = options;
    this.#setHalo(this.#used, fits);
    this.#used += 1;
    text.visible = true;
    text.anchor.set(ANCHORS[options.align ?? 'centre'], 0.5);
    text.position.set(x, y);
  }

  end(): void {
    for (let i = this.#used; i < this.#texts.length; i++) this.#texts[i]!.visible = false;
    this.#drawPlates();
  }

  /** The size a text of this size has at the present scale, in world units. */
  sizeOf(size: number): number {
    return letterSize(size, this.#sharpness.scale);
  }

  #fitted(text: string, { size, room, isName }: LabelOptions): ReturnType<typeof fittedName> {
    if (room === undefined) return { text, size: this.sizeOf(size), fits: true };
    const { scale } = this.#sharpness;
    if (isName === true) return fittedName(text, size, room, scale);
    return { text, ...fittedSize(text, size, room, scale) };
  }

  setSharpness(sharpness: Sharpness): void {
    this.#sharpness = sharpness;
    this.#texts.forEach((text, i) => {
      text.resolution = sharpness.resolution;
      const { text: said, size, fits } = this.#fitted(this.#contents[i]!, this.#options[i]!);
      if (text.text !== said) text.text = said;
      if (text.style.fontSize !== size) text.style.fontSize = size;
      this.#setHalo(i, fits);
    });
    this.#drawPlates();
  }

  /** A text that does not fit is outlined, so that the lines it crosses do not cross it. */
  #setHalo(at: number, fits: boolean): void {
    const colour = fits ? '' : (this.#options[at]!.halo ?? '');
    const { style } = this.#texts[at]!;
    const width = colour === '' ? 0 : style.fontSize * HALO;
    const look = `${colour} ${width}`;
    if (look === (this.#halos[at] ?? NO_HALO)) return;
    this.#halos[at] = look;
    // Of no width, it is not drawn.
    style.stroke = { color: colour === '' ? '#000000' : colour, width, join: 'round' };
  }

  #drawPlates(): void {
    const g = this.#plates.clear();
    for (let i = 0; i < this.#used; i++) {
      const { plate } = this.#options[i]!;
      if (plate === undefined) continue;
      const { x, y, width, anchor, style } = this.#texts[i]!;
      const height = style.fontSize * 1.45;
      const w = width + height * 0.6;
      const left = x - anchor.x * width - height * 0.3;
      g.roundRect(left, y - height / 2, w, height, height * 0.4).fill({ color: plate.fill });
      if (plate.edge === undefined) continue;
      g.roundRect(left, y - height / 2, w, height, height * 0.4);
      g.stroke({ width: 1.5, color: plate.edge });
    }
  }
}
