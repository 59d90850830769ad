/**
 * The tape: the whole run as lanes over time. Dragging anywhere on it moves the viewer.
 *
 * It is a slider for the keyboard and for screen readers; its lanes say who led in which term,
 * which faults were in force, what was found and where branches begin.
 */
import { useEffect, useRef } from 'preact/hooks';
import { painterOf } from '../painters/index.ts';
import { formatMoment } from '../state/format.ts';
import type { FaultSpan, LeaderSpan } from '../state/ledger.ts';
import { rowsOf, stretchesOf } from '../state/rows.ts';
import type { Span, Stretch } from '../state/rows.ts';
import { useApp, usePage } from './context.ts';

const NOMINAL_MICROS = 1e6;
const FAULT_ROWS_MAX = 4;
const LEADER_ROWS_MAX = 4;
const LEADER_LANE = { one: 22, row: 13 } as const;

/** Where nobody can lead, a lane for leaders is a riddle. A component without a painter may. */
const useLeads = (): boolean =>
  useApp(
    ({ scene, ledger }) =>
      ledger.leaders.length > 0 ||
      scene?.nodes.some((node) => painterOf(node.component).mayLead(node)) === true,
  );

/** How many rows `spans` take, of those that there may be. */
const rowCount = (spans: readonly Span[], rowsMax: number): number =>
  Math.min(rowsMax, Math.max(0, ...rowsOf(spans)) + 1);

/** Leaders and faults at one time have rows of their own, as far as there is room. */
function useRows(leads: boolean): { readonly leaderRows: number; readonly faultRows: number } {
  const { leaders, faults } = useApp((state) => state.ledger);
  const shown = useApp((state) => state.shown);
  const isTold = (span: Span): boolean => span.micros <= shown.micros;
  return {
    leaderRows: leads ? rowCount(leaders.filter(isTold), LEADER_ROWS_MAX) : 0,
    faultRows: rowCount(faults.filter(isTold), FAULT_ROWS_MAX),
  };
}

const heights = (leaderRows: number, faultRows: number) => ({
  '--leader-lane': `${leaderRows === 1 ? LEADER_LANE.one : LEADER_LANE.row * leaderRows}px`,
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
  const leads = useLeads();
  const { leaderRows, faultRows } = useRows(leads);
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
    <div class="tape" style={heights(leaderRows, faultRows)}>
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
 * Who leads at the same time stands in a row of its own: a split brain is two of one term. What
 * lies ahead of the furthest moment shown is not told.
 */
function Leaders({ percent, duration }: LaneProps) {
  const leaders = useApp((state) => state.ledger.leaders);
  const shown = useApp((state) => state.shown);
  const spans = leaders.filter((span) => span.micros <= shown.micros);
  const stretches = stretchesOf(spans, LEADER_ROWS_MAX);
  const share = 100 / (Math.max(0, ...stretches.map(({ row }) => row)) + 1);
  return (
    <div class="lane lane-leaders">
      {stretches.map((stretch) => {
        const until = Math.min(stretch.untilMicros, shown.micros);
        const wide = (until - stretch.fromMicros) / duration > 0.03;
        const [first, ...others] = stretch.spans;
        return (
          <div
            key={`${first!.node}-${first!.term}-${first!.event}-${stretch.fromMicros}`}
            class={`span leader-span ${others.length > 0 ? 'leader-others' : ''}`}
            title={leadersTitle(stretch)}
            style={{
              left: percent(stretch.fromMicros),
              width: percent(until - stretch.fromMicros),
              top: `${stretch.row * share}%`,
              height: `calc(${share}% - ${share < 100 ? 1 : 0}px)`,
              ...(others.length === 0 && { background: `var(--term-${(first!.term + 7) % 8})` }),
            }}
          >
            {wide && leadersText(stretch)}
          </div>
        );
      })}
    </div>
  );
}

function leadersText({ spans }: Stretch<LeaderSpan>): string {
  const names = spans.map(({ name, term }) => `${name} · t${term}`).join(', ');
  return spans.length > 1 ? `${spans.length} more: ${names}` : names;
}

const leadersTitle = ({ spans }: Stretch<LeaderSpan>): string =>
  spans
    .map(({ name, term, micros }) => `${name} leads term ${term} from ${formatMoment(micros)}`)
    .join('; ');

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
