/**
 * One step of a sentinel: an input in, effects out. Sentinels watch a primary and its replicas,
 * agree that the primary is down, elect one of themselves, and that one promotes a replica.
 *
 * Invariants: at most one is elected in an epoch; the configuration of the largest epoch wins, in
 * the end everywhere. What is none: that there is one primary, or that a write is kept that the old
 * one has answered. Nothing here stops a primary that is cut off.
 *
 * Pure but for the state that it is given. Sources: the Redis Sentinel documentation; sentinel.c of
 * Redis 7.
 *
 * Differs: sentinels greet each other directly, where real ones do so through channels of the
 * servers, too; they do not watch each other; times but that of TILT are by the monotonic clock.
 */
import type { PeerId } from '../../contracts/raft.ts';
import type { SentinelHello } from '../../contracts/sentinel.ts';
import type { SentinelEffect, SentinelInput } from './effects.ts';
import { askColleagues, judgeObjectively, onAnswered, onAsked } from './election.ts';
import { beginIfNeeded, goOn, switchTo } from './failover.ts';
import type { SentinelConfig, SentinelDraw, SentinelState, SentinelStep } from './state.ts';
import { currentPrimary, flush } from './state.ts';
import { judge, onInfo, onPong, watch } from './watch.ts';

export function stepSentinel(
  config: SentinelConfig,
  state: SentinelState,
  input: SentinelInput,
  clocks: { readonly monoMicros: number; readonly wallMicros: number },
  draw: SentinelDraw,
  out: SentinelEffect[],
): void {
  take({ config, state, ...clocks, draw, out }, input);
}

function take(at: SentinelStep, input: SentinelInput): void {
  switch (input.type) {
    case 'start':
      return armTick(at);
    case 'tick':
      return tick(at);
    case 'pong':
      return onPong(at, input.server);
    case 'info':
      return onInfo(at, input.server, input.info);
    case 'asked':
      return onAsked(at, input.tag, input.request);
    case 'asked-primary': {
      const reply = { type: 'sentinel.primary', primary: currentPrimary(at.state) } as const;
      at.out.push({ type: 'answer', tag: input.tag, reply });
      return;
    }
    case 'answered':
      return onAnswered(at, input.peer, input.reply);
    case 'hello':
      return onHello(at, input.from, input.hello);
    case 'persisted':
      return onPersisted(at, input.upTo);
  }
}

/** Ten to twenty times a second, each time another: so they do not all ask for votes at once. */
const HZ = 10;
const armTick = ({ draw, out }: SentinelStep): void => {
  const hz = HZ + Math.floor(draw() * HZ);
  out.push({ type: 'set-timer', afterMicros: Math.round(1_000_000 / hz) });
};

function tick(at: SentinelStep): void {
  const { state } = at;
  armTick(at);
  checkTilt(at);
  watch(at);
  // In TILT it goes on asking, and believes nothing.
  if (state.tiltSinceMicros !== null) return;
  for (const [server, watched] of state.servers) judge(at, server, watched);
  judgeObjectively(at);
  beginIfNeeded(at);
  goOn(at);
  askColleagues(at, false);
}

/** Too much time has passed since it looked last, or less than none: it was paused, or misled. */
function checkTilt({ config, state, monoMicros, wallMicros, out }: SentinelStep): void {
  const jump = wallMicros - (state.tickWallMicros ?? wallMicros);
  state.tickWallMicros = wallMicros;
  if (jump < 0 || jump > config.tiltTriggerMicros) {
    state.tiltSinceMicros = monoMicros;
    const jumpMillis = Math.round(jump / 1_000);
    out.push({ type: 'told', fact: { type: 'sentinel.tilt', jumpMillis } });
  } else if (
    state.tiltSinceMicros !== null &&
    monoMicros - state.tiltSinceMicros >= config.tiltPeriodMicros
  ) {
    state.tiltSinceMicros = null;
    out.push({ type: 'told', fact: { type: 'sentinel.tilt-over' } });
  }
}

function onHello(at: SentinelStep, from: PeerId, hello: SentinelHello): void {
  const { config, state } = at;
  if (hello.currentEpoch > state.currentEpoch) {
    state.currentEpoch = hello.currentEpoch;
    flush(at);
  }
  const isNewer = hello.configEpoch > state.configEpoch;
  if (!isNewer && config.rules.configEpoch) return;
  state.configEpoch = hello.configEpoch;
  if (hello.primary !== currentPrimary(state)) return switchTo(at, hello.primary, from);
  if (isNewer) flush(at);
}

function onPersisted({ state, out }: SentinelStep, upTo: number): void {
  let done = 0;
  for (const { ticket, epoch, effect } of state.waiting) {
    if (ticket > upTo) break;
    done += 1;
    state.voteOnDisk = Math.max(state.voteOnDisk, epoch);
    if (effect !== null) out.push(effect);
  }
  state.waiting.splice(0, done);
}
