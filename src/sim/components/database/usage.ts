/** Which settings of a database matter only where somebody asks it for what they are about. */
import { offersOf } from '../../node/usage.ts';
import type { Usage } from '../../node/usage.ts';
import type { DatabaseConfig } from './config.ts';

const CONNECTIONS = [
  'maxConnections',
  'tcpKeepalivesIdleMs',
  'tcpKeepalivesIntervalMs',
  'tcpKeepalivesCount',
];

export const usage: Usage<DatabaseConfig> = {
  // A replica is kept, read or not.
  idle: { noun: 'database', unless: ['primary'] },
  uses: () => [],
  offers: ({ statements }, given) => [
    ...statements.map(({ statement }, i) => ({
      what: [`statement ${statement}`],
      at: `statements/${i}/statement`,
      why: `no step runs "${statement}"`,
      hint: `Write a step that does: { do: query, statement: ${statement} }. Or leave it out.`,
    })),
    ...offersOf(['furtherRowMs'], given, {
      what: ['rows'],
      why: 'no statement reads several rows',
      hint: 'A list with how: together does. Or leave it out.',
    }),
    ...offersOf(CONNECTIONS, given, {
      what: ['connections'],
      why: 'nobody asks over connections',
      hint: 'Give a caller a pool: pool: { maxOpen: 10 }. Or leave it out.',
    }),
  ],
};
