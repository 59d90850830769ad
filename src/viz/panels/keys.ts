/** The keyboard: one table for what keys do and what the help says of them. */
import { tinykeys } from 'tinykeys';
import type { StageView } from '../stage/view-model.ts';
import { choicesFor, healAll } from '../state/acts.ts';
import type { Controller } from '../state/controller.ts';
import { nextMark } from '../state/marks.ts';
import { nextSpeed } from '../state/speed.ts';

export const KEY_HELP: readonly (readonly [string, string])[] = [
  ['Space', 'play or pause'],
  ['. ,', 'one event on or back'],
  ['← →', 'a little on or back; with Shift ten times as far'],
  ['N P', 'next or previous moment of interest'],
  ['[ ]', 'slower or faster'],
  ['Home End', 'to the start or the end'],
  ['L', 'to the furthest moment seen'],
  ['Tab, arrows, Enter', 'go to the nodes, move between them, select one'],
  ['M or Shift+F10', 'menu of the node'],
  ['K R', 'crash or restart the selected node'],
  ['X', 'knife: draw a line through links'],
  ['C', 'cut the network by choosing names'],
  ['H', 'heal all'],
  ['G', 'loss and latency'],
  ['Z', 'take back the last act'],
  ['F + -', 'fit the map, zoom'],
  ['S', 'share'],
  ['T', 'dark or light'],
  ['?', 'this list'],
];

/** Whether a key belongs to what has the focus: a text field, a slider, a menu, a dialog. */
function isTaken(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (document.querySelector('dialog[open]') !== null) return true;
  if (target.closest('textarea, select, [role=menu], [contenteditable]') !== null) return true;
  if (target instanceof HTMLInputElement) {
    return target.type !== 'checkbox' || event.key === ' ';
  }
  return event.key === ' ' && target.closest('button, summary, a') !== null;
}

export function listenToKeys(controller: Controller, view: StageView): () => void {
  const when = (work: (event: KeyboardEvent) => void) => (event: KeyboardEvent) => {
    if (isTaken(event) || controller.state.page !== 'run') return;
    event.preventDefault();
    work(event);
  };
  const choose = (key: string) => () => {
    const { scene, spec, selected } = controller.state;
    const node = scene?.nodes.find((candidate) => candidate.index === selected);
    if (scene === null || spec === null || node === undefined) return;
    const deed = choicesFor(node, scene, spec).find((choice) => choice.key === key)?.deed;
    if (deed !== undefined && deed !== null) controller.act(deed);
  };
  const mark = (direction: 1 | -1) => () => {
    const { ledger, shown } = controller.state;
    const goal = nextMark(ledger, controller.position, shown, direction);
    controller.pause();
    if (goal !== null) controller.goTo({ event: goal.event });
  };
  const heal = () => {
    const { scene } = controller.state;
    const deed = scene === null ? null : healAll(scene).deed;
    if (deed !== null) controller.act(deed);
  };
  const speed = (direction: 1 | -1) => () =>
    controller.setSpeed(nextSpeed(controller.state.speed, direction));
  return tinykeys(window, {
    Space: when(() => controller.toggle()),
    '.': when(() => controller.stepEvent(1)),
    ',': when(() => controller.stepEvent(-1)),
    ArrowRight: when(() => controller.stepTime(1)),
    ArrowLeft: when(() => controller.stepTime(-1)),
    'Shift+ArrowRight': when(() => controller.stepTime(10)),
    'Shift+ArrowLeft': when(() => controller.stepTime(-10)),
    n: when(mark(1)),
    p: when(mark(-1)),
    '[': when(speed(-1)),
    ']': when(speed(1)),
    Home: when(() => controller.home()),
    End: when(() => controller.end()),
    l: when(() => controller.live()),
    k: when(choose('crash')),
    r: when(choose('restart')),
    x: when(() =>
      controller.patch({ tool: controller.state.tool === 'knife' ? 'select' : 'knife' }),
    ),
    c: when(() => controller.patch({ dialog: 'cut' })),
    h: when(heal),
    g: when(() => controller.patch({ dialog: 'network' })),
    z: when(() => controller.undo()),
    '$mod+z': when(() => controller.undo()),
    f: when(() => view.fit()),
    '+': when(() => view.zoom(1.3)),
    '-': when(() => view.zoom(1 / 1.3)),
    s: when(() => controller.patch({ dialog: 'share' })),
    'Shift+?': when(() => controller.patch({ dialog: 'keys' })),
    Escape: when(() => {
      view.setStroke(null);
      controller.patch({ tool: 'select', menuOf: null });
    }),
    t: (event) => {
      if (isTaken(event)) return;
      controller.setTheme(controller.state.theme === 'dark' ? 'light' : 'dark');
    },
  });
}
