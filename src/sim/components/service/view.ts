/** What people see of a service. */
import type { ViewField } from '../../node/behaviour.ts';
import type { UpstreamView } from '../../traffic/upstream-view.ts';

export interface ServiceView {
  readonly component: 'service';
  readonly inside: number;
  /** Infinity is written as 0: no limit. */
  readonly limit: number;
  readonly waiting: number;
  readonly queueMax: number;
  readonly ok: number;
  readonly failed: number;
  readonly refused: number;
  readonly shed: number;
  readonly degraded: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly isDraining: boolean;
  readonly memoryMb: number;
  readonly memoryLimitMb: number;
  readonly upstreams: readonly UpstreamView[];
  readonly fields: readonly ViewField[];
}
