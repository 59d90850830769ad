/**
 * The progress bar of a sweep: on standard error, and only on a terminal.
 *
 * It is redrawn at most ten times a second; what it shows enters no result.
 */
import { formatShort, formatWallMillis } from './format.ts';
import type { Host } from './host.ts';
import type { Paint } from './paint.ts';
import { paintFor } from './paint.ts';

const REDRAW_MILLIS = 100;
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  readonly fail: number;
  readonly unknown: number;
  readonly events: number;
  readonly elapsedMillis: number;
}

export class Progress {
  private readonly host: Host;
  private readonly paint: Paint;
  private startedMillis: number | null = null;
  private drawnMillis = -Infinity;
  private drawn = false;

  constructor(host: Host) {
    this.host = host;
    this.paint = paintFor(host.stderr, host.env);
  }

  /** The first run begins: what loading took is no part of a rate. Later calls change nothing. */
  start(): void {
    this.startedMillis ??= this.host.nowMillis();
  }

  get elapsedMillis(): number {
    return this.startedMillis === null ? 0 : this.host.nowMillis() - this.startedMillis;
  }

  show(state: Omit<ProgressState, 'elapsedMillis'>): void {
    if (!this.host.stderr.isTerminal) return;
    const now = this.host.nowMillis();
    if (now - this.drawnMillis < REDRAW_MILLIS && state.done < state.total) return;
    this.drawnMillis = now;
    this.drawn = true;
    const line = progressLine({ ...state, elapsedMillis: this.elapsedMillis }, this.paint);
    this.host.stderr.write(`${CLEAR_LINE}${line}`);
  }

  clear(): void {
    if (this.drawn) this.host.stderr.write(CLEAR_LINE);
    this.drawn = false;
  }
}

const BAR_WIDTH = 24;

export function progressLine(state: ProgressState, paint: Paint): string {
  const share = state.total === 0 ? 1 : state.done / state.total;
  const filled = Math.floor(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + paint.dim('░'.repeat(BAR_WIDTH - filled));
  const seconds = Math.max(state.elapsedMillis, 1) / 1_000;
  const left =
    state.done === 0
      ? ''
      : ` · ${formatWallMillis((state.elapsedMillis * (1 - share)) / share)} left`;
  const counts = [
    state.fail > 0 ? paint.verdict('fail', `${state.fail} fail`) : '',
    state.unknown > 0 ? paint.verdict('unknown', `${state.unknown} unknown`) : '',
  ].filter((text) => text !== '');
  const rate = `${formatShort(state.done / seconds)} seeds/s`;
  const events = `${formatShort(state.events / seconds)} events/s`;
  return (
    [`${bar} ${state.done}/${state.total}`, rate, events].join(' · ') +
    left +
    (counts.length === 0 ? '' : ` · ${counts.join(' · ')}`)
  );
}
