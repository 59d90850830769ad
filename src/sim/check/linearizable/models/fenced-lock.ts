/**
 * A lock that hands out a fencing token: `acquire` (input: who; output: the token, or false when it
 * was held) and `release` (input: who). Tokens grow with every acquire, and only the holder
 * releases; a release with output false found that it no longer held the lock (its lease was over).
 */
import { showValue } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { listText, unknownOperation } from './words.ts';

export interface FencedLock {
  readonly holder: string | null;
  /** The greatest token handed out. */
  readonly token: number;
}

export function fencedLockModel(): Model<FencedLock, string, Value> {
  return {
    name: 'fenced-lock',
    init: () => ({ holder: null, token: 0 }),
    step: (state, op) => {
      if (op.f === 'release') {
        if (op.output === false) return state.holder === op.input ? ILLEGAL : state;
        return state.holder === op.input ? { holder: null, token: state.token } : ILLEGAL;
      }
      if (op.f !== 'acquire') throw unknownOperation('fenced-lock', op.f, ['acquire', 'release']);
      if (op.output === false) return state.holder === null ? ILLEGAL : state;
      if (state.holder !== null) return ILLEGAL;
      if (op.output === undefined) return { holder: op.input, token: state.token + 1 };
      const token = Number(op.output);
      return token > state.token ? { holder: op.input, token } : ILLEGAL;
    },
    key: ({ holder, token }) => listText(holder === null ? [token] : [token, holder]),
    pure: (op) => op.output === false,
    describe: (op) => {
      const lock = op.key ?? 'the lock';
      if (op.f === 'release') {
        return op.output === false ? `no longer held ${lock}` : `released ${lock}`;
      }
      if (op.output === false) return `found ${lock} held`;
      return `acquired ${lock} with token ${showValue(op.output)}`;
    },
    describeState: ({ holder, token }) =>
      holder === null ? `free, last token ${token}` : `held by ${holder} with token ${token}`,
  };
}
