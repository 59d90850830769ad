/**
 * A contract is a conversation between components: its requests, replies, notices and error codes.
 *
 * Messages are plain, readonly objects told apart by `type` ("kv.get"); once sent they never
 * change, so that a checkpoint may share them. Every message type has a digest: one integer word
 * that enters the trace hash in the name of the message's content.
 */
import { hashText } from '../kernel/trace-hash.ts';

export interface Message {
  readonly type: string;
}

/**
 * What the canvas draws a message as. A `request` is a first try where its sender does not say
 * otherwise: the same message sent again flies as a `retry` or a `hedge` (see `tries.ts`).
 */
export type FlightKind =
  | 'request'
  | 'retry'
  | 'hedge'
  | 'response'
  | 'replication'
  | 'acknowledgement'
  | 'vote'
  | 'heartbeat'
  | 'control';

export interface MessageSpec<M extends Message> {
  /** A request expects exactly one reply; a notice expects none. */
  readonly role: 'request' | 'reply' | 'notice';
  readonly flight: FlightKind | ((message: M) => FlightKind);
  /** One integer word for the trace hash: what tells this message from another of its type. */
  readonly digest: (message: M) => number;
  /** A few words for people: `get x`, `append 3 entries after 12`. */
  readonly label: (message: M) => string;
}

/** An error that a reply may carry. Definite: it surely had no effect and never will. */
export interface ErrorSpec {
  readonly code: string;
  readonly definite: boolean;
  readonly means: string;
}

export interface Contract<M extends Message = Message> {
  readonly name: string;
  /** One sentence: who says what to whom. */
  readonly about: string;
  readonly source: string;
  readonly messages: { readonly [T in M['type']]: MessageSpec<Extract<M, { readonly type: T }>> };
  /**
   * Its requests come over connections (TCP). So the machine of whoever is called speaks for a
   * process that has ended: it refuses what reaches that, and resets what was under way there.
   * Without it they are packets of their own: whoever has ended says nothing.
   */
  readonly overConnections?: boolean;
  /**
   * All that one node says to another in it goes over one connection: nothing overtakes what was
   * sent before it, whatever the network draws for each. Who waits in vain for an answer closes the
   * connection and opens another one. Errors that the host gives for a node (refusals) are not
   * held back.
   */
  readonly keepsOrder?: boolean;
  readonly errors: readonly ErrorSpec[];
}

/** Types the specs of a contract by its union of messages; the value is returned as it is. */
export function defineContract<M extends Message>(contract: Contract<M>): Contract<M> {
  return contract;
}

/** A contract whose message union is not known here. Method-like variance makes it a supertype. */
export interface AnyContract {
  readonly name: string;
  readonly about: string;
  readonly source: string;
  readonly messages: object;
  readonly overConnections?: boolean;
  readonly keepsOrder?: boolean;
  readonly errors: readonly ErrorSpec[];
}

/** The run's table of message types: built once from the contracts of the parts in a plan. */
export interface MessageEntry {
  readonly type: string;
  /** Its place among the types of the run. */
  readonly place: number;
  readonly contract: string;
  /** Hash of the type's name: adding a contract never shifts another's word. */
  readonly word: number;
  readonly spec: MessageSpec<Message>;
  readonly isOverConnections: boolean;
  readonly keepsOrder: boolean;
}

export class MessageTable {
  readonly #entries = new Map<string, MessageEntry>();
  readonly #definite = new Map<string, boolean>();

  constructor(contracts: readonly AnyContract[]) {
    for (const error of COMMON_ERRORS) this.#definite.set(error.code, error.definite);
    for (const contract of contracts) {
      const specs = Object.entries(contract.messages) as [string, MessageSpec<Message>][];
      const { name, overConnections: isOverConnections = false, keepsOrder = false } = contract;
      for (const [type, spec] of specs) {
        const place = this.#entries.get(type)?.place ?? this.#entries.size;
        const word = hashText(type);
        const kept = { isOverConnections, keepsOrder };
        this.#entries.set(type, { type, place, contract: name, word, spec, ...kept });
      }
      for (const error of contract.errors) this.#definite.set(error.code, error.definite);
    }
  }

  /** All of them, each at its place. */
  get types(): readonly string[] {
    return [...this.#entries.keys()];
  }

  get(type: string): MessageEntry | undefined {
    return this.#entries.get(type);
  }

  /** Whether an error code surely means "did not happen"; an unknown code is never definite. */
  isDefinite(code: string): boolean {
    return this.#definite.get(code) ?? false;
  }
}

/** Errors that the host itself gives, whatever the contract. */
export const COMMON_ERRORS: readonly ErrorSpec[] = [
  { code: 'timeout', definite: false, means: 'no reply came within the deadline' },
  { code: 'crashed', definite: false, means: 'the caller crashed before a reply came' },
  {
    code: 'not-supported',
    definite: true,
    means: 'the target does not serve a contract with this message',
  },
  {
    code: 'connection-refused',
    definite: true,
    means: 'the process there has ended, and its machine says so',
  },
  {
    code: 'connection-reset',
    definite: false,
    means: 'the process there ended while the request was under way',
  },
];
