/**
 * Routes through a plan: which a component answers, and which it asks others for. So that a route
 * which nobody answers is found before the run, however many proxies lie between.
 */

export interface Routing<C> {
  /** The routes that it answers; null: whatever it is asked for. */
  known(config: C): readonly string[] | null;
  /** What it asks others for: by itself (null), or for a request of this route. */
  asks(config: C, route: string | null): readonly Asked[];
  /** Routes that it answers in a way of their own: each must be asked for by somebody. */
  own?(config: C): readonly Owned[];
}

export interface Owned {
  readonly route: string;
  /** The place in its configuration. */
  readonly at: string;
}

export interface Asked {
  /** The link over which it asks. */
  readonly role: string;
  readonly route: string;
  /** The place in its configuration that says so; null: it passes on what it was asked for. */
  readonly at: string | null;
}

/** Of a component that passes on whatever it is asked for over one of its links. */
export const passesOn = (role: string): Routing<unknown> => ({
  known: () => null,
  asks: (_config, route) => (route === null ? [] : [{ role, route, at: null }]),
});
