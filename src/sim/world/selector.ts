/**
 * Selectors: how faults, checks and stories name nodes. Plain data, resolved at the moment of use.
 *
 * A string is a node's short name ("n3"), its id ("n/3/0") or a group ("n"); `all` is every node.
 */
export type Selector =
  | string
  | readonly Selector[]
  /** Nodes that play a role now: `{ role: 'leader', group: 'n' }`. */
  | { readonly role: string; readonly group?: string }
  | { readonly zone: string }
  /** Members of `from` that `except` does not name. */
  | { readonly except: Selector; readonly from: Selector }
  /** The first `count` of a selection, by index: with `role` a minority that holds the leader. */
  | { readonly first: number; readonly of: Selector }
  /** A set of exactly `size` members of `group` that contains `including`. */
  | { readonly including: Selector; readonly size: number; readonly group: string };
