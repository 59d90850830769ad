/** The box of a client: who asks, and is asked by nobody. */
import type { NodeFrame } from '../../sim/index.ts';
import { drawName } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import type { Brush } from './painter.ts';

const NAME_SIZE = 13;

/** `nameY` is where its name stands while there is something else to see in the box. */
export function drawClientBox(brush: Brush, node: NodeFrame, nameY: number): void {
  const { shape, radius, tokens } = brush;
  trace(shape, 'rounded', radius).fill({ color: tokens.node });
  trace(shape, 'rounded', radius).stroke({
    width: 2,
    color: node.status === 'down' ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  const y = node.view === null ? 0 : nameY;
  drawName(brush, node.name, { y, size: NAME_SIZE, outline: 'rounded' });
}
