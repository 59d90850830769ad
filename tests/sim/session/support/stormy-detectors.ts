/** The part of the stormy plan in which members send heartbeats to monitors of each kind. */
import type { CheckPlan, FaultEntry, GroupPlan } from 'faultline';

export const DETECTOR_CHECKS: readonly CheckPlan[] = [
  { id: 'soon', use: 'failure-detection', args: { monitors: 'eager', atMost: 80 } },
  { id: 'mistaken', use: 'failure-detection', args: { measure: 'mistakes', atMost: 1 } },
  { id: 'trusted', use: 'failure-detection', args: { measure: 'accuracy', atLeast: 0.9 } },
];

export const DETECTOR_FAULTS: readonly FaultEntry[] = [
  {
    id: 'beats-stop',
    fault: { type: 'crash', target: { first: 1, of: 'hb' } },
    every: { interval: { kind: 'uniform', minMs: 250, maxMs: 400 } },
    forMs: 120,
  },
  { id: 'beats-late', fault: { type: 'pause', target: 'hb2' }, atMs: 500, forMs: 150 },
  { id: 'unwatched', fault: { type: 'crash', target: 'eager' }, atMs: 800, forMs: 60 },
];

const member = (name: string, monitors: string, count: number): GroupPlan => ({
  name,
  component: 'heartbeat-sender',
  count,
  config: { heartbeatIntervalMs: 20 },
  links: { monitors },
});

export const DETECTOR_GROUPS: readonly GroupPlan[] = [
  {
    name: 'eager',
    component: 'failure-monitor',
    count: 1,
    config: {
      checkIntervalMs: 5,
      maxSampleSize: 10,
      minStdDeviationMs: 2,
      acceptableHeartbeatPauseMs: 10,
      firstHeartbeatEstimateMs: 20,
    },
  },
  {
    name: 'exponential',
    component: 'failure-monitor',
    count: 1,
    config: {
      detector: 'phi-exponential',
      checkIntervalMs: 5,
      threshold: 1,
      firstHeartbeatEstimateMs: 20,
    },
  },
  {
    name: 'fixed',
    component: 'failure-monitor',
    count: 1,
    config: { detector: 'timeout', checkIntervalMs: 5, timeoutMs: 60 },
  },
  member('hb', 'eager', 2),
  member('he', 'exponential', 1),
  member('hf', 'fixed', 1),
];
