/** The state of a node as its component types it: null while down, and null for another's node. */
import { describe, expect, it } from 'vitest';
import { COMPONENTS, Session, makeSpec, stateOf } from 'faultline';
import { catalogue } from '../../../scenarios/index.ts';

describe('stateOf', () => {
  it('is the live state of a node of that component only, and null while it is down', () => {
    const [scenario] = catalogue;
    if (scenario === undefined) throw new Error('the catalogue is empty');
    const session = new Session(makeSpec(scenario, { seed: 1 }), { scenarios: catalogue });
    session.advance({ untilMicros: 1_000_000 });
    const [server] = session.world.group('n');
    if (server === undefined) throw new Error('there is no server');
    expect(stateOf(COMPONENTS['raft-kv'], server)?.raft.term).toBeGreaterThan(0);
    expect(stateOf(COMPONENTS['kv-client'], server)).toBeNull();
    session.intervene({ do: 'inject', id: 'x', fault: { type: 'crash', target: server.id } });
    session.advance({ events: 1 });
    expect(stateOf(COMPONENTS['raft-kv'], server)).toBeNull();
  });
});
