/** Pictures of nodes: a whole one on demand, and a delta whenever an event changed one. */
import type { Host } from '../node/host.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import type { NodeDelta, NodeFrame } from './frame.ts';

export function nodeFrame(host: Host, index: NodeIndex): NodeFrame {
  const node = host.node(index);
  const { identity, behaviour, state } = node;
  const nameOf = (other: NodeIndex): string => host.node(other).identity.name;
  const nowMicros = host.now;
  const { clock } = node;
  const sight = {
    config: identity.config,
    nowMicros,
    monoMicros: clock.mono(nowMicros),
    wallMicros: clock.wall(nowMicros),
  };
  return {
    index,
    id: identity.id,
    name: identity.name,
    group: identity.group,
    component: behaviour.component,
    badge: behaviour.badge,
    zone: identity.zone,
    status: node.status,
    roles: state === null ? [] : behaviour.roles(state),
    view: state === null ? null : behaviour.view(state, nameOf, sight),
    timers: [...node.timers.values()].map((timer) => ({
      kind: timer.kind,
      key: timer.key,
      setMicros: timer.setMicros,
      firesMicros: timer.firesMicros,
    })),
    waiting: node.mailbox.length / 2,
    cores: { count: node.cpu.count, busy: node.cpu.busy, waiting: node.cpu.waiting },
  };
}

export class NodeFrames {
  readonly #host: Host;
  #keyframe: NodeFrame[] = [];
  #deltas: NodeDelta[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** Begins a chunk: every node as it is now. */
  begin(): void {
    this.#keyframe = this.#host.nodes.map((_, index) => nodeFrame(this.#host, index));
    this.#deltas = [];
  }

  touched(index: NodeIndex): void {
    this.#deltas.push({
      micros: this.#host.now,
      event: this.#host.kernel.eventNumber,
      node: nodeFrame(this.#host, index),
    });
  }

  /** The chunk since `begin`; the next one begins here. */
  take(): { readonly keyframe: readonly NodeFrame[]; readonly deltas: readonly NodeDelta[] } {
    const taken = { keyframe: this.#keyframe, deltas: this.#deltas };
    this.begin();
    return taken;
  }
}
