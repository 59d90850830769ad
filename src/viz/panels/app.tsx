/** The frame of the page: the bar on top, the catalogue or a run, and what is said aloud. */
import { Keyboard, Moon, Share2, Sun } from 'lucide-preact';
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { actsHere } from '../state/happenings.ts';
import { cssVariables } from '../theme/tokens.ts';
import { Catalogue } from './catalogue.tsx';
import { PageContext, useApp, usePage } from './context.ts';
import type { Page } from './context.ts';
import { IconButton } from './parts.tsx';

const ICON = { size: 20, 'aria-hidden': true } as const;

export function App({ page }: { page: Page }) {
  return (
    <PageContext.Provider value={page}>
      <Theme />
      <DocumentTitle />
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <TopBar />
      <Body />
      <Announcer />
    </PageContext.Provider>
  );
}

/** The address after # names the run, so skipping must not change it. */
function skipToMain(event: Event): void {
  event.preventDefault();
  const main = document.getElementById('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}

function Theme() {
  const theme = useApp((state) => state.theme);
  useEffect(() => {
    const { style, dataset } = document.documentElement;
    dataset['theme'] = theme;
    style.colorScheme = theme;
    for (const [name, value] of cssVariables(theme)) style.setProperty(name, value);
  }, [theme]);
  return null;
}

/** The name of the tab says what is open. */
function DocumentTitle() {
  const title = useApp((state) => (state.page === 'run' ? state.run?.plan.title : undefined));
  useEffect(() => {
    document.title = title === undefined ? 'Faultline' : `${title} · Faultline`;
  }, [title]);
  return null;
}

function Body() {
  const page = useApp((state) => state.page);
  return page === 'catalogue' ? <Catalogue /> : <LazyRunPage />;
}

/** What only a run needs is fetched when a run is opened. */
function LazyRunPage() {
  const [RunPage, setRunPage] = useState<ComponentType | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    import('./run-page.tsx').then(
      (module) => setRunPage(() => module.RunPage),
      () => setFailed(true),
    );
  }, []);
  if (RunPage !== null) return <RunPage />;
  return (
    <main class="run-wait" id="main">
      {failed ? (
        <p role="alert" class="problem">
          A part of the page could not be fetched. Reload it.
        </p>
      ) : (
        <p class="loading" role="status">
          Opening the run …
        </p>
      )}
    </main>
  );
}

function TopBar() {
  const { controller } = usePage();
  const page = useApp((state) => state.page);
  const run = useApp((state) => state.run);
  const phase = useApp((state) => state.phase);
  const theme = useApp((state) => state.theme);
  const ready = page === 'run' && phase === 'ready' && run !== null;
  return (
    <header class="top">
      <a class="brand" href="#" aria-label="Faultline, all scenarios">
        <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
          <circle cx="7" cy="9" r="4.5" fill="var(--flight-request)" />
          <circle cx="25" cy="23" r="4.5" fill="var(--flight-acknowledgement)" />
          <path
            d="M21 2l-6 10 5 2-5 7 3 2-5 8"
            fill="none"
            stroke="var(--fault)"
            stroke-width="3"
            stroke-linejoin="round"
            stroke-linecap="round"
          />
        </svg>
        <span>Faultline</span>
      </a>
      {ready && (
        <p class="top-title">
          <strong>{run.plan.title}</strong>
          <Seed />
          <Badges />
        </p>
      )}
      <div class="top-buttons">
        {ready && (
          <>
            <IconButton
              label="Share this run"
              keys="S"
              onClick={() => controller.patch({ dialog: 'share' })}
            >
              <Share2 {...ICON} />
            </IconButton>
            <IconButton
              class="desktop-only"
              label="Keys"
              keys="?"
              onClick={() => controller.patch({ dialog: 'keys' })}
            >
              <Keyboard {...ICON} />
            </IconButton>
          </>
        )}
        <IconButton
          label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
          keys="T"
          onClick={() => controller.setTheme(theme === 'dark' ? 'light' : 'dark')}
        >
          {theme === 'dark' ? <Sun {...ICON} /> : <Moon {...ICON} />}
        </IconButton>
      </div>
    </header>
  );
}

function Seed() {
  const seed = useApp((state) => state.spec?.seed ?? 0);
  return <span class="muted seed">seed {seed}</span>;
}

const NONE: readonly string[] = [];

/** What must not be overlooked: rules that are off, acts, and whether a link kept its word. */
function Badges() {
  const spec = useApp((state) => state.spec);
  const sameness = useApp((state) => state.sameness);
  const off = spec?.ablations ?? [];
  const comparedWith = useApp((state) => state.run?.comparedWith ?? null);
  const compared = comparedWith === null ? '' : `; compared with the variant ${comparedWith}`;
  const idle = useApp((state) => state.run?.idleParams ?? NONE);
  const linked = useApp((state) => state.run?.spec.interventions);
  const all = spec?.interventions ?? [];
  const acts = all.length;
  // What came with a link was somebody's, and perhaps not this person's.
  const yours = actsHere(all, linked ?? []);
  return (
    <>
      {off.length > 0 && (
        <span class="badge badge-modified" title={`Switched off: ${off.join(', ')}${compared}`}>
          modified
        </span>
      )}
      {idle.length > 0 && (
        <span class="badge" title="As this run is set up, the plan does not use them.">
          no effect: {idle.join(', ')}
        </span>
      )}
      {acts > 0 && (
        <span class="badge">
          {acts} {acts === 1 ? 'act' : 'acts'}
          {yours === acts ? ' of yours' : yours > 0 ? `, ${yours} of yours` : ''}
        </span>
      )}
      {sameness === 'same' && <span class="badge badge-same">✓ same run</span>}
      {sameness === 'differs' && <span class="badge badge-differs">✕ differs from the link</span>}
    </>
  );
}

function Announcer() {
  const { controller } = usePage();
  const announcement = useApp((state) => state.announcement);
  const refusal = useApp((state) => state.refusal);
  return (
    <>
      <p class="sr-only" role="status" aria-live="polite">
        {announcement}
      </p>
      {refusal !== null && (
        <div class="toast" role="alert">
          <p>
            {refusal.message} {refusal.hint}
          </p>
          <button type="button" class="button" onClick={() => controller.patch({ refusal: null })}>
            Close
          </button>
        </div>
      )}
    </>
  );
}
