/** What the process says when it ends. Fail outranks unknown outranks pass, in a sweep as well. */
export const EXIT = {
  pass: 0,
  fail: 1,
  unknown: 2,
  /** The scenario, document, link or command line is wrong. */
  wrong: 3,
  /** Our bug; also a replay that differs under the same engine version. */
  ours: 70,
  /** Interrupted, after printing what is done so far. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Each code with its meaning, for help and the reference page. */
export const EXIT_MEANINGS: readonly { readonly code: ExitCode; readonly means: string }[] = [
  { code: EXIT.pass, means: 'pass: every check showed what the scenario expects' },
  { code: EXIT.fail, means: 'fail: a check showed something else' },
  { code: EXIT.unknown, means: 'unknown: a limit ended the run or a search; the limit is named' },
  { code: EXIT.wrong, means: 'the scenario, document, link or command line is wrong' },
  {
    code: EXIT.ours,
    means: 'a bug of Faultline; also a replay that differs under the same engine version',
  },
  { code: EXIT.interrupted, means: 'interrupted, after printing what is done so far' },
];
