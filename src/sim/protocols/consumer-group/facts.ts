/** What a coordinator tells of its groups. */
export type GroupFact =
  | {
      readonly type: 'group.rebalancing';
      readonly group: string;
      readonly generation: number;
      readonly why: string;
    }
  | {
      readonly type: 'group.stable';
      readonly group: string;
      readonly generation: number;
      readonly members: number;
    }
  | { readonly type: 'group.empty'; readonly group: string; readonly generation: number }
  | { readonly type: 'group.offsets-unstable'; readonly group: string }
  | {
      readonly type: 'group.member-removed';
      readonly group: string;
      readonly member: string;
      /** The last one that it was a member of: a later one is after it has come back. */
      readonly generation: number;
      readonly why: string;
    };
