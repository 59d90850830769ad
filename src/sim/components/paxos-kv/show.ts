/** The picture of a Multi-Paxos server's state, for the map and the inspector. */
import type { NameOf } from '../../node/behaviour.ts';
import type { KvCommand } from '../kv-machine.ts';
import { labelOfCommand, newestKeys } from '../kv-serving.ts';
import type { PaxosKvState } from './state.ts';
import { SLOT_STRIP } from './view.ts';
import type { PaxosKvView, SlotCell } from './view.ts';

export function viewOf(state: PaxosKvState, nameOf: NameOf): PaxosKvView {
  const { paxos, config } = state;
  const { role, promised, chosen, accepted } = paxos;
  const owner = promised.round === 0 ? null : nameOf(promised.id);
  const leader = paxos.leader === null ? null : nameOf(paxos.leader);
  return {
    component: 'paxos-kv',
    role,
    round: promised.round,
    owner,
    leader,
    chosen,
    lastSlot: accepted.last,
    servers: config.peers.length,
    phase1Quorum: config.phase1Quorum,
    phase2Quorum: config.phase2Quorum,
    promises: paxos.promises.map(nameOf),
    slots: strip(state),
    store: newestKeys(state.store),
    fields: [
      { label: 'Role', value: role },
      { label: 'Promised round', value: promised.round },
      { label: 'Promised to', value: owner },
      { label: 'Leader it knows', value: leader },
      { label: 'Promises it needs', value: config.phase1Quorum },
      { label: 'Acceptances it needs', value: config.phase2Quorum },
      { label: 'Chosen up to slot', value: chosen },
      { label: 'Last slot accepted', value: accepted.last },
      { label: 'Open slots', value: paxos.open.size },
      { label: 'Reads waiting', value: state.reads.size },
    ],
  };
}

function strip({ paxos }: PaxosKvState): readonly SlotCell[] {
  const { accepted, chosen, open } = paxos;
  return accepted
    .slice(Math.max(1, accepted.last - SLOT_STRIP + 1), accepted.last)
    .map((entry) => ({
      slot: entry.slot,
      round: entry.ballot.round,
      chosen: entry.slot <= chosen,
      label: entry.command === null ? 'no-op' : labelOfCommand(entry.command as KvCommand),
      acks: open.get(entry.slot)?.acks.length ?? 0,
      hasQuorum: open.get(entry.slot)?.isChosen ?? false,
    }));
}
