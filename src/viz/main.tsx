/**
 * The page's beginning: it draws the shell, starts the engine and follows the address bar.
 *
 * Query: `?worker=0` runs the engine on this thread, `?renderer=canvas|webgl` chooses what draws,
 * `?theme=dark|light` the colours, `?motion=reduced` as if the system asked for less motion.
 */
import { render } from 'preact';
import './styles/index.css';
import { App } from './panels/app.tsx';
import { listenToKeys } from './panels/keys.ts';
import type {} from './page-hooks.ts';
import { FrameLoop } from './stage/loop.ts';
import { StageView } from './stage/view-model.ts';
import { Controller } from './state/controller.ts';
import type { Theme } from './theme/tokens.ts';
import { createAppStore } from './state/store.ts';
import { streamMessages } from './stream/messages.ts';
import { connectInPage, connectWorker } from './worker/connect.ts';
import type { EngineLink } from './worker/connect.ts';
import type { ToWorker } from './worker/protocol.ts';

const query = new URLSearchParams(location.search);
const REDUCED_MOTION = '(prefers-reduced-motion: reduce)';
const THEME_KEY = 'faultline-theme';

function startTheme(): Theme {
  const asked = query.get('theme') ?? remembered();
  if (asked === 'dark' || asked === 'light') return asked;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

/** Storage may be switched off; then nothing is remembered. */
function remembered(): string | null {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // Nothing is lost but the choice.
  }
}

const reduced = query.get('motion') === 'reduced' || matchMedia(REDUCED_MOTION).matches;
const store = createAppStore(startTheme(), reduced);

let link: EngineLink | null = null;
const waiting: ToWorker[] = [];

const controller: Controller = new Controller(store, {
  post: (message) => {
    if (link === null) waiting.push(message);
    else link.post(message);
  },
  setAddress: (address) => history.replaceState(null, '', address),
  redraw: () => loop.request(),
  now: () => performance.now(),
});
const loop: FrameLoop = new FrameLoop({
  tick: (elapsedMs) => controller.tick(elapsedMs),
  wantsFrames: () => controller.wantsFrames,
});
const stageView = new StageView(() => loop.request());

store.subscribe((state, before) => {
  if (state.theme !== before.theme) remember(state.theme);
});
matchMedia(REDUCED_MOTION).addEventListener('change', (event) => {
  controller.patch({ reducedMotion: event.matches || query.get('motion') === 'reduced' });
});

/** The address says what is open: a link to a run, or the catalogue. */
function followAddress(address = location.hash): void {
  if (address === '' || address === '#' || address === '#/') controller.showCatalogue();
  else controller.open({ from: 'link', link: address });
}

async function startEngine(): Promise<void> {
  const engine = query.get('worker') === '0' ? await connectInPage() : connectWorker();
  streamMessages(engine, {
    now: (message) => controller.receive(message),
    batch: (messages) => controller.receiveBatch(messages),
    broken: (reason) => controller.broken(reason),
  });
  link = engine;
  for (const message of waiting.splice(0)) link.post(message);
}

const root = document.getElementById('app')!;
root.replaceChildren();
render(<App page={{ controller, loop, stageView }} />, root);
controller.start();
followAddress();
window.addEventListener('hashchange', (event) => {
  // A run that answered in between has put its own link there: where the person goes, counts.
  const wanted = new URL(event.newURL).hash;
  if (wanted !== location.hash) history.replaceState(null, '', event.newURL);
  followAddress(wanted);
});
listenToKeys(controller, stageView);
startEngine().catch((error: unknown) => controller.broken(String((error as Error).message)));

window.faultline = {
  frames: () => loop.frames,
  position: () => controller.position,
  state: () => store.getState(),
  scene: () => controller.scene(),
  places: () => stageView.layout.places,
  traceHash: () => controller.traceHash,
};
