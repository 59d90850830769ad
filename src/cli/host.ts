/**
 * What the command line sees of its process: everything that a test wants to hand in instead.
 */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export interface Host {
  /** The words after the program's name. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Wall time, for rates and progress only: it enters no result. */
  readonly nowMillis: () => number;
  readonly processors: number;
  /** How a person calls this program: `faultline`, or `npm run -s sim --` in the repository. */
  readonly invocation: string;
  /** Calls `stop` at the first Ctrl-C; the second ends the process. Returns the release. */
  readonly onInterrupt: (stop: () => void) => () => void;
}
