/**
 * What the machines at both ends of a connection tell one another, where a component needs to know
 * it: that a process is gone, and whether it is still there.
 *
 * Source: RFC 9293 (reset, and refusal of a connection that nobody listens for); RFC 1122, 4.2.3.6
 * (keepalive probes).
 */
import { defineContract } from './contract.ts';

/** A process has ended, and its machine closes all its connections. */
export interface TcpClosed {
  readonly type: 'tcp.closed';
  /** Which life of the process that was. */
  readonly life: number;
}
/** Is that life of the process still there? Its machine answers, or refuses, or is gone. */
export interface TcpKeepalive {
  readonly type: 'tcp.keepalive';
  readonly life: number;
}
export interface TcpAlive {
  readonly type: 'tcp.alive';
}
export type TcpMessage = TcpClosed | TcpKeepalive | TcpAlive;

export const tcp = defineContract<TcpMessage>({
  name: 'tcp',
  about: 'Machines tell those who keep connections with their processes what became of them.',
  source: 'RFC 9293; RFC 1122, 4.2.3.6',
  messages: {
    'tcp.closed': {
      role: 'notice',
      flight: 'control',
      digest: (m) => m.life | 0,
      label: () => 'connections closed',
    },
    'tcp.keepalive': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) => m.life | 0,
      label: () => 'still there?',
    },
    'tcp.alive': {
      role: 'reply',
      flight: 'heartbeat',
      digest: () => 0,
      label: () => 'still there',
    },
  },
  overConnections: true,
  errors: [],
});
