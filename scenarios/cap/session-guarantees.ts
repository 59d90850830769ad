/**
 * What a client may expect of its own reads and writes, behind a load balancer and without one.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { clientsAt } from '../quorum-parts.ts';
import { DYNAMO, HAT, SESSION_GUARANTEES } from '../sources.ts';

const params = {
  routing: field.choice(['random', 'home'], {
    about: 'Where a request goes: to any node, as behind a balancer, or to a node of one’s own.',
    default: 'random',
  }),
  level: field.choice(['one', 'quorum'], {
    about: 'How many of the three replicas a read and a write wait for.',
    default: 'one',
  }),
  trouble: field.choice(['cut', 'none', 'crash'], {
    about:
      'What happens from 3 s to 5 s: n1 is cut off from the other nodes, nothing, or n1 is down.',
    default: 'none',
  }),
  slowestWriteMs: field.millis({
    about: 'How long a write may take to a replica; each takes any time up to it.',
    default: 80,
    min: 40,
    max: 200,
  }),
};

type Params = Static<TObject<typeof params>>;

const FROM_MS = 3_000;
const FOR_MS = 2_000;
const STOP_MS = 8_000;
const DURATION_MS = 9_500;

function groups(p: Params): readonly GroupPlan[] {
  const client = (name: string, place: number): GroupPlan =>
    clientsAt(name, place, 3, {
      routing: p.routing,
      keys: 6,
      readShare: 0.75,
      thinkMs: 25,
      tryTimeoutMs: 400,
      deadlineMs: 1_600,
      retryUnknown: true,
      stopMs: STOP_MS,
    });
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 3,
      config: {
        readConsistency: p.level,
        writeConsistency: p.level,
        readRepair: p.level === 'quorum' ? 'blocking' : 'off',
        hintDispatchMs: 2_000,
        legs: { write: { kind: 'uniform', minMs: 0, maxMs: p.slowestWriteMs } },
        writeTimeoutMs: 1_000,
        readTimeoutMs: 1_000,
      },
      disk: { fsync: { kind: 'constant', ms: 1 } },
    },
    client('a', 1),
    client('b', 2),
    client('c', 3),
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const isCut = p.trouble === 'cut';
  return [
    {
      id: 'reads-its-writes',
      use: 'session',
      args: { guarantee: 'read-your-writes' },
      about: 'Who has written a value does not read an older one.',
    },
    {
      id: 'never-goes-back',
      use: 'session',
      args: { guarantee: 'monotonic-reads' },
      about: 'Who has read a value does not read an older one later.',
    },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'Everybody sees one copy.',
    },
    {
      id: 'always-served',
      use: 'slo',
      args: {
        metric: 'success-share',
        clients: 'a',
        atLeast: 1,
        operationsMin: 2,
        ...(isCut ? { fromMs: FROM_MS, untilMs: FROM_MS + FOR_MS } : {}),
      },
      about: 'Every request of the clients of n1 is answered, whatever happens.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  const isHome = p.routing === 'home';
  const isQuorum = p.level === 'quorum';
  return [
    {
      title: 'Who do I speak to?',
      at: { ms: 500 },
      text: isHome
        ? 'Each client has a node of its own and speaks to no other while that one answers.'
        : 'A load balancer sends each request to any of the three nodes: this one here, the next ' +
          'one there.',
      focus: ['a', 'b', 'c'],
    },
    {
      title: 'Write, then read',
      at: { ms: 1_500 },
      text:
        'A client saves something and opens the page again. A write reaches the copies within ' +
        `${p.slowestWriteMs} ms, and is answered when ${isQuorum ? 'two' : 'one'} of them ` +
        `${isQuorum ? 'have' : 'has'} it.`,
      predict: {
        question: 'Does the client see what it saved?',
        options: [
          'Always.',
          'Not always: another node may answer, which has not heard of it yet.',
          'Never.',
        ],
        answer: isQuorum || (isHome && p.trouble !== 'crash') ? 0 : 1,
        because: isQuorum
          ? 'Two copies have the write before it is answered, and a read asks two of three: they ' +
            'have one in common, whichever nodes the balancer picks.'
          : isHome
            ? 'Its own node took the write and answers the read. What the others have seen ' +
              'does not matter, as long as the client stays where it is' +
              (p.trouble === 'crash' ? ': until that node is gone.' : '.')
            : 'One copy was enough for the write and one is enough for the read, and often ' +
              'they are ' +
              'not the same one. To the client its own work seems to be lost, until it looks ' +
              'again.',
      },
      focus: ['a', 'n'],
      check: 'reads-its-writes',
    },
    {
      ...troubleOf(p),
      at: { ms: FROM_MS },
      focus: ['n1', 'a'],
      check: 'always-served',
    },
    {
      title: 'What it costs',
      at: { ms: FROM_MS + FOR_MS + 500 },
      text:
        'Quorums give these promises to everybody and refuse service on the small side of a ' +
        'cut. A ' +
        'client that sticks to its node has them for itself, even during a cut. A load balancer ' +
        'in front of a store that answers at one copy has none of them.',
      focus: ['n'],
      check: 'never-goes-back',
    },
  ];
}

function troubleOf(p: Params): { readonly title: string; readonly text: string } {
  const { title, text } = TROUBLE[p.trouble];
  if (p.level === 'one') {
    return p.trouble === 'none' && p.routing === 'home'
      ? {
          title,
          text: 'Copies are a few hundredths of a second apart, and no client can tell by its own.',
        }
      : { title, text };
  }
  const texts: { readonly [trouble in Params['trouble']]: string } = {
    none: 'Copies are a few hundredths of a second apart, and no client can tell by its own.',
    cut:
      'n1 is cut off from the other nodes, not from its clients. It reaches no second copy, so ' +
      'it refuses whoever asks it: no promise is broken, and nothing is done.',
    crash:
      'The clients of n1 must go elsewhere. What they wrote is on two copies, so any two that ' +
      'are left have it.',
  };
  return { title, text: texts[p.trouble] };
}

const TROUBLE: { readonly [trouble in Params['trouble']]: { title: string; text: string } } = {
  none: {
    title: 'Nothing happens',
    text: 'No fault is needed: being a few hundredths of a second apart is enough.',
  },
  cut: {
    title: 'A cut',
    text:
      'n1 is cut off from the other nodes, not from its clients. Whoever stays with it goes on ' +
      'reading what he wrote: this is what "sticky available" means.',
  },
  crash: {
    title: 'n1 is down',
    text:
      'The clients of n1 must go elsewhere. What they wrote a moment ago may not have arrived ' +
      'there: sticking to a node helps only as long as the node is there.',
  },
};

const faultsOf = ({ trouble }: Params): Plan['faults'] => {
  const when = { id: 'trouble', atMs: FROM_MS, forMs: FOR_MS };
  if (trouble === 'none') return [];
  return trouble === 'crash'
    ? [{ ...when, fault: { type: 'crash', target: 'n1' } }]
    : [{ ...when, fault: { type: 'partition', groups: [['n1', 'a']] } }];
};

function plan(p: Params): Plan {
  return {
    title: 'Do I see what I wrote?',
    summary:
      'Clients of a store with three copies, behind a load balancer or each with its own node. ' +
      'Does a client see its own writes, and does what it sees ever go back?',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    groups: groups(p),
    faults: faultsOf(p),
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/session-guarantees',
  title: 'Do I see what I wrote?',
  summary:
    'Behind a load balancer clients of an eventually consistent store miss their own writes. ' +
    'Sticking to a node helps, even during a cut; quorums help everybody, except during one.',
  tier: 'hostile',
  sources: [SESSION_GUARANTEES, HAT, DYNAMO],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A load balancer before a store at level ONE: clients miss what they wrote.',
      expect: {
        'reads-its-writes': { breaks: { witness: 'read-your-writes' } },
        'never-goes-back': { breaks: { witness: 'monotonic-reads' } },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'sticky',
      about: 'Each client has its own node: it sees its writes, and nothing goes back.',
      params: { routing: 'home' },
      expect: { linearizable: { breaks: {} } },
    },
    {
      name: 'sticky-while-cut',
      about: 'Still so while n1 is cut off, and everybody is served: sticky available.',
      params: { routing: 'home', trouble: 'cut' },
      expect: { linearizable: { breaks: {} } },
    },
    {
      name: 'node-lost',
      about: 'Clients whose node crashes find less elsewhere than they had seen.',
      params: { routing: 'home', trouble: 'crash' },
      expect: {
        'reads-its-writes': { breaks: {} },
        'never-goes-back': { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'quorum',
      about: 'The load balancer before quorums: every promise holds.',
      params: { level: 'quorum' },
    },
    {
      name: 'quorum-while-cut',
      about: 'Quorums during a cut: every promise holds, and the clients of n1 are refused.',
      params: { routing: 'home', level: 'quorum', trouble: 'cut' },
      expect: { 'always-served': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Let writes spread within 40 ms: are broken promises rarer, or gone?',
    'Combine the load balancer with a cut: who is answered, and with what?',
    'Crash n1 by hand twice in a row while clients stick to it.',
  ],
  leavesOut: [
    'Tokens: a client that carries the version it has seen can be made to wait for it anywhere.',
    'Cookies of the balancer, and what becomes of them when it restarts.',
  ],
});
