/** Settings of a broker that contradict each other. */
import { changesNothing } from '../../contracts/needs.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import type { Given, GroupSettings } from '../../node/behaviour.ts';
import type { Offer } from '../../node/usage.ts';
import type { QueueBrokerConfig } from './config.ts';

export const isQuorum = ({ queueType }: QueueBrokerConfig['queues'][number]): boolean =>
  queueType === 'quorum';

/** Settings of quorum queues, where there are such and enough brokers for them. */
function checkQuorum({ queues }: QueueBrokerConfig, { path, count, given }: GroupSettings): void {
  const idle = ['failureDetectorMs', 'minSnapshotInterval'].find((at) => given[at] !== undefined);
  if (idle !== undefined && !queues.some(isQuorum)) {
    const hint = 'Give one of its queues queueType: quorum, or leave it out.';
    throw changesNothing(idle, 'there is no quorum queue', `${path}/config/${idle}`, hint);
  }
  const givenQueues = (given['queues'] ?? []) as readonly Given[];
  givenQueues.forEach(({ quorumInitialGroupSize: size }, place) => {
    if (typeof size !== 'number' || size <= count) return;
    const at = `${path}/config/queues/${place}/quorumInitialGroupSize`;
    const why = `quorumInitialGroupSize is ${size}, but there are ${count} brokers.`;
    throw new ScenarioError(why, { path: at, hint: 'Start more of them, or lower it.' });
  });
}

export function check(config: QueueBrokerConfig, group: GroupSettings): void {
  checkQuorum(config, group);
  checkNames('queue', config.queues, `${group.path}/config/queues`);
  checkNames('exchange', config.exchanges, `${group.path}/config/exchanges`);
  checkDeadLetters(config, `${group.path}/config/queues`);
  checkExchanges(config, group);
}

interface Named {
  readonly name: string;
}

function checkNames(noun: string, all: readonly Named[], path: string): void {
  all.forEach(({ name }, place) => {
    if (all.findIndex((one) => one.name === name) === place) return;
    const hint = 'Give one of them another name.';
    throw new ScenarioError(`There are two ${noun}s "${name}".`, {
      path: `${path}/${place}/name`,
      hint,
    });
  });
}

function checkThere(noun: string, name: string, all: readonly Named[], path: string): void {
  const names = all.map((one) => one.name);
  if (names.includes(name)) return;
  throw new ScenarioError(`There is no ${noun} "${name}".`, {
    path,
    hint: didYouMean(name, names),
  });
}

function checkDeadLetters({ queues, exchanges }: QueueBrokerConfig, path: string): void {
  queues.forEach((one, place) => {
    const { name, deadLetterQueue, deadLetterExchange, deadLetterRoutingKey } = one;
    const at = `${path}/${place}/deadLetterQueue`;
    if (deadLetterQueue === name) {
      const hint = 'Name another queue of this broker.';
      throw new ScenarioError('A queue cannot take its own dead letters.', { path: at, hint });
    }
    if (deadLetterQueue !== '') checkThere('queue', deadLetterQueue, queues, at);
    if (deadLetterExchange === '') {
      if (deadLetterRoutingKey === '') return;
      const hint = 'Name a deadLetterExchange, or leave it out.';
      const own = `${path}/${place}/deadLetterRoutingKey`;
      throw changesNothing('deadLetterRoutingKey', 'there is no deadLetterExchange', own, hint);
    }
    checkThere('exchange', deadLetterExchange, exchanges, `${path}/${place}/deadLetterExchange`);
  });
}

function checkExchanges({ queues, exchanges }: QueueBrokerConfig, group: GroupSettings): void {
  const path = `${group.path}/config/exchanges`;
  if (exchanges.length > 0 && group.count > 1) {
    const hint = 'Write count: 1, or let producers name the queue.';
    throw new ScenarioError('Exchanges are of one broker alone.', { path, hint });
  }
  exchanges.forEach(({ type, bindings }, place) => {
    bindings.forEach(({ queue, routingKey, fromMs }, at) => {
      const where = `${path}/${place}/bindings/${at}`;
      checkThere('queue', queue, queues, `${where}/queue`);
      if (fromMs >= group.durationMs) {
        const why = `the run ends after ${group.durationMs} ms`;
        throw changesNothing('The binding', why, `${where}/fromMs`, 'Bind it earlier.');
      }
      if (type !== 'fanout' || routingKey === '') return;
      const hint = 'Leave it out, or write type: direct or topic.';
      throw changesNothing(
        'routingKey',
        'a fanout exchange reads none',
        `${where}/routingKey`,
        hint,
      );
    });
  });
}

/** An exchange that no dead letters go to is for those who publish to it. */
export function exchangesOffered({ queues, exchanges }: QueueBrokerConfig): readonly Offer[] {
  return exchanges.flatMap(({ name }, place) =>
    queues.some(({ deadLetterExchange }) => deadLetterExchange === name)
      ? []
      : [
          {
            what: [`exchange ${name}`],
            at: `exchanges/${place}`,
            why: 'nobody publishes to it',
            hint: `Write exchange: ${name} for a producer, or leave it out.`,
          },
        ],
  );
}
