/**
 * Everything a person can ask of the page: play and step, act and take back, branch, look.
 *
 * Acting at the furthest moment that was shown is acting live: what lies ahead was never seen and
 * is dropped. Acting before it makes a branch, and the old future is kept.
 */
import type { FindingFrame, RunSpec } from '../../sim/index.ts';
import type { Deed } from './acts.ts';
import type { Branch } from './branch.ts';
import { forkBranch, summaryOf } from './branch.ts';
import { capital } from './format.ts';
import { cutLedger } from './ledger.ts';
import type { Theme } from '../theme/tokens.ts';
import type { AppState } from './model.ts';
import type { Goal } from './player.ts';
import type { Position } from './position.ts';
import { comparePositions } from './position.ts';
import { RunHolder } from './run-holder.ts';

/** What panels may set by themselves: nothing of these touches the run. */
type PatchKeys =
  | 'tool'
  | 'dialog'
  | 'tab'
  | 'foldedCharts'
  | 'requestsOpen'
  | 'menuOf'
  | 'reducedMotion'
  | 'followStory'
  | 'refusal'
  | 'announcement'
  | 'asking';

const sameActs = (a: RunSpec | null, b: RunSpec): boolean =>
  JSON.stringify(a?.interventions) === JSON.stringify(b.interventions);

const seconds = (position: Position): string => `${(position.micros / 1e6).toFixed(3)} s`;

export class Controller extends RunHolder {
  predict(step: number, option: number): void {
    const predictions = new Map(this.state.predictions).set(step, option);
    this.set({ predictions, asking: null });
    if (this.playAfter) this.play();
    this.playAfter = false;
  }

  // ---- Time ---------------------------------------------------------------------------------

  play(): void {
    if (this.state.phase !== 'ready') return;
    if (this.player.atEnd) this.player.goTo({ micros: 0 });
    this.player.playing = true;
    this.set({ asking: null });
    this.picture();
  }

  pause(): void {
    this.player.playing = false;
    this.picture();
  }

  toggle(): void {
    if (this.player.playing) this.pause();
    else this.play();
  }

  goTo(goal: Goal): void {
    this.player.goTo(goal);
    this.picture();
  }

  scrubTo(micros: number): void {
    this.player.playing = false;
    this.goTo({ micros: Math.max(0, Math.round(micros)) });
  }

  stepEvent(direction: 1 | -1): void {
    this.player.playing = false;
    this.player.stepEvent(direction);
    this.picture();
    this.set({ announcement: this.#saidHere() });
  }

  /** What the event at which the viewer stands did, in words. */
  #saidHere(): string {
    const { timeline } = this.branch;
    const { position } = this.player;
    const chunk = timeline.slots[timeline.slotAt(position)]?.chunk;
    const said = chunk?.feed.filter((entry) => entry.event === position.event) ?? [];
    const text = said.map((entry) => entry.text).join('; ');
    return `${seconds(position)}, event ${position.event}${text === '' ? '' : `: ${text}`}`;
  }

  /** A tenth of a second of the viewer, at the present speed. */
  stepTime(count: number): void {
    this.scrubTo(this.player.position.micros + count * 100_000 * this.state.speed);
  }

  home(): void {
    this.scrubTo(0);
  }
  end(): void {
    this.scrubTo(this.state.run?.durationMicros ?? 0);
  }
  /** Back to the furthest moment that was shown: where acting makes no branch. */
  live(): void {
    const { shown } = this.branch;
    this.player.goTo({ event: shown.event });
    if (comparePositions(this.player.position, shown) < 0) this.player.place(shown);
    this.picture();
  }

  setSpeed(speed: number): void {
    this.speedChosen = true;
    this.player.speed = speed;
    this.player.forgetAsks();
    this.player.runAhead();
    this.set({ speed });
  }

  // ---- Acting -------------------------------------------------------------------------------

  get isLive(): boolean {
    return comparePositions(this.player.position, this.branch.shown) >= 0;
  }

  act(deed: Deed): void {
    if (this.state.phase !== 'ready' || deed.acts.length === 0) return;
    this.deeds.push(deed);
    if (!this.acting) this.nextDeed();
  }

  protected override nextDeed(): void {
    const deed = this.deeds.shift();
    if (deed === undefined) return;
    const { position } = this.player;
    this.rememberBeforeAct();
    this.acting = true;
    this.settling = deed.acts.some((act) => act.do === 'undo') ? position : null;
    this.generation += 1;
    if (this.isLive) {
      // Nobody has seen what lies ahead: it is dropped, not kept as a branch.
      this.branch.timeline.cut(position);
      this.branch.ledger = cutLedger(this.branch.ledger, position);
      this.set({ announcement: `${capital(deed.name)} at ${seconds(position)}.` });
    } else {
      this.#fork(deed.name, position);
    }
    this.player.forgetAsks();
    this.post({
      type: 'intervene',
      generation: this.generation,
      micros: position.micros,
      afterEventNumber: position.event,
      acts: deed.acts,
    });
    this.set({ refusal: null, sameness: null, requests: null, explained: null });
  }

  #fork(name: string, position: Position): void {
    const id = Math.max(...this.branches.map((branch) => branch.id)) + 1;
    const fork = forkBranch(this.branch, id, name, position);
    this.branches.push(fork);
    const { playing } = this.player;
    this.player.show(fork, this.state.run?.durationMicros ?? 0, position);
    this.player.playing = playing;
    this.set({
      branches: this.branches.map(summaryOf),
      branch: id,
      announcement: `New branch at ${seconds(position)}: ${name}. The old one is kept.`,
    });
  }

