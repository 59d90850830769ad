/** Groups as groups: a box around the members of each group of callers, with its tally. */
import { Container, Graphics } from 'pixi.js';
import type { GroupBox, MapLayout } from '../layout/map.ts';
import { LETTER_WIDTH } from '../layout/letters.ts';
import { paceOf, tallyOfAll } from '../painters/tally.ts';
import type { Pace } from '../painters/tally.ts';
import type { NodeFrame } from '../../sim/index.ts';
import type { Lately } from '../state/scene.ts';
import type { Tokens } from '../theme/tokens.ts';
import { Labels } from './labels.ts';
import type { Sharpness } from './labels.ts';

/** "870", "1.1k", "24k": three of them stand in one line of a box. */
function short(count: number): string {
  if (count < 1_000) return String(count);
  const thousands = count / 1_000;
  return `${thousands < 10 ? thousands.toFixed(1) : Math.round(thousands)}k`;
}

export class BoxesLayer {
  readonly view = new Container();
  /** Over the messages. */
  readonly names = new Container();
  readonly #graphics = new Graphics();
  readonly #labels: Labels;
  #layout: MapLayout | null = null;
  #tokens: Tokens | null = null;

  constructor(sharpness: Sharpness) {
    this.#labels = new Labels(sharpness);
    this.view.addChild(this.#graphics);
    this.names.addChild(this.#labels.view);
  }

  setSharpness(sharpness: Sharpness): void {
    this.#labels.setSharpness(sharpness);
  }

  update(
    layout: MapLayout,
    nodes: readonly NodeFrame[],
    lately: Lately | null,
    ended: boolean,
    tokens: Tokens,
  ): void {
    if (layout !== this.#layout || tokens !== this.#tokens) {
      this.#layout = layout;
      this.#tokens = tokens;
      const g = this.#graphics.clear();
      for (const box of layout.boxes) {
        g.roundRect(box.x, box.y, box.width, box.height, 14);
        g.fill({ color: tokens.panel, alpha: 0.75 });
        g.roundRect(box.x, box.y, box.width, box.height, 14);
        g.stroke({ width: 1.2, color: tokens.line });
      }
    }
    this.#labels.begin();
    for (const box of layout.boxes) this.#name(box, nodes, lately, ended, tokens);
    this.#labels.end();
  }

  #name(
    box: GroupBox,
    nodes: readonly NodeFrame[],
    lately: Lately | null,
    ended: boolean,
    tokens: Tokens,
  ): void {
    const members = nodes.filter((node) => node.group === box.name);
    const tally = tallyOfAll(members);
    const middle = box.x + box.width / 2;
    const more = box.folded > 0 ? ` (+${box.folded})` : '';
    // A group that is called client says itself what it is.
    const isTold = tally === null || box.name.includes('client');
    const whole = `${isTold ? '' : 'clients '}${box.name}${more}`;
    const title = this.#fits(whole, box.width) ? whole : `${box.name}${more}`;
    this.#labels.add(title, middle, box.y + 16, { size: 12, colour: tokens.muted, bold: true });
    if (tally === null || tally.ok + tally.fail + tally.unknown === 0) return;
    const before = lately?.nodes.filter((node) => node.group === box.name) ?? [];
    this.#pace(box, paceOf(members, before, lately?.micros ?? 0, ended), tokens);
    const y = box.y + box.height - 13;
    const all = [
      { text: `● ${short(tally.ok)}`, count: tally.ok, colour: tokens.pass },
      { text: `✕ ${short(tally.fail)}`, count: tally.fail, colour: tokens.fail },
      { text: `○ ${short(tally.unknown)}`, count: tally.unknown, colour: tokens.unknown },
    ];
    // Where letters have grown against the scale, what has not happened is left out.
    const isRoomy = this.#fits(all.map(({ text }) => text).join('  '), box.width);
    const said = isRoomy ? all : all.filter(({ count }) => count > 0);
    said.forEach(({ text, colour }, i) => {
      const x = box.x + (box.width * (i + 0.5)) / said.length;
      this.#labels.add(text, x, y, { size: 12, colour, bold: true });
    });
  }

  #fits(text: string, width: number): boolean {
    return text.length * this.#labels.sizeOf(12) * LETTER_WIDTH < width;
  }

  /** What got through of late: a stalled group says so, and one that has finished too. */
  #pace(box: GroupBox, pace: Pace | null, tokens: Tokens): void {
    if (pace === null) return;
    const { text, tone } = pace;
    const colour = tone === 'stalled' ? tokens.fail : tone === 'going' ? tokens.text : tokens.muted;
    const at = { x: box.x + box.width / 2, y: box.y + box.height - 33 };
    // Where letters have grown against the scale, a word must do.
    const said = tone === 'quiet' && !this.#fits(text, box.width) ? 'quiet' : text;
    this.#labels.add(said, at.x, at.y, { size: 13, colour, bold: true });
  }
}
