/**
 * What a person can do to a run, as the engine's acts: faults with ids of their own, and their
 * undoing. An act that would change nothing says why, so that it can be greyed out.
 */
import type { Act, Fault, FaultFrame, NodeFrame, RunSpec } from '../../sim/index.ts';
import type { Scene } from './scene.ts';

/** One thing to do, with the sentence that names it. */
export interface Deed {
  readonly name: string;
  readonly acts: readonly Act[];
}

/** A deed that may be impossible now. */
export interface Choice {
  readonly key: string;
  readonly label: string;
  readonly deed: Deed | null;
  /** Why not, where there is no deed. */
  readonly because: string;
}

/** Ids of a person's faults: counted within the specification, so that a link repeats them. */
export function nextFaultId(spec: RunSpec, offset = 0): string {
  const used = spec.interventions.filter((i) => i.act.do === 'inject').length;
  return `you-${used + 1 + offset}`;
}

const inject = (spec: RunSpec, fault: Fault, offset = 0): Act => ({
  do: 'inject',
  id: nextFaultId(spec, offset),
  fault,
});

const faultsOn = (scene: Scene, node: NodeFrame, type: string): FaultFrame[] =>
  scene.faults.filter((fault) => fault.type === type && fault.nodes.includes(node.index));

const undoAll = (faults: readonly FaultFrame[]): Act[] =>
  faults.map((fault) => ({ do: 'undo', id: fault.id }));

function choice(key: string, label: string, deed: Deed | null, because = ''): Choice {
  return { key, label, deed, because };
}

/** What can be done to a node, in the order of its menu. */
export function choicesFor(node: NodeFrame, scene: Scene, spec: RunSpec): Choice[] {
  const ends = [...faultsOn(scene, node, 'crash'), ...faultsOn(scene, node, 'terminate')];
  const ending = faultsOn(scene, node, 'terminate').length > 0;
  const pauses = faultsOn(scene, node, 'pause');
  const down = node.status === 'down';
  const paused = node.status === 'paused';
  const once = (type: 'crash' | 'terminate' | 'pause', verb: string): Deed => ({
    name: `${verb} ${node.name}`,
    acts: [inject(spec, { type, target: node.name })],
  });
  return [
    choice('crash', 'Crash', down ? null : once('crash', 'crash'), 'It is down already.'),
    choice(
      'terminate',
      'Tell to end (SIGTERM)',
      down || ending ? null : once('terminate', 'end'),
      down ? 'It is down already.' : 'It is told to end already.',
    ),
    choice(
      'restart',
      'Restart',
      down && ends.length > 0 ? { name: `restart ${node.name}`, acts: undoAll(ends) } : null,
      'Only a node that crashed, or was told to end, can be restarted.',
    ),
    choice(
      'pause',
      'Pause',
      down || paused ? null : once('pause', 'pause'),
      down ? 'It is down.' : 'It is paused already.',
    ),
    choice(
      'resume',
      'Resume',
      paused && pauses.length > 0 ? { name: `resume ${node.name}`, acts: undoAll(pauses) } : null,
      'Only a paused node can be resumed.',
    ),
    choice('isolate', 'Cut off from all others', {
      name: `cut off ${node.name}`,
      acts: [inject(spec, { type: 'partition', groups: [[node.name]] })],
    }),
    healChoice(node, scene),
  ];
}

function healChoice(node: NodeFrame, scene: Scene): Choice {
  const cuts = scene.faults.filter(
    (fault) =>
      fault.islands.length > 0 ||
      fault.cutLinks.some(([from, to]) => from === node.index || to === node.index),
  );
  return choice(
    'mend',
    'Mend its cuts',
    cuts.length > 0 ? { name: `mend cuts of ${node.name}`, acts: undoAll(cuts) } : null,
    'Nothing cuts it off.',
  );
}

export function healAll(scene: Scene): Choice {
  return choice(
    'heal-all',
    'Heal all',
    scene.faults.length > 0 ? { name: 'heal all', acts: [{ do: 'heal-all' }] } : null,
    'Nothing is broken.',
  );
}

/** Splits the network into the named groups; whoever is unnamed forms one more. */
export function partitionDeed(spec: RunSpec, groups: readonly (readonly string[])[]): Deed {
  return {
    name: `cut ${groups.map((group) => group.join(' ')).join(' | ')}`,
    acts: [inject(spec, { type: 'partition', groups })],
  };
}

export function cutLinksDeed(spec: RunSpec, links: readonly (readonly [string, string])[]): Deed {
  return {
    name: `cut ${links.map(([a, b]) => `${a}-${b}`).join(', ')}`,
    acts: links.map(([a, b], i) => inject(spec, { type: 'cut-link', a, b }, i)),
  };
}

/** The numbers of the network that a person has set, as of the specification. */
export interface NetworkSetting {
  readonly lossProbability: number;
  readonly latencyFactor: number;
}

const mine = (spec: RunSpec, scene: Scene, type: Fault['type']): Fault[] => {
  const inForce = new Set(scene.faults.map((fault) => fault.id));
  return spec.interventions.flatMap(({ act }) =>
    act.do === 'inject' && act.fault.type === type && inForce.has(act.id) && isGlobal(act.fault)
      ? [act.fault]
      : [],
  );
};

const isGlobal = (fault: Fault): boolean =>
  (fault.type === 'loss' || fault.type === 'latency') &&
  fault.from === undefined &&
  fault.to === undefined;

export function networkSetting(spec: RunSpec, scene: Scene): NetworkSetting {
  const loss = mine(spec, scene, 'loss').at(-1);
  const latency = mine(spec, scene, 'latency').at(-1);
  return {
    lossProbability: loss?.type === 'loss' ? loss.probability : 0,
    latencyFactor: latency?.type === 'latency' ? (latency.factor ?? 1) : 1,
  };
}

/** Replaces what the person had set before: its undoing and the new fault, in one deed. */
export function networkDeed(spec: RunSpec, scene: Scene, change: Partial<NetworkSetting>): Deed {
  const acts: Act[] = [];
  const names: string[] = [];
  const replace = (fault: Fault | null, type: Fault['type']) => {
    const inForce = new Set(scene.faults.map((f) => f.id));
    for (const { act } of spec.interventions) {
      if (act.do !== 'inject' || act.fault.type !== type) continue;
      if (inForce.has(act.id) && isGlobal(act.fault)) acts.push({ do: 'undo', id: act.id });
    }
    if (fault !== null) acts.push(inject(spec, fault));
  };
  if (change.lossProbability !== undefined) {
    const probability = change.lossProbability;
    replace(probability > 0 ? { type: 'loss', probability } : null, 'loss');
    names.push(`loss ${Math.round(probability * 100)} %`);
  }
  if (change.latencyFactor !== undefined) {
    const factor = change.latencyFactor;
    replace(factor === 1 ? null : { type: 'latency', factor }, 'latency');
    names.push(`latency × ${factor}`);
  }
  return { name: names.join(', '), acts };
}
