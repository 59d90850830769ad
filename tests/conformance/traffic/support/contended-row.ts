/**
 * A row under optimistic concurrency: whoever writes must have read the version that is there, or
 * is refused. It knows its clients by their sessions, each of which does one thing at a time.
 */
import { Type, defineBehaviour, http } from 'faultline';
import type { HttpRequest, HttpResponse } from 'faultline';

export const READ = 'GET /row';
export const WRITE = 'PUT /row';

export interface RowState {
  version: number;
  /** Writes that came, in vain or not. */
  writes: number;
  /** By session: the version that it read last. */
  readonly seen: Map<number, number>;
}

interface PlainView {
  readonly component: string;
  readonly fields: [];
}

export const contendedRow = defineBehaviour<RowState, unknown, HttpRequest, PlainView>({
  component: 'contended-row',
  about: 'One row: a write by whoever has not read its newest version is refused.',
  source: 'aws-samples/aws-arch-backoff-simulator at 66cb169',
  leavesOut: [],
  badge: 'RW',
  serves: [http],
  links: {},
  config: Type.Object({}),
  facts: {},
  roleNames: {},
  start: () => ({ version: 0, writes: 0, seen: new Map() }),
  on: {
    'http.request'(state, ctx, { route, session }, _from, call) {
      if (route === READ) state.seen.set(session, state.version);
      else {
        state.writes += 1;
        if (state.seen.get(session) !== state.version) return ctx.refuse(call, 'unavailable');
        state.version += 1;
      }
      const { version } = state;
      ctx.reply<HttpResponse>(call, { type: 'http.response', version, degraded: false });
    },
  },
  roles: () => [],
  view: () => ({ component: 'contended-row', fields: [] }),
});
