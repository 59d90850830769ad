/** The smallest stream jobs, for cases of rules that act under some settings only. */
import type { GroupPlan } from 'faultline';

type Config = Readonly<Record<string, unknown>>;

export const CHECKPOINTED = { checkpointIntervalMs: 100 };
export const UNALIGNED = { ...CHECKPOINTED, unaligned: true };
export const TRANSACTIONAL = { delivery: 'transactional' };

const task = (name: string, config: Config, links: GroupPlan['links'] = {}): GroupPlan => ({
  name,
  component: 'stream-task',
  count: 1,
  config,
  links,
});

export const streamed = (
  coordinator: Config,
  source: Config = {},
  sink: Config = {},
): readonly GroupPlan[] => [
  { name: 'l', component: 'event-log', count: 1 },
  task('n', source, { log: 'l' }),
  task('w', { role: 'window' }),
  task('k', { role: 'sink', ...sink }, { store: 'r' }),
  { name: 'r', component: 'result-store', count: 1 },
  {
    name: 'j',
    component: 'job-coordinator',
    count: 1,
    config: coordinator,
    links: { sources: 'n', operators: 'w', sinks: 'k' },
  },
];
