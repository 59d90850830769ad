/** Any component without a painter of its own: its badge, its name and the first of its fields. */
import { formatValue } from '../state/format.ts';
import { drawName } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import type { Painter } from './painter.ts';

const FIELDS_MAX = 3;

export const genericPainter: Painter<''> = {
  component: '',
  legend: [{ mark: { shape: 'rounded' }, text: 'Rounded: a node, with what it says of itself.' }],
  standsInRow: false,
  flow: [],
  needsMajority: false,
  draw(brush, node) {
    const { shape, radius, tokens } = brush;
    const down = node.status === 'down';
    trace(shape, 'rounded', radius).fill({ color: tokens.node });
    trace(shape, 'rounded', radius).stroke({
      width: 2.5,
      color: down ? tokens.fault : tokens.nodeEdge,
      alignment: 0.5,
    });
    drawStatus(shape, node.status, radius, tokens);
    drawName(brush, node.name, { y: -6, size: 14, outline: 'rounded' });
    brush.label(node.badge, 0, 10, { size: 11, colour: tokens.muted, bold: true });
    const fields = node.view?.fields.slice(0, FIELDS_MAX) ?? [];
    fields.forEach((field, i) => {
      const y = radius + 13 + i * 16;
      const text = `${field.label} ${formatValue(field.value, field.unit ?? '')}`;
      brush.label(text, 0, y, { size: 11, colour: tokens.muted, plate: { fill: tokens.stage } });
    });
  },
  describe: (node) => [node.component, ...node.roles].join(', '),
  details: (node) => (node.view === null ? [] : [{ kind: 'fields', fields: node.view.fields }]),
  timerOf: () => null,
  phaseOf: () => 0,
  mayLead: () => false,
  termOf: () => 0,
  tallyOf: () => null,
  isBusy: () => false,
  hint: () => '',
};

/** Until a component has a painter of its own: drawn like any other, explained in the legend. */
export const plainPainter = <C extends string>(
  component: C,
  badge: string,
  text: string,
): Painter<C> => ({
  ...genericPainter,
  component,
  legend: [{ mark: { shape: 'rounded', badge }, text }],
});
