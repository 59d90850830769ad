/** A client that asks for ids: the last that it was given. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawName } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type IdClientView = ViewOf<'id-client'>;

function draw(brush: Brush, node: NodeFrame, view: IdClientView | null): void {
  const { shape, radius, tokens } = brush;
  trace(shape, 'circle', radius).fill({ color: tokens.node });
  trace(shape, 'circle', radius).stroke({
    width: 2,
    color: node.status === 'down' ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  drawName(brush, node.name, { y: view === null ? 0 : -6, size: 13, outline: 'circle' });
  if (view === null || !brush.near) return;
  brush.label(`${view.ok} ids`, 0, 8, { size: 10, colour: tokens.muted, room: radius * 1.7 });
}

export const idClient = definePainter<IdClientView>({
  component: 'id-client',
  draw,
  standsInRow: true,
  isBusy: (view) => view.underWay > 0,
  tallyOf: ({ ok, fail, unknown }) => ({ ok, fail, unknown }),
  describe: ({ ok, lastId, underWay }) =>
    `asks for ids: ${ok} given, ${underWay} under way, last ${lastId ?? 'none'}`,
  legend: [{ mark: { shape: 'circle' }, text: 'Asks for ids: how many it was given.' }],
});
