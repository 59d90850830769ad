/**
 * A client's session with a key-value store: commands that are applied once, however often they
 * are sent.
 *
 * The client numbers its commands; the store keeps the answer to each until the client says that
 * it has it, and answers a repeated command with that.
 *
 * Source: Ongaro's dissertation, 6.3 (RegisterClient, ClientRequest).
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';
import { LEADER_ERRORS } from './kv.ts';
import type { KvCas, KvPut, KvUpdate } from './kv.ts';

export type KvWrite = KvPut | KvCas | KvUpdate;

export interface KvSessionOpen {
  readonly type: 'kv-session.open';
}
export interface KvSessionOpened {
  readonly type: 'kv-session.opened';
  readonly session: number;
}
/** Answered like the write itself. */
export interface KvSessionWrite {
  readonly type: 'kv-session.write';
  readonly session: number;
  readonly sequence: number;
  /** The client has the answers of all commands before this one. */
  readonly firstPending: number;
  readonly write: KvWrite;
}
export type KvSessionRequest = KvSessionOpen | KvSessionWrite;
export type KvSessionMessage = KvSessionRequest | KvSessionOpened;

export const kvSession = defineContract<KvSessionMessage>({
  name: 'kv-session',
  about: 'A client opens a session and numbers its writes, so that each is applied once.',
  source: "Ongaro's dissertation, 6.3",
  messages: {
    'kv-session.open': {
      role: 'request',
      flight: 'request',
      digest: () => 0,
      label: () => 'open a session',
    },
    'kv-session.opened': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.session,
      label: (m) => `session ${m.session}`,
    },
    'kv-session.write': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(m.session, 31) ^ m.sequence ^ hashText(m.write.key)) | 0,
      label: (m) => `write ${m.sequence} of session ${m.session}: ${m.write.key}`,
    },
  },
  errors: [
    {
      code: 'session-expired',
      definite: false,
      means: 'the store knows no such session, or threw its answer away: it may have been applied',
    },
    ...LEADER_ERRORS,
  ],
});
