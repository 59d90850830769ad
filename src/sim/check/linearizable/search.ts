/** What both searches answer about one problem. */
export interface SearchResult {
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly steps: number;
  /** For unknown: which limit ended the search. */
  readonly limit?: 'steps' | 'configurations';
  /**
   * For fail: the index of the first operation, by return, that nothing can place. Both searches
   * give the same one: the history up to its return has no order, up to just before it has.
   */
  readonly culprit: number;
  /** For pass: a legal order of indices, where the search kept it. */
  readonly order?: Int32Array;
}

export const NO_CULPRIT = -1;
