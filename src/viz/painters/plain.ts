/** A component that is drawn like any other, and explained by name in the legend. */
import { genericPainter } from './generic.ts';
import type { Painter } from './painter.ts';

export const plainPainter = <C extends string>(
  component: C,
  badge: string,
  text: string,
): Painter<C> => ({
  ...genericPainter,
  component,
  legend: [{ mark: { shape: 'rounded', badge }, text }],
});
