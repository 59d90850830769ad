/** The pen of the legend: what a glyph draws, as SVG. */
import type { ComponentChildren } from 'preact';
import type { Pen } from '../painters/glyphs/pen.ts';

const number = (value: number): string => String(Math.round(value * 100) / 100);

export class SvgPen implements Pen {
  readonly #drawn: ComponentChildren[] = [];
  #path = '';
  #done = false;

  get drawing(): ComponentChildren {
    return this.#drawn;
  }

  moveTo(x: number, y: number): this {
    return this.#add('M', x, y);
  }

  lineTo(x: number, y: number): this {
    return this.#add('L', x, y);
  }

  circle(x: number, y: number, radius: number): this {
    this.#add('M', x - radius, y);
    this.#add('A', radius, radius, 0, 1, 1, x + radius, y);
    return this.#add('A', radius, radius, 0, 1, 1, x - radius, y);
  }

  roundRect(x: number, y: number, width: number, height: number, radius: number): this {
    const r = Math.min(radius, width / 2, height / 2);
    const [right, bottom] = [x + width, y + height];
    this.#add('M', x + r, y);
    this.#add('H', right - r).#add('A', r, r, 0, 0, 1, right, y + r);
    this.#add('V', bottom - r).#add('A', r, r, 0, 0, 1, right - r, bottom);
    this.#add('H', x + r).#add('A', r, r, 0, 0, 1, x, bottom - r);
    return this.#add('V', y + r).#add('A', r, r, 0, 0, 1, x + r, y);
  }

  poly(points: number[]): this {
    points.forEach((value, i) => {
      if (i % 2 === 1) this.#add(i === 1 ? 'M' : 'L', points[i - 1]!, value);
    });
    return this.#add('Z');
  }

  /** Clockwise, from where the pen was moved to. */
  arc(x: number, y: number, radius: number, from: number, to: number): this {
    const [end, long] = [to, to - from > Math.PI ? 1 : 0];
    return this.#add(
      'A',
      radius,
      radius,
      0,
      long,
      1,
      x + radius * Math.cos(end),
      y + radius * Math.sin(end),
    );
  }

  fill({ color, alpha = 1 }: Parameters<Pen['fill']>[0]): this {
    return this.#end(<path d={this.#path} fill={color} fill-opacity={alpha} />);
  }

  stroke({ color, width, alpha = 1, cap = 'butt' }: Parameters<Pen['stroke']>[0]): this {
    return this.#end(
      <path
        d={this.#path}
        fill="none"
        stroke={color}
        stroke-width={width}
        stroke-opacity={alpha}
        stroke-linecap={cap}
      />,
    );
  }

  #add(command: string, ...values: number[]): this {
    if (this.#done) this.#path = '';
    this.#done = false;
    this.#path += command + values.map(number).join(' ');
    return this;
  }

  #end(path: ComponentChildren): this {
    this.#drawn.push(path);
    this.#done = true;
    return this;
  }
}
