/** A rule that can be switched off, and what breaks then. */
export interface Rule {
  readonly id: string;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}
