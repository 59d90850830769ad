/**
 * What producers and consumers of a partitioned log saw, judged as Jepsen judges Kafka.
 *
 * Source: jepsen.tests.kafka
 */
import { logBroker } from '../components/log-broker/log-broker.ts';
import { Type } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { PlannedGroup } from './check.ts';
import { stateOf } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import { LOG_ANOMALIES, checkLogHistory } from './history/log-history.ts';
import type { LogAnomaly, LogHistoryResult } from './history/log-history.ts';
import { hasBrokers } from './told.ts';
import { LOG_DEPENDENCIES } from './transactions/index.ts';
import type { LogDependency } from './transactions/index.ts';

interface Args {
  readonly clients: string;
  readonly allow: readonly LogAnomaly[];
  readonly dependencies: readonly LogDependency[];
  readonly exactly: { readonly [kind in LogAnomaly]?: number };
  readonly unread: 'unknown' | 'holds';
}

const counts = Object.fromEntries(
  LOG_ANOMALIES.map((kind) => [
    kind,
    Type.Optional(Type.Integer({ minimum: 0, description: 'How many.' })),
  ]),
);

/** Not one more of each kind, and not one fewer. */
function counted(result: LogHistoryResult, exactly: Args['exactly']): LogHistoryResult {
  if (result.verdict === 'unknown' || Object.keys(exactly).length === 0) return result;
  const because = LOG_ANOMALIES.flatMap((kind) => {
    const found = result.findings.filter((one) => one.kind === kind);
    const expected = exactly[kind] ?? 0;
    if (found.length === expected) return [];
    const [first] = found;
    const example = first === undefined ? '' : ` ${first.why}`;
    return [`${found.length} ${kind}, where ${expected} were expected.${example}`];
  });
  return { ...result, verdict: because.length === 0 ? 'pass' : 'fail', because };
}

export const logHistory = defineHistoryCheck<Args>({
  use: 'log-history',
  about:
    'What consumers of a partitioned log read is what producers sent: nothing acknowledged is ' +
    'lost, nothing is there twice, offsets keep what they hold, polls go forward, of a ' +
    'transaction all is read or nothing, and transactions do not depend on each other in a circle.',
  args: Type.Object(
    {
      clients: clientsField('Only what this group has read; empty: what anybody has.'),
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
      exactly: Type.Object(counts, {
        additionalProperties: false,
        description: 'Of an anomaly exactly so many are there; of one that is not named none.',
        default: {},
      }),
      unread: Type.Enum(['unknown', 'holds'], {
        description: 'What it says where nobody has read a record, and nothing is wrong so far.',
        default: 'unknown',
      }),
    },
    { additionalProperties: false },
  ),
  stands(run) {
    if (!hasBrokers(run) || !run.groups.some(polls)) return null;
    const unread = 'holds';
    return run.groups.some(isManaged) ? { allow: OF_MANAGED, unread } : { unread };
  },
  holdsUnseen: ({ unread }) => unread === 'holds',
  operations: ['send', 'poll', 'transaction'],
  ofGroup: ['poll'],
  check({ allow, dependencies, exactly }, path) {
    const both = allow.find((kind) => exactly[kind] !== undefined);
    if (both !== undefined) {
      throw new ScenarioError(`${both} is allowed, however often: it is not counted.`, {
        path: `${path}/exactly/${both}`,
        hint: 'Leave it out of allow, or of exactly.',
      });
    }
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
  judge(ops, { allow, dependencies, exactly, unread }, { world }) {
    const options = { allow, dependencies, compacted: compactedIn(world) };
    const result = counted(checkLogHistory(ops, options), exactly);
    const holds = result.verdict === 'unknown' && result.read === 0 && unread === 'holds';
    return holds ? { ...result, verdict: 'pass' } : result;
  },
});

/** What nobody reads nobody can judge. */
const polls = ({ operations }: PlannedGroup): boolean => operations?.includes('poll') === true;

/** Whose partitions a coordinator assigns: it may take them away, and give them back elsewhere. */
const isManaged = (group: PlannedGroup): boolean =>
  polls(group) && (group.config as { readonly groupId?: string }).groupId !== '';

/** As Jepsen allows where consumers subscribe, and are not assigned by hand. */
const OF_MANAGED: readonly LogAnomaly[] = ['poll-skip', 'nonmonotonic-poll'];

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
