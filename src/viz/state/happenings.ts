/**
 * What happened, as lines for people: what nodes did, what broke and what was done to the run.
 *
 * A fault's sentence names who did it: the plan, the person at this page, or whoever made the link
 * it was opened from. Lines of one kind in a row are one line with a count, so that what matters
 * is seen. A pure function of the ledger and the specification.
 */
import type { Act, FaultFrame, FeedEntry, Intervention, NodeFrame } from '../../sim/index.ts';
import { spaced } from './format.ts';
import type { FaultSpan } from './ledger.ts';
import type { Moment } from './position.ts';
import { comparePositions } from './position.ts';

/** Who did it: `you` at this page, `link`: acts that came with the link. */
export type Doer = 'plan' | 'you' | 'link';

export interface Happening extends Moment {
  /** `act`: done by a person; `fault`: by the plan; null: by a node itself. */
  readonly mark: 'act' | 'fault' | null;
  /** Lines of one kind in a row are folded. Empty: never. */
  readonly kind: string;
  readonly text: string;
}

export interface Line extends Happening {
  /** How many of its kind in a row, and since when. */
  readonly times: number;
  readonly sinceMicros: number;
}

export interface RunSoFar {
  readonly feed: readonly FeedEntry[];
  readonly faults: readonly FaultSpan[];
  readonly acts: readonly Intervention[];
  /** The acts that the opened link brought along. */
  readonly linked: readonly Intervention[];
  readonly nodes: readonly Pick<NodeFrame, 'index' | 'name'>[];
}

/** How many acts were done at this page: those after what the link brought. */
export function actsHere(acts: readonly Intervention[], linked: readonly Intervention[]): number {
  const own = acts.findIndex((act, i) => JSON.stringify(act) !== JSON.stringify(linked[i]));
  return own < 0 ? 0 : acts.length - own;
}

/** In the run's order; at one moment acts and faults come before what nodes did. */
export function happeningsOf(run: RunSoFar): Happening[] {
  const linkedUpTo = run.acts.length - actsHere(run.acts, run.linked);
  const doerOf = (number: number): Doer => (number < linkedUpTo ? 'link' : 'you');
  const done = run.acts.flatMap((one, i) => sentenceOfAct(one, doerOf(i), run.faults) ?? []);
  const broken = run.faults.flatMap((span) => {
    const at = run.acts.findIndex(({ act }) => act.do === 'inject' && act.id === span.fault.id);
    const doer = span.fault.by === 'plan' ? 'plan' : doerOf(Math.max(0, at));
    return faultLines(span, doer, run);
  });
  const nodes = run.feed.map((entry) => ({
    micros: entry.micros,
    event: entry.event,
    mark: null,
    kind: `${entry.type} ${entry.text.replace(/^\S+ /, '')}`,
    text: entry.text,
  }));
  return [...done, ...broken, ...nodes].sort(comparePositions);
}

function faultLines(span: FaultSpan, doer: Doer, run: RunSoFar): Happening[] {
  const mark = doer === 'plan' ? ('fault' as const) : ('act' as const);
  const { micros, event, until } = span;
  const started = startSentence(span.fault, doer, run.nodes);
  const lines: Happening[] = [{ micros, event, mark, kind: '', text: started }];
  // What a person ended is told as the act that ended it.
  if (until !== null && !run.acts.some((one) => endedBy(one, span))) {
    lines.push({ ...until, mark: 'fault', kind: '', text: endSentence(span.fault, doer) });
  }
  return lines;
}

function endedBy({ micros, afterEventNumber, act }: Intervention, span: FaultSpan): boolean {
  const there = span.until?.micros === micros && span.until.event === afterEventNumber;
  return there && (act.do === 'heal-all' || (act.do === 'undo' && act.id === span.fault.id));
}

const DOERS: { readonly [D in Doer]: string } = { plan: 'The plan', you: 'You', link: 'Somebody' };

/** "You cut", "The plan cuts". */
const does = (doer: Doer, verb: string): string =>
  `${DOERS[doer]} ${doer === 'you' ? verb : verb.endsWith('sh') ? `${verb}es` : `${verb}s`}`;

