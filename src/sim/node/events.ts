/** Kinds of events and of packets. Their numbers enter the trace hash: never renumber. */
export const EVENT = {
  deliver: 1,
  timer: 2,
  callTimeout: 3,
  synced: 4,
  worked: 5,
  script: 6,
  members: 7,
  start: 8,
  held: 9,
  exit: 10,
  refused: 11,
  terminate: 12,
  kill: 13,
} as const;

/** What a delivered packet is. */
export const ROLE = { notice: 0, request: 1, reply: 2, error: 3 } as const;

/** Of a packet: it is not tied to one life of its target. */
export const ANY_EPOCH = -1;
