/** What a database may be told: what its statements cost, and where its limits are. */
import { linked, over, word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import type { Distribution } from '../../policies/distribution.ts';

const strict = { additionalProperties: false } as const;

const time = (description: string, of: Distribution) =>
  Type.Unsafe<Distribution>(Type.Any({ description, shape: 'distribution', default: of }));

const slowParts = {
  slowShare: field.probability({
    about: 'How often it is slow: a missing index, a cold page.',
    default: 0,
  }),
  slowTime: time('The work of a slow one.', { kind: 'constant', ms: 1_000 }),
};

const COST_NEEDS: readonly Need[] = [{ settings: ['slowTime'], any: [over('slowShare')] }];

const NEEDS: readonly Need[] = [
  { settings: ['walWriterDelayMs'], any: [word('synchronousCommit', false)] },
  { settings: ['replicationDelay', 'statusIntervalMs'], any: [linked('primary')] },
  {
    settings: ['write', 'lockTimeoutMs', 'commitMs', 'synchronousCommit', 'walWriterDelayMs'],
    any: [linked('primary', false)],
    why: 'a replica refuses writes',
    hint: 'Give it to the primary.',
  },
];

const cost = (description: string, meanMs: number) =>
  Type.Object(
    { time: time('Its work on a core.', { kind: 'exponential', meanMs }), ...slowParts },
    { ...strict, default: {}, description, needs: COST_NEEDS },
  );

export const databaseConfig = Type.Object(
  {
    rows: field.count({
      about: 'Rows 0 up to this many exist; of others there is nothing to read or change.',
      default: 1_000_000,
      min: 1,
      max: 1_000_000_000,
    }),
    read: cost('A statement that reads, unless it is listed.', 1),
    write: cost('A statement that changes a row, unless it is listed.', 2),
    statements: Type.Array(
      Type.Object(
        {
          statement: Type.String({ minLength: 1, description: 'As queries name it.' }),
          time: time('Its work on a core.', { kind: 'exponential', meanMs: 1 }),
          ...slowParts,
        },
        { ...strict, needs: COST_NEEDS },
      ),
      { default: [], description: 'Statements with costs of their own.' },
    ),
    furtherRowMs: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1_000,
        description:
          'What each row after the first adds to a statement that reads several. Default: 0.05.',
        unit: 'ms',
        source: 'An index look-up and a row in memory: some tens of microseconds',
      }),
    ),
    maxConnections: field.count({
      about:
        'Connections open at once; further ones are refused with too-many-connections ' +
        '(PostgreSQL: "sorry, too many clients already"), and the try of the caller fails. It is ' +
        'not compared with the pools of the callers (maxOpen, times the replicas of each), which ' +
        'may be larger together: then it holds until a rush, or a rolling restart, opens them all.',
      default: 100,
      min: 1,
      max: 262_143,
      source: 'PostgreSQL max_connections',
    }),
    tcpKeepalivesIdleMs: field.millis({
      about: 'How often the machine of a client is asked whether the client is still there.',
      default: 7_200_000,
      min: 1,
      max: 86_400_000,
      source: 'PostgreSQL tcp_keepalives_idle; 0 there: what the system has, on Linux 2 h',
    }),
    tcpKeepalivesIntervalMs: field.millis({
      about: 'How long an answer to that is waited for, before it is asked again.',
      default: 75_000,
      min: 1,
      max: 86_400_000,
      source: 'PostgreSQL tcp_keepalives_interval; Linux: 75 s',
    }),
    tcpKeepalivesCount: field.count({
      about: 'After so many questions without an answer its connections are closed.',
      default: 9,
      min: 1,
      max: 1_000,
      source: 'PostgreSQL tcp_keepalives_count; Linux: 9',
    }),
    lockTimeoutMs: field.millis({
      about: 'How long a write waits for the lock of its row; 0: for ever.',
      default: 0,
      max: 3_600_000,
      source: 'PostgreSQL lock_timeout',
    }),
    commitMs: field.millis({
      about: 'A commit takes so much longer than its work and its fsync; the lock is held.',
      default: 0,
      max: 3_600_000,
    }),
    synchronousCommit: field.flag({
      about: 'Answer a write only when it is on disk. Off, a crash loses the newest writes.',
      default: true,
      source: 'PostgreSQL synchronous_commit',
    }),
    walWriterDelayMs: field.millis({
      about: 'Without synchronousCommit: how often writes are brought to disk.',
      default: 200,
      min: 1,
      max: 10_000,
      source: 'PostgreSQL wal_writer_delay',
    }),
    replicationDelay: time('Of a replica: how long it holds a write back before it applies it.', {
      kind: 'constant',
      ms: 0,
    }),
    statusIntervalMs: field.millis({
      about: 'Of a replica: how often it says what it has; what was lost is sent again then.',
      default: 1_000,
      min: 1,
      max: 3_600_000,
      source: 'PostgreSQL wal_receiver_status_interval (10 s there, over a lossless stream)',
    }),
  },
  { ...strict, needs: NEEDS },
);

export type DatabaseConfig = Static<typeof databaseConfig>;
