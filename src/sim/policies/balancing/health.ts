/**
 * Active health checks as HAProxy counts them: `fall` failures in a row take a server down, `rise`
 * successes in a row bring it up.
 *
 * One integer for each server: 0..rise-1 is down, rise..rise+fall-1 is up. A success of a server
 * that is down climbs one step, and the step that brings it up goes to the top; a failure of one
 * that is up falls one step, and the step that takes it down goes to the bottom. So an
 * interrupted series starts anew. A new server stands at `rise`: up, and down at its first failure.
 *
 * Source: HAProxy, src/check.c (check_notify_success, check_notify_failure); rise 2, fall 3.
 */

export interface HealthSettings {
  readonly rise: number;
  readonly fall: number;
}

export const HEALTH_DEFAULTS: HealthSettings = { rise: 2, fall: 3 };

export function startHealth({ rise }: HealthSettings): number {
  return rise;
}

export function isUp(health: number, { rise }: HealthSettings): boolean {
  return health >= rise;
}

/** The health after one more check. */
export function afterCheck(health: number, ok: boolean, settings: HealthSettings): number {
  const { rise, fall } = settings;
  const top = rise + fall - 1;
  if (ok) return health + 1 >= rise ? top : health + 1;
  return health > rise ? health - 1 : 0;
}
