/**
 * What producers and consumers of a partitioned log saw, judged as Jepsen judges Kafka.
 *
 * Source: jepsen.tests.kafka
 */
import { logBroker } from '../components/log-broker/log-broker.ts';
import { Type } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { stateOf } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import { LOG_ANOMALIES, checkLogHistory } from './history/log-history.ts';
import type { LogAnomaly } from './history/log-history.ts';
import { LOG_DEPENDENCIES } from './transactions/index.ts';
import type { LogDependency } from './transactions/index.ts';

interface Args {
  readonly clients: string;
  readonly allow: readonly LogAnomaly[];
  readonly dependencies: readonly LogDependency[];
}

export const logHistory = defineHistoryCheck<Args>({
  use: 'log-history',
  about:
    'What consumers of a partitioned log read is what producers sent: nothing acknowledged is ' +
    'lost, nothing is there twice, offsets keep what they hold, polls go forward, of a ' +
    'transaction all is read or nothing, and transactions do not depend on each other in a circle.',
  args: Type.Object(
    {
      clients: clientsField(),
      allow: Type.Array(Type.Enum([...LOG_ANOMALIES]), {
        description: 'Anomalies that are not held against it: a group that rebalances skips.',
        default: [],
        uniqueItems: true,
      }),
      dependencies: Type.Array(Type.Enum([...LOG_DEPENDENCIES]), {
        description:
          'Of what circles are held against it: of reading what the other sent (wr), of sending ' +
          'after it (ww), of not reading what it sent (rw). A log isolates no writers: only the ' +
          'first is a promise of it, to who reads committed records.',
        default: ['wr'],
        uniqueItems: true,
      }),
    },
    { additionalProperties: false },
  ),
  operations: ['send', 'poll', 'transaction'],
  check({ allow, dependencies }, path) {
    if (dependencies.join() === 'ww') {
      throw new ScenarioError('Circles of ww alone are never held against a log.', {
        path: `${path}/dependencies`,
        hint: 'Writers are not isolated from each other. Add "wr", or leave the list empty.',
      });
    }
    for (const kind of allow) {
      const needed = neededFor(kind);
      if (needed === null || dependencies.includes(needed)) continue;
      throw new ScenarioError(`Without ${needed} there is no ${kind} that could be allowed.`, {
        path: `${path}/allow`,
        hint: `Take it out, or add "${needed}" to dependencies.`,
      });
    }
  },
  judge: (ops, { allow, dependencies }, { world }) =>
    checkLogHistory(ops, { allow, dependencies, compacted: compactedIn(world) }),
});

/** Without which there are no circles of this kind. */
const neededFor = (kind: LogAnomaly): LogDependency | null =>
  kind.startsWith('G1c') ? 'wr' : /^G/.test(kind) ? 'rw' : null;

/** As far as a broker that runs can say. */
function compactedIn(world: World): ReadonlySet<number> {
  const hosted = world.nodes.flatMap((node) => [
    ...(stateOf(logBroker, node)?.hosted.values() ?? []),
  ]);
  const compacted = hosted.filter(({ cleanup }) => cleanup?.compacts === true);
  return new Set(compacted.map(({ partition }) => partition));
}
