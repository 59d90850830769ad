/** What the story of consensus/partial-connectivity says, by shape, system and course. */

/** What becomes of the group while the links are cut. */
export type Course = 'stable' | 'recovers' | 'ping-pong' | 'deadlock';

type Shape = 'quorum-loss' | 'chained' | 'clique';
type System = 'raft' | 'pre-vote' | 'check-quorum' | 'paxos-heartbeat' | 'paxos-progress';

export const SHAPE_NAME: { readonly [shape in Shape]: string } = {
  'quorum-loss': 'A star around somebody else',
  chained: 'Three in a row',
  clique: 'A clique with two hangers-on',
};

export const CUT: { readonly [shape in Shape]: string } = {
  'quorum-loss':
    'Of all links between servers only those of one follower are left. It reaches everybody; the ' +
    'leader reaches only it, and two of five are too few to commit anything.',
  chained:
    'The link between the leader and one follower is cut; the third server hears both. The ' +
    'leader still has a majority, and one server that does not hear it.',
  clique:
    'Three servers, the leader among them, still hear each other. The fourth hears only one of ' +
    'the followers, the fifth only the leader. So the fourth hears no leader.',
};

const REFUSED =
  'The server that misses the leader asks before it stands, and the one that it can reach hears ' +
  'the leader well and refuses. The term stays as it is and nobody is disturbed.';

const TAKEN =
  'Who misses the leader asks for promises under a later ballot, and whoever hears it promises: ' +
  'nothing in Multi-Paxos refuses for the sake of a leader that is well. The old leader then ' +
  'misses the new one, and takes the lead back.';

export const WHY: { readonly [shape in Shape]: { readonly [system in System]: string } } = {
  'quorum-loss': {
    raft:
      'Those who hear no leader stand with later terms and lose, but the terms reach the leader ' +
      'through the hub, and it steps down. Then the hub hears no leader, stands, and all hear it.',
    'pre-vote':
      'The hub hears the leader’s heartbeats and refuses all others, who ask in vain. The leader ' +
      'hears of no later term and never learns that it cannot commit. What keeps a healthy ' +
      'leader safe from strays keeps a useless one in office.',
    'check-quorum':
      'The leader hears from one of four within an election timeout, which is too few, and steps ' +
      'down by itself. Then the hub hears no leader any more, stands, and is elected.',
    'paxos-heartbeat':
      'The others ask the hub for promises under ever later ballots, and each gets two of the ' +
      'three it needs. All of them ping, so the hub always hears the owner of the latest ballot ' +
      'and takes that for a leader. Only the hub could win, and it never stands.',
    'paxos-progress':
      'The hub hears others ping, but sees nothing chosen and no leader confirmed for a whole ' +
      'timeout. So it stands, has five promises, and leads; the others see progress and are quiet.',
  },
  chained: {
    raft:
      'The far server stands with a later term, and the leader learns of it from the middle one ' +
      'and steps down. As soon as the middle server wins an election, all hear the leader. ' +
      'The far one cannot win: it lacks what was written since the cut.',
    'pre-vote': REFUSED,
    'check-quorum': REFUSED,
    'paxos-heartbeat': TAKEN,
    'paxos-progress': TAKEN,
  },
  clique: {
    raft:
      'The server that does not hear the leader stands again and again. It cannot win, but each ' +
      'later term that it brings deposes the leader. If the leader comes to be another of the ' +
      'three, somebody else does not hear it.',
    'pre-vote': REFUSED,
    'check-quorum': REFUSED,
    'paxos-heartbeat': TAKEN,
    'paxos-progress': TAKEN,
  },
};

export const AFTER: { readonly [course in Course]: string } = {
  stable:
    'The leader of before leads on. The server that misses it still asks, is refused each time, ' +
    'and does no harm.',
  recovers:
    'Another server leads, one that all the others hear. It has been in office for a while, and ' +
    'nothing will change until the links are back.',
  'ping-pong':
    'Leaders follow each other, each with a later term or round than the one before. Something ' +
    'is done in between, and much time is lost at each change.',
  deadlock:
    'Nobody has been elected since the cut, and no client has been answered. It will stay so for ' +
    'as long as the links are cut, though one server reaches them all.',
};
