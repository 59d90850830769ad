/** What can be measured at a node without asking it: its numbers over time, and its flows. */
import type { Cores } from './cpu.ts';

/**
 * A number that a chart follows through the run. `level`: its value now. `count`: how often
 * something happened so far; the chart shows the rate. `share`: of two counts, the first over the
 * second, each since the last point.
 */
export type Gauge<S> = GaugeDoc &
  (
    | {
        readonly kind: 'level';
        /** It is never more than this; left out: nobody can say. */
        readonly most?: number;
        of(state: S, cores: Cores): number;
      }
    | { readonly kind: 'count'; of(state: S, cores: Cores): number }
    | { readonly kind: 'share'; of(state: S): number; outOf(state: S): number }
  );

export interface GaugeDoc {
  /** Charts with the same title are one chart with a line for each node. */
  readonly title: string;
  /** One sentence. */
  readonly about: string;
  readonly unit?: string;
}

/**
 * What went through a queue or a node so far, for the laws that hold for each: nobody gets lost,
 * and the time that all spent inside is the area under the number inside (Little's law).
 */
export interface Flow {
  readonly name: string;
  readonly arrived: number;
  readonly left: number;
  readonly inside: number;
  /** Sum over time of the number inside, kept when the number changes. */
  readonly areaMicros: number;
  /** Sum of the times that those who left spent inside. */
  readonly sojournMicros: number;
  /** Sum of the times of arrival of those inside. */
  readonly arrivalsInsideMicros: number;
  /** When it was last changed. */
  readonly changedMicros: number;
}
