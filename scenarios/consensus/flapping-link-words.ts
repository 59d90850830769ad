/** What the story of the flapping link says, by what flaps and what becomes of the leader. */
import type { StoryStep } from 'faultline';

export type Link = 'follower' | 'leader-follower' | 'deaf-leader';
export type Course = 'unnoticed' | 'deposed' | 'overtaken' | 'gives-way' | 'proud';

export const DOWN: { readonly [link in Link]: string } = {
  follower: 'One follower is cut off from everybody: a bad cable, or a switch that restarts.',
  'leader-follower':
    'The link between the leader and one follower is cut. Both still reach all the others: no ' +
    'two servers agree on who is alive.',
  'deaf-leader':
    'Nothing from the other servers reaches the leader any more, but they still hear its ' +
    'heartbeats. It cannot commit anything, and nobody misses it.',
};

type Question = NonNullable<StoryStep['predict']>;
export const QUESTION: { readonly [link in Link]: (course: Course) => Question } = {
  follower: () => ({
    question:
      'The follower hears nobody and stands for election, over and over. What happens when ' +
      'its link comes back?',
    options: [
      'Nothing: a leader with a majority is not bothered by one stray server.',
      'That depends on whether it raised its term while it was alone.',
      'It becomes leader, because its term is the highest.',
    ],
    answer: 1,
    because:
      'In plain Raft each attempt raises its term. Back on the network its answers carry the ' +
      'higher term, the healthy leader must step down, and all wait for an election, ' +
      'although the stray server cannot even win one: its log is behind. With PreVote it ' +
      'first asks whether it could win. While it is alone nobody says yes, and its term stays.',
  }),
  'leader-follower': (course) => ({
    question: 'One follower misses the leader, all the others hear it. Does it stay in office?',
    options: [
      'Yes: the others will not have another one.',
      'No: the follower asks for votes, gets them, and leads.',
      'No: the follower raises the term, and a leader gives way to a higher one.',
    ],
    answer: course === 'deposed' ? 2 : course === 'overtaken' ? 1 : 0,
    because:
      course === 'deposed'
        ? 'Without PreVote a server that hears no leader raises its term before it asks anybody. ' +
          'Sooner or later the leader hears of that term, from the others or from the server ' +
          'itself, and must step down, although a majority followed it all the time.'
        : course === 'overtaken'
          ? 'The others are asked only whether its log is as good as theirs. Nobody writes, so ' +
            'it is, and they say yes, although they hear a leader that is well.'
          : 'It asks whether it could win before it raises its term. The others say no: they ' +
            'hear a leader, or know a longer log. So nothing changes, and its term stays.',
  }),
  'deaf-leader': (course) => ({
    question: 'The leader hears nobody, and everybody hears the leader. Who leads a second later?',
    options: [
      'Another one: the leader notices that nobody answers, and falls silent.',
      'The same one, for as long as the links are down.',
      'Nobody: two servers win, and neither yields.',
    ],
    answer: course === 'proud' ? 1 : 0,
    because:
      course === 'proud'
        ? 'The others hear heartbeats and miss nothing, so none of them stands. The leader ' +
          'cannot commit without their answers, and without CheckQuorum no rule tells it to go.'
        : 'With CheckQuorum a leader that no majority has answered for an election timeout steps ' +
          'down. Only then do the others miss its heartbeats and elect one that hears.',
  }),
};

export const MEANWHILE: {
  readonly [course in Exclude<Course, 'proud'>]: Pick<StoryStep, 'title' | 'text'>;
} = {
  unnoticed: {
    title: 'Asking in vain',
    text:
      'With PreVote a server that hears no leader asks "would you vote for me?" in a term that ' +
      'nobody has entered yet. Asking changes nothing: no term, no vote, no timer.',
  },
  deposed: {
    title: 'Standing at once',
    text:
      'A server that hears no leader raises its term, votes for itself and asks for votes, ' +
      'without finding out first whether it could win. The term that it is in now is a later ' +
      'one than the leader’s, and it does not go back.',
  },
  overtaken: {
    title: 'Asking those who answer',
    text:
      '"Would you vote for me?" it asks, in a term that nobody has entered yet. That a leader ' +
      'sends heartbeats is no reason to refuse here; logs alone are compared.',
  },
  'gives-way': {
    title: 'Nobody leads',
    text:
      'The deaf leader has stepped down and sends no heartbeats any more. Now the others miss ' +
      'one, and the first of them asks for votes.',
  },
};

/** `isTold`: whether the others told the leader of the later term, while the link was down. */
export function back(course: Course, isTold: boolean): string {
  switch (course) {
    case 'unnoticed':
      return (
        'The next heartbeat finds a server in the same term, and it simply follows again. The ' +
        'link will flap four times more. Switch PreVote off and every single return deposes the ' +
        'leader.'
      );
    case 'deposed':
      return isTold
        ? 'The others have heard of the later term by now, and the leader from them: it had to ' +
            'step down. The link will flap four times more, and it is the same each time.'
        : 'The next heartbeat is answered from a later term. The leader must step down, though a ' +
            'majority followed it all the time, and all wait for an election. The link will flap ' +
            'four times more, and it is the same each time.';
    case 'overtaken':
      return (
        'The old leader has been told of the later term and follows; nothing was wrong with it. ' +
        'The link will flap four times more, each time between the new leader and a follower.'
      );
    case 'gives-way':
      return (
        'The old leader hears again, of a later term and another leader, and follows. The links ' +
        'will go down four times more, each time those towards whoever leads then.'
      );
    case 'proud':
      return (
        'The answers come at last, and what waited is committed. The term is the same as ever: ' +
        'that a leader stays in office is not yet a service to anybody. Switch CheckQuorum on, ' +
        'and another one leads in the meantime.'
      );
  }
}

export const SUMMARY: { readonly [link in Link]: string } = {
  follower:
    'The link of one server goes up and down. A majority is always connected, so nothing ' +
    'should happen at all. Whether that is so depends on one question asked in advance.',
  'leader-follower':
    'The link between the leader and one follower goes up and down. Everybody else hears both, ' +
    'so nothing should happen at all. Whether that is so depends on one question and its answer.',
  'deaf-leader':
    'The leader speaks, but again and again it does not hear. Whether it gives way depends on ' +
    'whether it counts the answers.',
};
