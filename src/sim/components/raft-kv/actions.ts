/** What a person may ask of the leader of a group: other members, another leader. */
import { Type } from '../../contracts/schema.ts';
import type { RaftMemberChange } from '../../contracts/raft-admin.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { NO_CALL } from '../../node/behaviour.ts';
import type { Action, Context, NodeIndex } from '../../node/behaviour.ts';
import type { RaftInput } from '../../protocols/raft/effects.ts';
import type { RaftKvConfig } from './config.ts';
import { onChange, onTransfer } from './members.ts';
import type { RaftKvState } from './state.ts';

type Ctx = Context<RaftKvConfig>;
type Feed = (state: RaftKvState, ctx: Ctx, input: RaftInput) => void;

const server = (about: string) =>
  Type.Object(
    { server: Type.String({ minLength: 1, description: about }) },
    { additionalProperties: false },
  );

function named(ctx: Ctx, args: unknown): NodeIndex {
  const { server: name } = args as { readonly server: string };
  const members = ctx.members('peers');
  const found = members.find((node) => ctx.nameOf(node) === name);
  if (found !== undefined) return found;
  throw new ScenarioError(`The group has no server "${name}".`, {
    hint: didYouMean(
      name,
      members.map((node) => ctx.nameOf(node)),
    ),
  });
}

const unavailable = ({ raft }: RaftKvState): string | null =>
  raft.role === 'leader' ? null : 'It does not lead.';

/** The protocol is fed by its host. */
export function raftKvActions(feed: Feed): {
  readonly [name: string]: Action<RaftKvState, RaftKvConfig>;
} {
  const change = (
    about: string,
    type: RaftMemberChange['type'],
    catchUp = false,
  ): Action<RaftKvState, RaftKvConfig> => ({
    about,
    args: server('Its name, n4.'),
    unavailable,
    perform(state, ctx, args) {
      const changes = [{ type, peer: named(ctx, args) }];
      const message = { type: 'raft-admin.change', transition: 'auto', changes, catchUp } as const;
      onChange(state, ctx, message, NO_CALL, feed);
    },
  });
  return {
    'add-server': change('Have a server learn, and vote once it has caught up.', 'add-voter', true),
    'add-learner': change('Have a server learn, without a vote.', 'add-learner'),
    'remove-server': change('Take a server out of the group.', 'remove'),
    'transfer-leadership': {
      about: 'Hand the leadership over to another server.',
      args: server('To whom: n2.'),
      unavailable,
      perform: (state, ctx, args) =>
        onTransfer(state, ctx, { to: named(ctx, args) }, NO_CALL, feed),
    },
  };
}
