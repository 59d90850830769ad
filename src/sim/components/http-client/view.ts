/** What people see of an HTTP client. */
import type { ViewField } from '../../node/behaviour.ts';
import type { UpstreamView } from '../../traffic/upstream-view.ts';

export interface HttpClientView {
  readonly component: 'http-client';
  readonly inFlight: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly degraded: number;
  readonly retries: number;
  readonly hedges: number;
  readonly upstream: UpstreamView;
  /** The codes of what went wrong, the most frequent first. */
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  readonly fields: readonly ViewField[];
}
