/** Under which settings the rules of a stream job have anything to do. */
import type { RuleNeed } from '../../node/rule-needs.ts';
import type { StreamTaskConfig } from './config.ts';

export const streamRuleNeeds: readonly RuleNeed<StreamTaskConfig>[] = [
  {
    rules: ['stream.idle-excluded'],
    acts: ({ withIdlenessMs }) => withIdlenessMs > 0,
    hint: 'Give withIdlenessMs of the sources more than 0.',
  },
  {
    rules: ['stream.align-barriers'],
    acts: (_config, { asked }) => asked('aligned checkpoints'),
    hint:
      'Give checkpointIntervalMs of the coordinator more than 0, in mode EXACTLY_ONCE and not ' +
      'unaligned.',
  },
  {
    rules: ['stream.in-flight-in-snapshot'],
    acts: (_config, { asked }) => asked('unaligned checkpoints'),
    hint: 'Write unaligned: true at the coordinator.',
  },
  {
    rules: ['stream.restore-offsets-with-state'],
    acts: (_config, { asked }) => asked('offsets'),
    hint: 'Give checkpointIntervalMs of the coordinator more than 0.',
  },
  {
    rules: ['stream.commit-on-complete', 'stream.commit-on-restore'],
    acts: ({ delivery }, { asked }) => delivery === 'transactional' && asked('commits'),
    hint: 'Write delivery: transactional, and give checkpointIntervalMs of the coordinator.',
  },
];
