/** A client: how many operations are under way, and how the newest ended. */
import type { KvClientView, NodeFrame } from '../../sim/index.ts';
import { isClientView } from '../state/views.ts';
import type { Tokens } from '../theme/tokens.ts';
import { drawStatus, trace } from './outline.ts';
import type { Brush, Painter } from './painter.ts';

type Outcome = KvClientView['recent'][number]['outcome'];

const colourOf = (tokens: Tokens, outcome: Outcome): string =>
  outcome === 'ok' ? tokens.pass : outcome === 'fail' ? tokens.fail : tokens.unknown;

function draw(brush: Brush, node: NodeFrame): void {
  const { shape, radius, tokens } = brush;
  const down = node.status === 'down';
  trace(shape, 'rounded', radius).fill({ color: tokens.node });
  trace(shape, 'rounded', radius).stroke({
    width: 2,
    color: down ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  brush.label(node.name, 0, isClientView(node.view) ? -6 : 0, {
    size: 13,
    colour: tokens.text,
    bold: true,
  });
  if (isClientView(node.view)) drawOutcomes(brush, node.view);
}

/** The newest operations, newest on the right: a disc ok, a cross failed, a ring unknown. */
function drawOutcomes(brush: Brush, view: KvClientView): void {
  const { over, radius, tokens } = brush;
  const recent = view.recent.slice(0, 5).reverse();
  recent.forEach(({ outcome }, i) => {
    const x = (i - (recent.length - 1) / 2) * 7.5;
    const y = radius - 11;
    const colour = colourOf(tokens, outcome);
    if (outcome === 'ok') over.circle(x, y, 2.8).fill({ color: colour });
    else if (outcome === 'unknown') over.circle(x, y, 2.4).stroke({ width: 1.4, color: colour });
    else {
      over.moveTo(x - 2.6, y - 2.6).lineTo(x + 2.6, y + 2.6);
      over.moveTo(x + 2.6, y - 2.6).lineTo(x - 2.6, y + 2.6);
      over.stroke({ width: 1.8, color: colour });
    }
  });
}

export const kvClientPainter: Painter = {
  draw,
  timerOf: () => null,
};
