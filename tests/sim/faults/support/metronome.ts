/**
 * A scenario in which every fault shows: nodes that beat at regular intervals, tell one another the
 * time of their wall clocks, occupy a core and write to their disks.
 */
import { Type, defineBehaviour, defineContract, defineScenario, field, ms } from 'faultline';
import type { FaultEntry, Plan, Predicate } from 'faultline';

interface Tick {
  readonly type: 'metronome.tick';
  readonly wall: number;
}

const metronomeContract = defineContract<Tick>({
  name: 'metronome',
  about: 'Nodes tell one another the time.',
  source: 'this test',
  messages: {
    'metronome.tick': {
      role: 'notice',
      flight: 'control',
      digest: (m) => (m.wall % 1_000_000_007) | 0,
      label: () => 'tick',
    },
  },
  errors: [],
});

export interface MetronomeState {
  beats: number;
  heard: number;
  worked: number;
  synced: number;
}

type MetronomeFact = { readonly type: 'metronome.heard'; readonly from: number };

export const BEAT_MS = 5;

export const metronome = defineBehaviour<
  MetronomeState,
  unknown,
  Tick,
  { component: string; fields: [] },
  MetronomeFact,
  { count: number },
  { readonly n: number }
>({
  component: 'metronome',
  about: 'Beats.',
  source: 'this test',
  leavesOut: [],
  badge: 'MT',
  serves: [metronomeContract],
  links: {},
  config: Type.Object({}),
  facts: { 'metronome.heard': { weight: 'minor', sentence: () => 'hears a tick' } },
  roleNames: { early: 'Has beaten less than 100 times.', late: 'Has beaten more often.' },
  durable: {
    empty: () => ({ count: 0 }),
    apply: (durable) => void (durable.count += 1),
    save: (durable) => ({ ...durable }),
    restore: (image) => ({ ...(image as { count: number }) }),
  },
  start(ctx) {
    ctx.setTimer('beat', 0, ms(BEAT_MS));
    return { beats: 0, heard: 0, worked: 0, synced: 0 };
  },
  on: {
    'metronome.tick': (state, ctx, _message, from) => {
      state.heard += 1;
      ctx.tell<MetronomeFact>({ type: 'metronome.heard', from });
    },
  },
  onTimer(state, ctx) {
    state.beats += 1;
    ctx.setTimer('beat', 0, ms(BEAT_MS));
    for (const peer of ctx.members('peers')) {
      if (peer !== ctx.self) ctx.send<Tick>(peer, { type: 'metronome.tick', wall: ctx.wall() });
    }
    ctx.work(ms(1), state.beats);
    ctx.write({ n: state.beats });
    ctx.sync(state.beats);
  },
  onSynced: (state) => void (state.synced += 1),
  onWorked: (state) => void (state.worked += 1),
  roles: (state) => [state.beats < 100 ? 'early' : 'late'],
  view: () => ({ component: 'metronome', fields: [] }),
});

/** Holds from one beat count on, and again while the count is a multiple of ten. */
const beats: Predicate = {
  name: 'beats-of-first',
  about: 'The first node has beaten so often, or so often again.',
  args: Type.Object(
    { every: field.count({ about: 'A period.', default: 10, min: 2 }) },
    { additionalProperties: false },
  ),
  components: ['metronome'],
  holds: (world, args: { readonly every: number }) => {
    const first = world.group('m')[0];
    const { beats: count } = (first?.state ?? { beats: 1 }) as MetronomeState;
    return count > 0 && count % args.every === 0;
  },
} as Predicate;

export const NODES = 4;
export const DURATION_MS = 1_000;

export const beatPlan = (faults: readonly FaultEntry[], healAtMs?: number): Plan => ({
  title: 'Metronomes',
  summary: 'Nodes that beat.',
  durationMs: DURATION_MS,
  network: { latency: { kind: 'uniform', minMs: 1, maxMs: 2 } },
  groups: [{ name: 'm', component: 'metronome', count: NODES }],
  faults,
  ...(healAtMs === undefined ? {} : { healAtMs }),
  checks: [],
  story: [],
});

/** Parts of its own that a plan of metronomes needs. */
export const registers = { components: [metronome], predicates: [beats] };

export const metronomes = defineScenario({
  id: 'test/metronomes',
  title: 'Metronomes',
  summary: 'Nodes that beat.',
  tier: 'calm',
  sources: [],
  params: {},
  // Twice as long: whoever looks at its beginning wants to see faults end.
  plan: () => ({ ...beatPlan([]), durationMs: 2 * DURATION_MS }),
  variants: [{ name: 'default', about: 'The only one.' }],
  thingsToTry: [],
  leavesOut: [],
  registers,
});
