/** The time bar: play, step, speed, where we are, branches, and the tape. */
import {
  ChevronLeft,
  ChevronRight,
  ChevronsLeft,
  ChevronsRight,
  Pause,
  Play,
  Radio,
  Undo2,
} from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatCount, formatMoment } from '../state/format.ts';
import { formatSpeed, sliderOfSpeed, speedOfSlider } from '../state/speed.ts';
import { useApp, usePage } from './context.ts';
import { IconButton } from './parts.tsx';
import { Tape } from './tape.tsx';

const ICON = { size: 20, 'aria-hidden': true } as const;

export function Transport() {
  const { controller } = usePage();
  const playing = useApp((state) => state.playing);
  const canUndo = useApp((state) => (state.spec?.interventions.length ?? 0) > 0);
  const live = useApp(
    (state) =>
      state.position.event >= state.shown.event && state.position.micros >= state.shown.micros,
  );
  return (
    <section class="transport" aria-label="Time">
      <div class="transport-row">
        <div class="transport-buttons" role="group" aria-label="Play and step">
          <IconButton label="To the start" keys="Home" onClick={() => controller.home()}>
            <ChevronsLeft {...ICON} />
          </IconButton>
          <IconButton label="One event back" keys="," onClick={() => controller.stepEvent(-1)}>
            <ChevronLeft {...ICON} />
          </IconButton>
          <IconButton
            class="play"
            label={playing ? 'Pause' : 'Play'}
            keys="Space"
            onClick={() => controller.toggle()}
          >
            {playing ? <Pause {...ICON} /> : <Play {...ICON} />}
          </IconButton>
          <IconButton label="One event on" keys="." onClick={() => controller.stepEvent(1)}>
            <ChevronRight {...ICON} />
          </IconButton>
          <IconButton label="To the end" keys="End" onClick={() => controller.end()}>
            <ChevronsRight {...ICON} />
          </IconButton>
          <IconButton
            label="To the furthest moment seen"
            keys="L"
            disabled={live}
            onClick={() => controller.live()}
          >
            <Radio {...ICON} />
          </IconButton>
          <IconButton
            label="Take back the last act"
            keys="Z"
            disabled={!canUndo}
            onClick={() => controller.undo()}
          >
            <Undo2 {...ICON} />
          </IconButton>
        </div>
        <Clock />
        <Speed />
        <Branches />
      </div>
      <Tape />
    </section>
  );
}

function Clock() {
  const { controller, loop } = usePage();
  const position = useApp((state) => state.position);
  const buffering = useApp((state) => state.buffering);
  const rate = useApp((state) => state.eventsPerSecond);
  const time = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      loop.onDraw(() => {
        if (time.current !== null) {
          time.current.textContent = formatMoment(controller.position.micros);
        }
      }),
    [loop, controller],
  );
  return (
    <p class="clock" data-event={position.event} data-micros={position.micros}>
      <span ref={time} class="clock-time">
        {formatMoment(position.micros)}
      </span>
      <span
        class="clock-event"
        title={rate > 0 ? `The engine runs ${formatCount(rate)} events a second.` : undefined}
      >
        event {formatCount(position.event)}
        {buffering && ' …'}
      </span>
    </p>
  );
}

function Speed() {
  const { controller } = usePage();
  const speed = useApp((state) => state.speed);
  return (
    <label class="speed">
      <span>
        Speed <output>{formatSpeed(speed)}</output>
      </span>
      <input
        type="range"
        min={0}
        max={1}
        step={1 / 18}
        value={sliderOfSpeed(speed)}
        aria-valuetext={`${formatSpeed(speed)} of real time`}
        onInput={(event) => controller.setSpeed(speedOfSlider(event.currentTarget.valueAsNumber))}
      />
    </label>
  );
}

function Branches() {
  const { controller } = usePage();
  const branches = useApp((state) => state.branches);
  const active = useApp((state) => state.branch);
  if (branches.length < 2) return null;
  return (
    <label class="branches">
      <span>Branch</span>
      <select
        value={active}
        onChange={(event) => controller.switchBranch(Number(event.currentTarget.value))}
      >
        {branches.map((branch) => (
          <option key={branch.id} value={branch.id}>
            {branch.forkedAt === null
              ? branch.name
              : `${formatMoment(branch.forkedAt.micros)} ${branch.name}`}
          </option>
        ))}
      </select>
    </label>
  );
}
