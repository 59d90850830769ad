/** What a controller tells: who is active, which brokers count, who leads which partition. */
import type { FactTable } from '../../contracts/facts.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import { plural } from '../../kernel/plural.ts';

/** What the decisions themselves bring about. A partition is named as people do: `orders-0`. */
export type MetadataFact =
  | {
      readonly type: 'controller.broker-registered';
      readonly broker: NodeIndex;
      readonly brokerEpoch: number;
      readonly isUnclean: boolean;
    }
  | { readonly type: 'controller.broker-fenced'; readonly broker: NodeIndex }
  | { readonly type: 'controller.broker-unfenced'; readonly broker: NodeIndex }
  | { readonly type: 'controller.broker-shutting-down'; readonly broker: NodeIndex }
  | { readonly type: 'controller.topics-created'; readonly partitions: number }
  | { readonly type: 'controller.topic-refused'; readonly topic: string; readonly why: string }
  | ({ readonly type: 'controller.elected' } & Elected)
  | ({ readonly type: 'controller.elected-uncleanly' } & Elected)
  | {
      readonly type: 'controller.offline';
      readonly partition: string;
      readonly leaderEpoch: number;
    }
  | {
      readonly type: 'controller.isr-changed';
      readonly partition: string;
      readonly isr: readonly NodeIndex[];
      readonly was: readonly NodeIndex[];
      readonly elr: readonly NodeIndex[];
    };

interface Elected {
  readonly partition: string;
  readonly leader: NodeIndex;
  readonly leaderEpoch: number;
}

export type ControllerFact =
  | MetadataFact
  | { readonly type: 'controller.active'; readonly term: number }
  | { readonly type: 'controller.resigned'; readonly term: number }
  | {
      readonly type: 'controller.alter-refused';
      readonly partition: number;
      readonly broker: NodeIndex;
      readonly error: string;
    };

const names = (ids: readonly NodeIndex[], nameOf: (node: number) => string): string =>
  ids.length === 0 ? 'nobody' : ids.map(nameOf).join(' ');

export const CONTROLLER_FACTS: FactTable<ControllerFact> = {
  'controller.active': {
    weight: 'major',
    sentence: (f) => `is the active controller of epoch ${f.term}`,
  },
  'controller.resigned': {
    weight: 'major',
    sentence: () => 'is not the active controller any more',
  },
  'controller.broker-registered': {
    weight: 'minor',
    sentence: (f, nameOf) => {
      const how = f.isUnclean ? ', after an unclean end' : '';
      return `registers ${nameOf(f.broker)} with broker epoch ${f.brokerEpoch}${how}`;
    },
  },
  'controller.broker-fenced': {
    weight: 'major',
    sentence: (f, nameOf) => `fences ${nameOf(f.broker)}`,
  },
  'controller.broker-unfenced': {
    weight: 'major',
    sentence: (f, nameOf) => `unfences ${nameOf(f.broker)}: it has caught up with the metadata`,
  },
  'controller.broker-shutting-down': {
    weight: 'major',
    sentence: (f, nameOf) => `moves leaders away from ${nameOf(f.broker)}, which shuts down`,
  },
  'controller.topics-created': {
    weight: 'major',
    sentence: (f) => `creates the topics: ${plural(f.partitions, 'partition')}`,
  },
  'controller.topic-refused': {
    weight: 'major',
    sentence: (f) => `cannot create ${f.topic}: ${f.why}`,
  },
  'controller.elected': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `elects ${nameOf(f.leader)} leader of ${f.partition}, epoch ${f.leaderEpoch}`,
  },
  'controller.elected-uncleanly': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `elects ${nameOf(f.leader)} leader of ${f.partition}, epoch ${f.leaderEpoch}, though it ` +
      'may lack committed records',
  },
  'controller.offline': {
    weight: 'major',
    sentence: (f) => `finds nobody who may lead ${f.partition}`,
  },
  'controller.isr-changed': {
    weight: 'minor',
    sentence: (f, nameOf) => {
      const elr = f.elr.length === 0 ? '' : `, eligible beside it: ${names(f.elr, nameOf)}`;
      return `has ${names(f.isr, nameOf)} in sync for ${f.partition}${elr}`;
    },
  },
  'controller.alter-refused': {
    weight: 'minor',
    sentence: (f, nameOf) =>
      `refuses an ISR of partition ${f.partition} from ${nameOf(f.broker)}: ${f.error}`,
  },
};
