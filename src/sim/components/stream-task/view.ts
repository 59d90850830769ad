/** What people see of a task of a stream job. */
import type { Gauge, NameOf, Sight, View } from '../../node/behaviour.ts';
import { NO_TIME } from '../../policies/windows/index.ts';
import { isBlocked } from '../../protocols/stream-job/gate.ts';
import { fullest } from '../../protocols/stream-job/outputs.ts';
import { LAST_WATERMARK } from '../../protocols/stream-job/splits.ts';
import type { StreamRole, StreamTaskConfig } from './config.ts';
import type { StreamTaskState, TaskRun } from './state.ts';

interface PaneShown {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly sum: number;
  readonly hasResult: boolean;
}
export interface StreamTaskView extends View {
  readonly component: 'stream-task';
  readonly role: StreamRole;
  /** 0: it is not deployed. */
  readonly attempt: number;
  /** Null: there is none yet. */
  readonly watermark: number | 'end' | null;
  /** Of the newest snapshot. */
  readonly checkpoint: number;
  readonly inputs: readonly {
    readonly from: string;
    readonly waiting: number;
    readonly isBlocked: boolean;
    readonly isIdle: boolean;
  }[];
  readonly splits: readonly {
    readonly partition: number;
    readonly offset: number;
    readonly isIdle: boolean;
  }[];
  readonly panes: readonly PaneShown[];
  readonly pending: readonly { readonly id: string; readonly checkpoint: number }[];
  /** The transaction that rows go to now. */
  readonly current: string | null;
}

/** Of windows that are shown. */
const PANES_MAX = 12;

const shownTime = (at: number): number | 'end' | null =>
  at === NO_TIME ? null : at === LAST_WATERMARK ? 'end' : at;

const watermarkOf = ({ splits, windowing }: TaskRun): number =>
  splits?.watermark ?? windowing?.panes.clock ?? NO_TIME;

function panesOf({ windowing }: TaskRun): PaneShown[] {
  const found: PaneShown[] = [];
  for (const [key, panes] of windowing?.panes.byKey ?? []) {
    for (const { window, total, hasResult } of panes) {
      found.push({ key, ...window, sum: total.sum, hasResult });
    }
  }
  return found.sort((a, b) => a.start - b.start).slice(0, PANES_MAX);
}

const openPanes = ({ windowing }: TaskRun): number => {
  let count = 0;
  for (const panes of windowing?.panes.byKey.values() ?? []) count += panes.length;
  return count;
};

const waitingIn = ({ gate }: TaskRun): number =>
  gate.inputs.reduce((sum, { waiting }) => sum + waiting.length, 0);

export function viewOfTask(
  { run, counts }: StreamTaskState,
  nameOf: NameOf,
  { config: { role } }: Sight<StreamTaskConfig>,
): StreamTaskView {
  const at = run === null ? NO_TIME : watermarkOf(run);
  const shown = shownTime(at);
  return {
    component: 'stream-task',
    role,
    attempt: run?.attempt ?? 0,
    watermark: shown,
    checkpoint: counts.checkpoint,
    inputs:
      run?.inputs.map((from, place) => ({
        from: nameOf(from),
        waiting: run.gate.inputs[place]?.waiting.length ?? 0,
        isBlocked: isBlocked(run, run.gate, place),
        isIdle: run.windowing?.inputs[place]?.isIdle ?? false,
      })) ?? [],
    splits:
      run?.splits?.all.map(({ partition, offset, isIdle }) => ({ partition, offset, isIdle })) ??
      [],
    panes: run === null ? [] : panesOf(run),
    pending: run?.sink?.pending ?? [],
    current: run?.sink?.current?.id ?? null,
    fields: [
      { label: 'Attempt', value: run?.attempt ?? 0 },
      { label: 'Watermark', value: shown, ...(typeof shown === 'number' ? { unit: 'ms' } : {}) },
      { label: 'Newest snapshot', value: counts.checkpoint },
      { label: 'Events', value: counts.records },
      { label: 'Rows', value: counts.rows },
      { label: 'Late', value: counts.late },
      { label: 'Waiting in its inputs', value: run === null ? 0 : waitingIn(run) },
      { label: 'Waiting in its outputs', value: run === null ? 0 : fullest(run.outputs) },
    ],
  };
}

export const gaugesOfTask: readonly Gauge<StreamTaskState>[] = [
  {
    kind: 'count',
    title: 'Stream events',
    about: 'Events that it has read or worked on.',
    of: ({ counts }) => counts.records,
  },
  {
    kind: 'count',
    title: 'Late events',
    about: 'Events whose windows were closed when they came.',
    of: ({ counts }) => counts.late,
  },
  {
    kind: 'level',
    title: 'Open windows',
    about: 'Windows that it keeps.',
    of: ({ run }) => (run === null ? 0 : openPanes(run)),
  },
  {
    kind: 'level',
    title: 'Waiting elements',
    about: 'What has come and is not worked on.',
    of: ({ run }) => (run === null ? 0 : waitingIn(run)),
  },
  {
    kind: 'level',
    title: 'In-flight elements',
    about: 'What its newest snapshot has of the channels.',
    of: ({ counts }) => counts.inFlight,
  },
];
