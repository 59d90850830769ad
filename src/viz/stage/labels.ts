/** A pool of texts that are made again only when what they say has changed. */
import { Container, Text } from 'pixi.js';
import type { LabelOptions } from '../painters/painter.ts';

export const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';

const ANCHORS = { left: 0, centre: 0.5, right: 1 } as const;

export class Labels {
  readonly view = new Container();
  readonly #texts: Text[] = [];
  #used = 0;
  #resolution: number;

  constructor(resolution: number) {
    this.#resolution = resolution;
  }

  begin(): void {
    this.#used = 0;
  }

  add(content: string, x: number, y: number, options: LabelOptions): void {
    if (content === '') return;
    const fontWeight = options.bold === true ? '700' : '500';
    let text = this.#texts[this.#used];
    if (text === undefined) {
      text = new Text({
        text: content,
        resolution: this.#resolution,
        style: { fontFamily: FONT, fontSize: options.size, fontWeight, fill: options.colour },
      });
      this.#texts.push(text);
      this.view.addChild(text);
    } else {
      const { style } = text;
      if (style.fontSize !== options.size) style.fontSize = options.size;
      if (style.fontWeight !== fontWeight) style.fontWeight = fontWeight;
      if (style.fill !== options.colour) style.fill = options.colour;
      if (text.text !== content) text.text = content;
    }
    this.#used += 1;
    text.visible = true;
    text.anchor.set(ANCHORS[options.align ?? 'centre'], 0.5);
    text.position.set(x, y);
  }

  end(): void {
    for (let i = this.#used; i < this.#texts.length; i++) this.#texts[i]!.visible = false;
  }

  setResolution(resolution: number): void {
    if (resolution === this.#resolution) return;
    this.#resolution = resolution;
    for (const text of this.#texts) text.resolution = resolution;
  }
}
