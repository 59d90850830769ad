/**
 * The tape: the whole run as lanes over time. Dragging anywhere on it moves the viewer.
 *
 * It is a slider for the keyboard and for screen readers; its lanes say who led in which term,
 * which faults were in force, what was found and where branches begin.
 */
import { useEffect, useRef } from 'preact/hooks';
import { painterOf } from '../painters/index.ts';
import { formatMoment } from '../state/format.ts';
import type { FaultSpan } from '../state/ledger.ts';
import { rowsOf } from '../state/rows.ts';
import { useApp, usePage } from './context.ts';

const NOMINAL_MICROS = 1e6;
const FAULT_ROWS_MAX = 4;

/** Where nobody can lead, a lane for leaders is a riddle. A component without a painter may. */
const useLeads = (): boolean =>
  useApp(
    ({ scene, ledger }) =>
      ledger.leaders.length > 0 ||
      scene?.nodes.some(({ component }) => painterOf(component).leads) === true,
  );

const heights = (leads: boolean, faultRows: number) => ({
  '--leader-lane': leads ? '22px' : '0',
  '--fault-lane': `${2 + 14 * faultRows}px`,
});

export function Tape() {
  const { controller, loop } = usePage();
  const run = useApp((state) => state.run);
  const position = useApp((state) => state.position);
  const head = useApp((state) => state.head);
  const shown = useApp((state) => state.shown);
  const cursor = useRef<HTMLDivElement>(null);
  const track = useRef<HTMLDivElement>(null);
  const duration = run === null ? NOMINAL_MICROS : Math.max(1, run.durationMicros);
  // Faults at one time have rows of their own, as far as there is room.
  const rows = useApp((state) => state.ledger.faults).filter((span) => span.micros <= shown.micros);
  const faultRows = Math.min(FAULT_ROWS_MAX, Math.max(0, ...rowsOf(rows)) + 1);
  const leads = useLeads();
  const percent = (micros: number) => `${Math.min(100, (micros / duration) * 100)}%`;

  // The cursor moves with the picture, not with the panels, so that it glides.
  useEffect(
    () =>
      loop.onDraw(() => {
        if (cursor.current !== null) {
          cursor.current.style.left = `${(controller.position.micros / duration) * 100}%`;
        }
      }),
    [loop, controller, duration],
  );

  const scrub = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined) return;
    controller.scrubTo(((event.clientX - box.left) / box.width) * duration);
  };
  return (
    <div class="tape" style={heights(leads, faultRows)}>
      <div class="tape-names" aria-hidden="true">
        <span>{leads && 'leaders'}</span>
        <span>faults</span>
        <span>findings</span>
        <span>branches</span>
      </div>
      <div
        ref={track}
        class="tape-track"
        role="slider"
        tabIndex={0}
        aria-label="Time in the run"
        aria-valuemin={0}
        aria-valuemax={Math.round(duration)}
        aria-valuenow={Math.round(position.micros)}
        aria-valuetext={`${formatMoment(position.micros)}, event ${position.event}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          scrub(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) scrub(event);
        }}
      >
        <div class="tape-known" style={{ width: percent(head.micros) }} />
        <div class="tape-shown" style={{ width: percent(shown.micros) }} />
        <Leaders percent={percent} duration={duration} />
        <Faults percent={percent} duration={duration} />
        <Findings percent={percent} />
        <Forks percent={percent} />
        <div ref={cursor} class="tape-cursor" style={{ left: percent(position.micros) }} />
      </div>
    </div>
  );
}

interface LaneProps {
  readonly percent: (micros: number) => string;
  readonly duration: number;
}

/**
 * Two leaders at once (a split) are drawn one above the other. What lies ahead of the furthest
 * moment shown is not told.
 */
function Leaders({ percent, duration }: LaneProps) {
  const leaders = useApp((state) => state.ledger.leaders);
  const shown = useApp((state) => state.shown);
  const spans = leaders.filter((span) => span.micros <= shown.micros);
  const rows = rowsOf(spans);
  return (
    <div class="lane lane-leaders">
      {spans.map((span, i) => {
        const until = Math.min(span.until?.micros ?? shown.micros, shown.micros);
        const wide = (until - span.micros) / duration > 0.03;
        return (
          <div
            key={`${span.node}-${span.term}-${span.event}`}
            class="span leader-span"
            title={`${span.name} leads term ${span.term} from ${formatMoment(span.micros)}`}
            style={{
              left: percent(span.micros),
              width: percent(until - span.micros),
              top: `${(rows[i]! % 2) * 50}%`,
              height: rows.some((row) => row > 0) ? '50%' : '100%',
              background: `var(--term-${(span.term + 7) % 8})`,
            }}
          >
            {wide && `${span.name} · t${span.term}`}
          </div>
        );
      })}
    </div>
  );
}

function Faults({ percent, duration }: LaneProps) {
  const faults = useApp((state) => state.ledger.faults);
  const shown = useApp((state) => state.shown);
  const spans = faults.filter((span) => span.micros <= shown.micros);
  const until = (span: FaultSpan) => Math.min(span.until?.micros ?? shown.micros, shown.micros);
  const rows = rowsOf(spans);
  const share = 100 / (Math.max(0, ...rows) + 1);
  return (
    <div class="lane lane-faults">
      {spans.map((span, i) => (
        <div
          key={`${span.fault.id}-${span.event}-${span.micros}`}
          class={`span fault-span by-${span.fault.by}`}
          title={`${span.fault.label}, from ${formatMoment(span.micros)}`}
          style={{
            left: percent(span.micros),
            width: percent(until(span) - span.micros),
            top: `${rows[i]! * share}%`,
            height: `calc(${share}% - 2px)`,
          }}
        >
          {(until(span) - span.micros) / duration > 0.06 && span.fault.type}
        </div>
      ))}
    </div>
  );
}

function Findings({ percent }: Pick<LaneProps, 'percent'>) {
  const { controller } = usePage();
  const findings = useApp((state) => state.ledger.findings);
  const shown = useApp((state) => state.shown);
  return (
    <div class="lane lane-findings">
      {findings
        .filter((finding) => finding.micros <= shown.micros)
        .slice(0, 200)
        .map((finding) => (
          <div
            key={`${finding.check}-${finding.event}-${finding.micros}`}
            class={`mark ${finding.expected ? 'mark-expected' : 'mark-finding'}`}
            title={`${finding.check}: ${finding.why}`}
            style={{ left: percent(finding.micros) }}
            onPointerDown={(event) => {
              event.stopPropagation();
              controller.pause();
              controller.goTo({ event: finding.event });
            }}
          >
            ✕
          </div>
        ))}
    </div>
  );
}

function Forks({ percent }: Pick<LaneProps, 'percent'>) {
  const { controller } = usePage();
  const branches = useApp((state) => state.branches);
  const active = useApp((state) => state.branch);
  return (
    <div class="lane lane-forks">
      {branches.map((branch) =>
        branch.forkedAt === null ? null : (
          <div
            key={branch.id}
            class={`mark mark-fork ${branch.id === active ? 'mark-active' : ''}`}
            title={`branch: ${branch.name}`}
            style={{ left: percent(branch.forkedAt.micros) }}
            onPointerDown={(event) => {
              event.stopPropagation();
              controller.switchBranch(branch.id);
            }}
          >
            ◆
          </div>
        ),
      )}
    </div>
  );
}
