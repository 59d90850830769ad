/** The page's state, as plain data: what every panel is drawn from. */
import type {
  ActionEntry,
  CatalogueEntry,
  LoadedRun,
  Problem,
  RunSource,
  SlowestRequests,
} from '../worker/protocol.ts';
import type { FindingFrame, Proof, Report, RunSpec } from '../../sim/index.ts';
import type { Theme } from '../theme/tokens.ts';
import type { Ledger } from './ledger.ts';
import { EMPTY_LEDGER } from './ledger.ts';
import type { Position } from './position.ts';
import { START } from './position.ts';
import type { Scene } from './scene.ts';

export type Phase =
  /** No run is open. */
  | 'none'
  | 'loading'
  /** The link was made by another engine version: the person decides. */
  | 'asking'
  | 'ready'
  | 'failed';

export interface BranchSummary {
  readonly id: number;
  /** "Original", or what was done: "crash n1". */
  readonly name: string;
  readonly parent: number | null;
  readonly forkedAt: Position | null;
}

export interface Inspected {
  readonly node: number;
  readonly config: { readonly [name: string]: unknown };
  readonly actions: readonly ActionEntry[];
}

/** Of a node, or of all (null), among those of the furthest moment that was shown. */
export interface KnownRequests extends SlowestRequests {
  readonly node: number | null;
  readonly position: Position;
}

/** The finding that is looked into; null: its messages are being looked for. */
export interface Explained {
  readonly finding: FindingFrame;
  readonly proof: Proof | null;
}

export const isSameFinding = (a: FindingFrame, b: FindingFrame): boolean =>
  a.check === b.check && a.event === b.event && a.why === b.why;

/** What a person predicted, by step of the story: the index of the option. */
export type Predictions = ReadonlyMap<number, number>;

export type SideTab = 'story' | 'inspect' | 'checks' | 'metrics' | 'setup' | 'feed';
export type Tool = 'select' | 'knife';
export type Dialog = 'cut' | 'share' | 'keys' | 'network' | null;

export interface AppState {
  readonly page: 'catalogue' | 'run';
  readonly catalogue: readonly CatalogueEntry[] | null;
  readonly phase: Phase;
  readonly problem: Problem | null;
  readonly source: RunSource | null;
  readonly run: LoadedRun | null;
  /** With everything done so far. */
  readonly spec: RunSpec | null;
  readonly link: string;

  readonly branches: readonly BranchSummary[];
  readonly branch: number;
  readonly ledger: Ledger;
  /** How far the run is known, and the furthest moment that was shown. */
  readonly head: Position;
  readonly shown: Position;
  readonly ended: string | null;
  readonly position: Position;
  readonly scene: Scene | null;

  readonly playing: boolean;
  /** Simulated seconds per second of the viewer. */
  readonly speed: number;
  /** The engine has not come that far yet. */
  readonly buffering: boolean;
  readonly eventsPerSecond: number;

  readonly selected: number | null;
  readonly inspected: Inspected | null;
  readonly requests: KnownRequests | null;
  readonly explained: Explained | null;
  /** Which node's menu is open. */
  readonly menuOf: number | null;
  readonly tool: Tool;
  readonly dialog: Dialog;
  readonly tab: SideTab;
  readonly theme: Theme;
  /** Charts that were folded up, by their titles. */
  readonly foldedCharts: ReadonlySet<string>;
  /** Whether the slowest requests are looked at: only then the engine looks for them. */
  readonly requestsOpen: boolean;
  readonly reducedMotion: boolean;

  readonly followStory: boolean;
  readonly storyStep: number;
  readonly predictions: Predictions;
  /** The step whose question waits for an answer. */
  readonly asking: number | null;

  readonly proof: { readonly report: Report; readonly link: string } | null;
  readonly proving: boolean;
  /** Against the hash that the link carried. */
  readonly sameness: 'same' | 'differs' | null;
  /** Spoken by screen readers, shown for a while. */
  readonly announcement: string;
  /** The last thing that could not be done, and why. */
  readonly refusal: Problem | null;
}

/** What belongs to one run and is forgotten with it. */
export const RUN_STATE = {
  phase: 'none',
  problem: null,
  source: null,
  run: null,
  spec: null,
  link: '',
  branches: [],
  branch: 0,
  ledger: EMPTY_LEDGER,
  head: START,
  shown: START,
  ended: null,
  position: START,
  scene: null,
  playing: false,
  buffering: false,
  eventsPerSecond: 0,
  selected: null,
  inspected: null,
  requests: null,
  explained: null,
  menuOf: null,
  tool: 'select',
  dialog: null,
  storyStep: -1,
  predictions: new Map(),
  asking: null,
  proof: null,
  proving: false,
  sameness: null,
  announcement: '',
  refusal: null,
} as const satisfies Partial<AppState>;

export const DEFAULT_SPEED = 0.1;

export function initialState(theme: Theme, reducedMotion: boolean): AppState {
  return {
    ...RUN_STATE,
    page: 'catalogue',
    catalogue: null,
    speed: DEFAULT_SPEED,
    tab: 'story',
    theme,
    foldedCharts: new Set(),
    requestsOpen: false,
    reducedMotion,
    followStory: true,
  };
}