  get canUndo(): boolean {
    return (this.state.spec?.interventions.length ?? 0) > 0;
  }

  /** Takes back the last act: the run goes on from there as if it had not been. */
  undo(): void {
    const { spec } = this.branch;
    const last = spec?.interventions.at(-1);
    if (spec === null || last === undefined || this.acting) return;
    const shorter: RunSpec = { ...spec, interventions: spec.interventions.slice(0, -1) };
    const moment = { micros: last.micros, event: last.afterEventNumber };
    const parent = this.branches.find((branch) => branch.id === this.branch.parent);
    if (parent !== undefined && sameActs(parent.spec, shorter)) {
      this.#drop(this.branch, parent, moment);
      return;
    }
    this.branch.timeline.cutBefore(moment);
    const { head } = this.branch.timeline;
    this.branch.ledger = cutLedger(this.branch.ledger, head);
    this.branch.shown = head;
    this.branch.spec = shorter;
    this.set({ announcement: `Taken back: the act at ${seconds(moment)}.` });
    this.reload(this.branch, moment);
  }

  /** A branch with nothing of its own left is its parent: it goes away. */
  #drop(branch: Branch, parent: Branch, moment: Position): void {
    this.branches = this.branches.filter((other) => other !== branch);
    for (const child of this.branches) if (child.parent === branch.id) child.parent = parent.id;
    this.set({
      branches: this.branches.map(summaryOf),
      branch: parent.id,
      announcement: `Taken back: the act at ${seconds(moment)}. Its branch had no other.`,
    });
    this.reload(parent, moment);
  }

  switchBranch(id: number): void {
    const branch = this.branches.find((candidate) => candidate.id === id);
    if (branch === undefined || branch === this.branch || this.acting) return;
    const at = this.player.position;
    this.set({ branch: id, announcement: `Showing branch: ${branch.name}.` });
    this.reload(branch, comparePositions(at, branch.shown) > 0 ? branch.shown : at);
  }

  // ---- Looking ------------------------------------------------------------------------------

  select(node: number | null): void {
    if (node === this.state.selected) return;
    this.set({ selected: node, inspected: null });
    if (node !== null) this.inspect(node);
    this.ports.redraw();
  }

  inspect(node: number): void {
    if (this.player.playing || this.state.phase !== 'ready') return;
    const position = this.player.position;
    this.post({ type: 'inspect', generation: this.generation, node, position });
  }

  /** The slowest requests of all that was shown: to go back to one of them changes no list. */
  askRequests(node: number | null): void {
    if (this.player.playing || this.acting || this.state.phase !== 'ready') return;
    const position = this.branch.shown;
    this.post({ type: 'requests', generation: this.generation, node, position });
  }

  /** Looks for the messages that explain a finding, or puts them away (null). */
  explain(finding: FindingFrame | null): void {
    if (this.acting || this.state.phase !== 'ready') return;
    this.set({ explained: finding === null ? null : { finding, proof: null } });
    if (finding === null) return;
    this.post({ type: 'explain', generation: this.generation, finding });
  }

  setTheme(theme: Theme): void {
    this.set({ theme });
    this.ports.redraw();
  }

  patch(change: Partial<Pick<AppState, PatchKeys>>): void {
    this.set(change);
    this.ports.redraw();
  }
}
