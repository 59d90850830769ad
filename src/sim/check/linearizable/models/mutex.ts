/**
 * A mutex: `acquire` only when free, `release` only when held. An acquire with output false found
 * it held. Who releases is not looked at (Knossos): a client whose acquire was lost may release
 * under its next process id.
 */
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { unknownOperation } from './words.ts';

export function mutexModel(initiallyHeld = false): Model<boolean, unknown, unknown> {
  return {
    name: 'mutex',
    init: () => initiallyHeld,
    step: (held, op) => {
      if (op.f === 'acquire') {
        if (op.output === false) return held ? held : ILLEGAL;
        return held ? ILLEGAL : true;
      }
      if (op.f === 'release') return held ? false : ILLEGAL;
      throw unknownOperation('mutex', op.f, ['acquire', 'release']);
    },
    key: (held) => (held ? 1 : 0),
    pure: (op) => op.f === 'acquire' && op.output === false,
    describe: (op) => {
      const lock = op.key ?? 'the lock';
      if (op.f === 'release') return `released ${lock}`;
      return op.output === false ? `found ${lock} held` : `acquired ${lock}`;
    },
    describeState: (held) => (held ? 'held' : 'free'),
  };
}
