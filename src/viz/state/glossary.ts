/** Words that a newcomer may not know, each with one sentence. */
export const GLOSSARY: ReadonlyMap<string, string> = new Map([
  ['leader', 'The one server that takes writes and hands them to the others, for one term.'],
  ['follower', 'A server that takes entries from the leader and votes when there is none.'],
  ['candidate', 'A server that asks the others for their votes to become leader.'],
  [
    'pre-candidate',
    'A server that first asks whether it could win, without raising the term: it disturbs nobody.',
  ],
  ['term', 'A number that grows with each election: at most one leader per term.'],
  ['log', 'The list of commands that every server applies in the same order.'],
  ['committed', 'On a majority of servers, so it survives any minority of crashes.'],
  ['majority', 'More than half of the servers: any two majorities share one.'],
  ['partition', 'A cut in the network: nodes on different sides do not hear one another.'],
  ['election timeout', 'How long a follower waits for a leader before it asks for votes.'],
  ['unknown', 'The client never learned whether its operation took effect: it may have.'],
  [
    'linearizable',
    'Every operation seems to happen at one instant between its call and its reply.',
  ],
  ['p50', 'Half of the operations were at least this fast.'],
  ['p95', 'Ninety-five of a hundred operations were at least this fast.'],
  ['p99', 'Ninety-nine of a hundred operations were at least this fast.'],
  ['seed', 'The number that all chance in the run comes from: same seed, same run.'],
  ['trace hash', 'A fingerprint of every event of the run: same hash, same run, on any machine.'],
  [
    'branch',
    'Another future of the same past: it begins where you acted, and the old one is kept.',
  ],
  ['rule', 'A part of a protocol that can be switched off, to see what it is there for.'],
]);
