/**
 * One request as a waterfall: a row for each call that was made for it, each with a bar on the
 * common axis of time. Thin is under way, thick is while the one who was asked had it.
 */
import { formatDuration, formatMoment } from '../state/format.ts';
import type { RequestRow, RequestTree } from '../worker/protocol.ts';
import { useApp, usePage } from './context.ts';
import { FlightIcon } from './parts.tsx';

/** Further down, rows would lose their names to the indent. */
const DEPTH_MAX = 6;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;

export function Waterfall({ tree: { rows, endMicros, more } }: { readonly tree: RequestTree }) {
  const { controller } = usePage();
  const now = useApp((state) => state.position.micros);
  const start = rows[0]?.bar.fromMicros ?? 0;
  const length = Math.max(1, endMicros - start);
  const shareOf = (micros: number): number => ((micros - start) / length) * 100;
  const goTo = (row: RequestRow): void => {
    controller.pause();
    controller.goTo({ micros: row.bar.fromMicros });
  };
  return (
    <div class="waterfall">
      <div class="waterfall-axis" aria-hidden="true">
        {TICKS.map((at) => (
          <span key={at}>{at === 0 ? '0' : formatDuration(at * length)}</span>
        ))}
      </div>
      <ol>
        {rows.map((row, at) => (
          <li key={at}>
            <button
              type="button"
              class={`hop hop-${row.outcome}`}
              title={`${row.title}: ${wordsOf(row, start)}`}
              onClick={() => goTo(row)}
            >
              <span class="hop-title" style={`--depth: ${Math.min(row.depth, DEPTH_MAX)}`}>
                <FlightIcon kind={row.kind} />
                <span class="hop-name">{row.title}</span>
                {row.outcome !== 'ok' && <span class="hop-result">{row.result}</span>}
                <span class="hop-took">{tookOf(row)}</span>
              </span>
              <span class="sr-only">{wordsOf(row, start)}</span>
              <Track row={row} now={now} shareOf={shareOf} />
            </button>
          </li>
        ))}
      </ol>
      {more > 0 && (
        <p class="muted">
          and {more} more calls: <code>faultline trace</code> prints all
        </p>
      )}
      <p class="muted waterfall-note">
        Begun at {formatMoment(start)}. Thick: while the one asked had it. A row goes to its moment.
      </p>
    </div>
  );
}

interface TrackProps {
  readonly row: RequestRow;
  readonly now: number;
  readonly shareOf: (micros: number) => number;
}

function Track({ row: { bar }, now, shareOf }: TrackProps) {
  const part = (from: number, to: number): string =>
    `left: ${shareOf(from)}%; width: ${shareOf(to) - shareOf(from)}%`;
  const at = shareOf(now);
  return (
    <span class="hop-track">
      <span class="hop-way" style={part(bar.fromMicros, bar.toMicros)} />
      {bar.there !== null && (
        <span class="hop-there" style={part(bar.there.fromMicros, bar.there.toMicros)} />
      )}
      {at >= 0 && at <= 100 && <span class="hop-now" style={`left: ${at}%`} />}
    </span>
  );
}

const tookOf = ({ outcome, bar }: RequestRow): string =>
  outcome === 'open' ? 'open' : formatDuration(bar.toMicros - bar.fromMicros);

/** What the bar shows. */
function wordsOf({ kind, bar, outcome, result, depth }: RequestRow, start: number): string {
  const tried = kind === 'retry' || kind === 'hedge' ? `${kind}, ` : '';
  const after = formatDuration(bar.fromMicros - start);
  const soFar = outcome === 'open' ? ' so far' : '';
  const lasted = `${formatDuration(bar.toMicros - bar.fromMicros)}${soFar}`;
  const there =
    depth === 0
      ? ''
      : bar.there === null
        ? ', nobody handled it in that time'
        : `, ${formatDuration(bar.there.toMicros - bar.there.fromMicros)} of it there`;
  return `${tried}after ${after}, ${lasted}${there}: ${result}. Go there`;
}
