/**
 * Whether a server should get requests: what active health checks ask.
 *
 * Source: HTTP health checks of HAProxy and Envoy; readiness of Kubernetes.
 */
import { defineContract } from './contract.ts';

export interface HealthCheck {
  readonly type: 'health.check';
}
export interface HealthStatus {
  readonly type: 'health.status';
  readonly ready: boolean;
}
export type HealthMessage = HealthCheck | HealthStatus;

export const health = defineContract<HealthMessage>({
  name: 'health',
  about: 'A balancer asks a server whether it is ready for requests.',
  source: 'HAProxy httpchk; Envoy health checking; Kubernetes readiness probes',
  overConnections: true,
  messages: {
    'health.check': {
      role: 'request',
      flight: 'heartbeat',
      digest: () => 0,
      label: () => 'ready?',
    },
    'health.status': {
      role: 'reply',
      flight: 'heartbeat',
      digest: (m) => (m.ready ? 1 : 0),
      label: (m) => (m.ready ? 'ready' : 'not ready'),
    },
  },
  errors: [],
});
