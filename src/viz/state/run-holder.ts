/**
 * The run that the page holds: opened from a link or from choices, fed by the engine's messages,
 * kept as branches with their timelines, and shown at the viewer's moment.
 *
 * It joins the engine, the timeline of the branch that is shown, the viewer's clock and the store;
 * what a person can do with it is in `controller.ts`. Invariant: a message of another generation
 * than the current one changes nothing.
 */
import type { FromWorker, LoadedRun, Problem, RunSource, ToWorker } from '../worker/protocol.ts';
import type { Deed } from './acts.ts';
import { beforeAct, branchBefore } from './before-act.ts';
import type { BeforeAct } from './before-act.ts';
import type { Branch } from './branch.ts';
import { originalBranch, summaryOf } from './branch.ts';
import { extendLedger } from './ledger.ts';
import type { AppState } from './model.ts';
import { DEFAULT_SPEED, RUN_STATE, isSameFinding } from './model.ts';
import { Player } from './player.ts';
import type { Position } from './position.ts';
import { START, comparePositions } from './position.ts';
import { Pictures, latelyAt } from './pictures.ts';
import type { Lately, Scene } from './scene.ts';
import { startSpeed } from './speed.ts';
import type { Store } from './store.ts';
import { nextQuestion, storyAt } from './story.ts';

export interface HolderPorts {
  readonly post: (message: ToWorker) => void;
  /** The address bar shows this from now on. */
  readonly setAddress: (link: string) => void;
  /** Something to draw has changed. */
  readonly redraw: () => void;
  readonly now: () => number;
}

const STORE_EVERY_MS = 100;
/** Where one of these fails, the run stands. */
const WISHES: readonly string[] = ['intervene', 'inspect', 'requests', 'explain', 'prove'];

export abstract class RunHolder {
  readonly store: Store;
  protected readonly ports: HolderPorts;
  protected generation = 0;
  protected branches: Branch[] = [originalBranch()];
  protected readonly player: Player;
  #storedMs = 0;
  readonly #pictures = new Pictures();
  /** Deeds wait here while the engine takes in the one before. */
  protected deeds: Deed[] = [];
  protected acting = false;
  /** Where something was undone that takes effect by an event of the same moment: a node boots. */
  protected settling: Position | null = null;
  protected playAfter = false;
  /** Whether a person has set the speed: then no run changes it. */
  protected speedChosen = false;
  #beforeAct: BeforeAct | null = null;

  constructor(store: Store, ports: HolderPorts) {
    this.store = store;
    this.ports = ports;
    this.player = new Player(
      {
        runTo: (micros, chunkMicros) =>
          this.post({ type: 'runTo', generation: this.generation, micros, chunkMicros }),
        refill: (from, to) => this.post({ type: 'seek', generation: this.generation, from, to }),
        stopAfter: (micros) => this.#stopAfter(micros),
      },
      this.branches[0]!,
      store.getState().speed,
    );
  }

  get state(): AppState {
    return this.store.getState();
  }
  get position(): Position {
    return this.player.position;
  }
  /** Of the branch that is shown, as far as it is known. */
  get traceHash(): string {
    return this.branch.timeline.traceHash;
  }
  protected get branch(): Branch {
    return this.player.branch;
  }

  /** The picture at the viewer's own moment: what the stage draws, up to 60 times a second. */
  scene(): Scene {
    return this.#pictures.at(this.branch.timeline, this.player.position);
  }

  /** The clients a second ago, for their rates; null where that moment is not at hand. */
  lately(): Lately | null {
    return latelyAt(this.branch.timeline, this.player.position);
  }

  protected post(message: ToWorker): void {
    this.ports.post(message);
  }
  protected set(change: Partial<AppState>): void {
    this.store.setState(change);
  }

  // ---- Opening ------------------------------------------------------------------------------

  start(): void {
    this.post({ type: 'catalogue', generation: this.generation });
  }

  showCatalogue(): void {
    this.generation += 1;
    this.player.playing = false;
    this.set({ ...RUN_STATE, page: 'catalogue' });
  }

  open(source: RunSource): void {
    this.branches = [originalBranch()];
    this.set({ ...RUN_STATE, page: 'run', phase: 'loading', source });
    this.#load(this.branches[0]!, source, START);
  }