function startSentence(fault: FaultFrame, doer: Doer, nodes: RunSoFar['nodes']): string {
  const named = (indexes: readonly number[]): string =>
    indexes.map((index) => nodes.find((node) => node.index === index)?.name ?? index).join(', ');
  switch (fault.type) {
    case 'partition': {
      if (fault.islands.length !== 2) {
        const sides = fault.islands.map(named).join(' | ');
        return `${does(doer, 'cut')} the network apart: ${sides}`;
      }
      const [a, b] = fault.islands as readonly [readonly number[], readonly number[]];
      return `${does(doer, 'cut')} ${named(a.length <= b.length ? a : b)} off from the others`;
    }
    case 'cut-link':
      return `${does(doer, 'cut')} the link ${fault.label.replace(/ cut$/, '')}`;
    case 'one-way':
      return `${does(doer, 'cut')} the network one way: ${fault.label}`;
    case 'crash':
    case 'pause':
      return `${does(doer, fault.type)} ${named(fault.nodes)}`;
    case 'terminate':
      return `${does(doer, 'tell')} ${named(fault.nodes)} to end`;
    case 'slow-cpu':
      return `${does(doer, 'slow')} the ${processors(fault.nodes)} of ${named(fault.nodes)}`;
    case 'slow-disk':
      return `${does(doer, 'slow')} the ${disks(fault.nodes)} of ${named(fault.nodes)}`;
    case 'fsync-off':
      return `${does(doer, 'turn')} fsync of ${named(fault.nodes)} off`;
    case 'clock-jump':
      return `${does(doer, 'set')} the clock of ${named(fault.nodes)}`;
    case 'clock-drift':
      return `${does(doer, 'make')} the clock of ${named(fault.nodes)} drift`;
    default:
      return `${does(doer, 'bring')} ${fault.type}: ${fault.label}`;
  }
}

const processors = ({ length }: readonly number[]) => (length > 1 ? 'processors' : 'processor');
const disks = ({ length }: readonly number[]) => (length > 1 ? 'disks' : 'disk');

function endSentence(fault: FaultFrame, doer: Doer): string {
  const whose = doer === 'plan' ? "The plan's" : doer === 'you' ? 'Your' : "Somebody's";
  return `${whose} ${faultName(fault)} ends`;
}

/** "partition", "slow cpu of app1", "latency (links slower)". */
function faultName({ type, label }: FaultFrame): string {
  if (type === 'partition') return 'partition';
  const of = label.startsWith(`${type} `) ? ` of ${label.slice(type.length + 1)}` : ` (${label})`;
  return `${spaced(type)}${of}`;
}

function sentenceOfAct(
  { micros, afterEventNumber, act }: Intervention,
  doer: Doer,
  faults: readonly FaultSpan[],
): Happening | null {
  const text = actSentence(act, doer, faults);
  const moment = { micros, event: afterEventNumber };
  return text === null ? null : { ...moment, mark: 'act', kind: '', text };
}

/** Null: an injected fault speaks for itself, once it is in force. */
function actSentence(act: Act, doer: Doer, faults: readonly FaultSpan[]): string | null {
  switch (act.do) {
    case 'inject':
      return null;
    case 'undo': {
      const fault = faults.find((span) => span.fault.id === act.id)?.fault;
      if (fault === undefined) return null;
      const names = fault.label.replace(/^\S+ /, '');
      if (fault.type === 'crash' || fault.type === 'terminate') {
        return `${does(doer, 'restart')} ${names}`;
      }
      if (fault.type === 'pause') return `${does(doer, 'resume')} ${names}`;
      const cuts = fault.islands.length > 0 || fault.cutLinks.length > 0;
      if (cuts) return `${does(doer, 'heal')} the cut: ${fault.label.replace(/ cut.*$/, '')}`;
      return `${does(doer, 'end')} the ${faultName(fault)}`;
    }
    case 'heal-all':
      return `${does(doer, 'heal')} everything`;
    case 'action':
      return `${does(doer, 'order')} ${act.node}: ${spaced(act.action)}`;
    case 'spawn':
      return `${does(doer, 'add')} a node to ${act.group}`;
    case 'retire':
      return `${does(doer, 'retire')} ${act.node}`;
    default:
      return null;
  }
}

/** Newest first; `happenings` are those that happened so far. */
export function foldLines(happenings: readonly Happening[]): Line[] {
  const lines: Line[] = [];
  for (const one of happenings) {
    const before = lines.at(-1);
    if (before !== undefined && one.kind !== '' && before.kind === one.kind) {
      const nodes = namesOf(before.text, one.text, one.kind);
      const { sinceMicros } = before;
      lines[lines.length - 1] = { ...one, text: nodes, times: before.times + 1, sinceMicros };
    } else {
      lines.push({ ...one, times: 1, sinceMicros: one.micros });
    }
  }
  return lines.reverse();
}

/** "n1, n2: hears no leader": who did it, each once. */
function namesOf(before: string, now: string, kind: string): string {
  const rest = kind.slice(kind.indexOf(' ') + 1);
  const nowName = now.slice(0, now.length - rest.length).trim();
  const soFar = before.slice(0, before.length - rest.length).replace(/:? $/, '');
  const names = soFar.split(', ');
  if (!names.includes(nowName)) names.push(nowName);
  return names.length === 1 ? now : `${names.join(', ')}: ${rest}`;
}