  #load(branch: Branch, source: RunSource, resume: Position): void {
    this.generation += 1;
    this.acting = false;
    this.#beforeAct = null;
    this.settling = null;
    this.deeds = [];
    this.player.playing = false;
    this.player.show(branch, 0, START);
    this.post({ type: 'load', generation: this.generation, source, resume });
  }

  #loaded(run: LoadedRun): void {
    const branch = this.branches[0]!;
    branch.spec = run.spec;
    const asking = run.otherEngine !== null;
    this.set({
      phase: asking ? 'asking' : 'ready',
      run,
      spec: run.spec,
      link: run.link,
      branches: this.branches.map(summaryOf),
      branch: branch.id,
    });
    this.ports.setAddress(run.link);
    if (!asking) this.#begin(run);
  }

  /** The person wants the run of another engine version all the same. */
  runAnyway(): void {
    const { run } = this.state;
    if (run === null) return;
    this.set({ phase: 'ready' });
    this.#begin(run);
  }

  #begin(run: LoadedRun): void {
    if (!this.speedChosen) {
      this.player.speed = startSpeed(run.plan, DEFAULT_SPEED);
      this.set({ speed: this.player.speed });
    }
    this.player.show(this.branch, run.durationMicros, START);
    // With all events of its moment: at the start that is when the nodes have booted.
    this.player.goTo({ micros: run.atMicros ?? 0 });
    if (run.expectedHash !== null) this.prove();
    this.picture();
  }

  // ---- Messages -----------------------------------------------------------------------------

  /** At once: chunks go to the timeline, so that the canvas never waits for the panels. */
  receive(message: FromWorker): void {
    if (message.type !== 'chunk' || message.generation !== this.generation) return;
    const { generation } = message;
    if (this.branch.timeline.add(message.chunk, this.player.position) === 'next') {
      this.branch.ledger = extendLedger(this.branch.ledger, message.chunk);
    }
    this.post({ type: 'release', generation, chunks: 1 });
    if (this.player.arrived()) this.ports.redraw();
  }

  /** In batches: what the panels show. */
  receiveBatch(messages: readonly FromWorker[]): void {
    let chunks = false;
    for (const message of messages) {
      if (message.generation !== this.generation && message.type !== 'catalogue') continue;
      if (message.type === 'chunk') chunks = true;
      else this.#receiveOne(message);
    }
    if (chunks) {
      this.picture();
      if (this.acting) {
        this.acting = false;
        this.nextDeed();
      }
      this.#settle();
    }
  }

  /** Shows the whole moment of such an act, once known, to a viewer who still stands there. */
  #settle(): void {
    const { settling } = this;
    const { timeline } = this.branch;
    if (settling === null) return;
    const stays = comparePositions(settling, this.player.position) === 0 && !this.player.playing;
    if (stays && timeline.head.micros <= settling.micros && timeline.ended === null) return;
    this.settling = null;
    if (!stays) return;
    this.player.goTo({ micros: settling.micros });
    this.picture();
  }

  #receiveOne(message: Exclude<FromWorker, { readonly type: 'chunk' }>): void {
    switch (message.type) {
      case 'catalogue':
        this.set({ catalogue: message.scenarios });
        return;
      case 'loaded':
        if (this.state.phase === 'loading') this.#loaded(message.run);
        else this.#reloaded(message.run);
        return;
      case 'intervened':
        this.#beforeAct = null;
        this.branch.spec = message.spec;
        this.set({ spec: message.spec, link: message.link, proof: null, proving: false });
        this.ports.setAddress(message.link);
        return;
      case 'state': {
        const { node, config, actions } = message;
        this.set({ inspected: { node, config, actions } });
        return;
      }
      case 'requests': {
        const { node, position, requests } = message;
        this.set({ requests: { node, position, ...requests } });
        return;
      }
      case 'explanation': {
        const { finding, proof } = message;
        const asked = this.state.explained?.finding;
        // Put away in the meantime, or another one is asked for.
        if (asked === undefined || !isSameFinding(asked, finding)) return;
        this.set({ explained: { finding, proof } });
        return;
      }
      case 'verdict':
        this.set({
          proof: { report: message.report, link: message.link },
          proving: false,
          ...(message.same === null ? {} : { sameness: message.same ? 'same' : 'differs' }),
        });
        return;
      case 'stats':
        this.set({ eventsPerSecond: message.eventsPerSecond });
        return;
      case 'error':
        this.#failed(message.during, message.problem);
        return;
    }
  }

  #failed(during: ToWorker['type'], problem: Problem): void {
    if (WISHES.includes(during)) {
      this.acting = false;
      this.deeds = [];
      this.set({ refusal: problem, proving: false, announcement: problem.message });
      if (during === 'explain') this.set({ explained: null });
      if (during === 'intervene') this.#putBack();
      return;
    }
    this.player.playing = false;
    this.set({ phase: 'failed', problem, playing: false, buffering: false });
  }

  /** To be called before an act changes anything. */
  protected rememberBeforeAct(): void {
    this.#beforeAct = beforeAct(this.branches, this.player, this.state);
  }

  /** The engine refused: the run, its branches and the viewer are as they were. */
  #putBack(): void {
    const before = this.#beforeAct;
    if (before === null) {
      this.reload(this.branch, this.player.position);
      return;
    }
    this.branches = before.branches;
    const branch = branchBefore(before);
    this.reload(branch, before.position);
    // Not the whole moment, as after a reload, but the very event.
    this.player.show(branch, this.state.run?.durationMicros ?? 0, before.position);
    this.player.playing = before.playing;
    this.set(before.state);
    this.picture();
  }

  broken(reason: string): void {
    const hint = 'Reload the page; if it happens again, open it with ?worker=0.';
    this.#failed('load', {
      kind: 'bug',
      message: `The engine stopped working: ${reason}`,
      path: '',
      hint,
    });
  }

  /** The next thing that a person did while the engine was taking in the one before. */
  protected abstract nextDeed(): void;

  // ---- The picture --------------------------------------------------------------------------

  /** Called once per animation frame while there is something to do. True: draw. */
  tick(elapsedMs: number): boolean {
    const moved = this.player.tick(elapsedMs);
    const nowMs = this.ports.now();
    const { playing } = this.state;
    if (moved || (playing && !this.player.playing)) this.#follow();
    // At its end, or because the story asks: what stands still is shown as it is.
    const stopped = playing && !this.player.playing;
    if (stopped || (moved && nowMs - this.#storedMs >= STORE_EVERY_MS)) this.picture();
    return moved;
  }

  get wantsFrames(): boolean {
    return this.player.playing;
  }

  /** Brings the store to what the viewer sees. */
  protected picture(): void {
    this.#storedMs = this.ports.now();
    const { timeline, ledger, shown } = this.branch;
    this.set({
      scene: this.scene(),
      position: this.player.position,
      head: timeline.head,
      shown,
      ended: timeline.ended,
      ledger,
      playing: this.player.playing,
      buffering:
        this.player.waiting ||
        (this.player.playing &&
          timeline.ended === null &&
          comparePositions(this.player.position, timeline.head) >= 0),
    });
    this.#follow();
    this.ports.redraw();
  }

  /** At a question the run stands still at its very moment, however fast it plays. */
  #stopAfter(micros: number): number | null {
    const { run, predictions, followStory } = this.state;
    if (run === null || !followStory) return null;
    return nextQuestion(run.plan.story, this.branch.ledger.story, predictions, micros);
  }

  /** The story comes along; where it asks, the run stops until there is an answer. */
  #follow(): void {
    const { run, storyStep, asking, predictions, followStory } = this.state;
    if (run === null) return;
    const step = storyAt(run.plan.story, this.branch.ledger.story, this.player.position);
    if (step === storyStep) return;
    const question = run.plan.story[step]?.predict;
    const asks = question !== undefined && !predictions.has(step) && step > storyStep;
    if (asks && followStory && asking !== step) {
      this.playAfter = this.player.playing;
      this.player.playing = false;
      const announcement = `The story asks: ${question.question}`;
      this.set({ storyStep: step, asking: step, playing: false, announcement });
    } else {
      this.set({ storyStep: step, asking: null });
    }
  }

  /** The engine takes up this branch where its timeline ends; the viewer stays at `position`. */
  protected reload(branch: Branch, position: Position): void {
    if (branch.spec === null) return;
    this.#load(branch, { from: 'spec', spec: branch.spec }, branch.timeline.head);
    this.player.show(branch, this.state.run?.durationMicros ?? 0, START);
    this.player.goTo({ micros: position.micros });
    const forgotten = { requests: null, explained: null, proof: null, proving: false };
    this.set({ spec: branch.spec, sameness: null, ...forgotten });
    this.picture();
  }

  #reloaded(run: LoadedRun): void {
    this.set({ link: run.link, spec: run.spec });
    this.ports.setAddress(run.link);
  }

  prove(): void {
    if (this.state.phase !== 'ready') return;
    this.set({ proving: true });
    const atMicros = this.player.position.micros;
    this.post({ type: 'prove', generation: this.generation, atMicros });
  }
}
