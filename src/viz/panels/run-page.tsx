/** The page of a run: the map in the middle, what explains it around, time below. */
import { BookOpen, ChartLine, CircleCheck, Info, List, Settings2 } from 'lucide-preact';
import type { LucideIcon } from 'lucide-preact';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SideTab } from '../state/model.ts';
import { Checks } from './checks.tsx';
import { useApp, useMedia, usePage } from './context.ts';
import { Dialogs } from './dialogs.tsx';
import { Feed } from './feed.tsx';
import { Inspector } from './inspector.tsx';
import { Metrics } from './metrics.tsx';
import { Setup } from './setup.tsx';
import { StagePanel } from './stage-panel.tsx';
import { Story } from './story.tsx';
import { Transport } from './transport.tsx';

const TABS: readonly {
  readonly id: SideTab;
  readonly name: string;
  readonly icon: LucideIcon;
}[] = [
  { id: 'story', name: 'Story', icon: BookOpen },
  { id: 'inspect', name: 'Node', icon: Info },
  { id: 'checks', name: 'Checks', icon: CircleCheck },
  { id: 'metrics', name: 'Charts', icon: ChartLine },
  { id: 'feed', name: 'Events', icon: List },
  { id: 'setup', name: 'Set-up', icon: Settings2 },
];

const PANELS: { readonly [T in SideTab]: ComponentType } = {
  story: Story,
  inspect: Inspector,
  checks: Checks,
  metrics: Metrics,
  feed: Feed,
  setup: Setup,
};

export function RunPage() {
  const phase = useApp((state) => state.phase);
  switch (phase) {
    case 'none':
    case 'loading':
      return (
        <main class="run-wait" id="main">
          <p class="loading" role="status">
            Opening the run …
          </p>
        </main>
      );
    case 'asking':
      return <OtherEngine />;
    case 'failed':
      return <Failure />;
    case 'ready':
      return <Run />;
  }
}

/** Wide enough for three columns: then story and events stand on the left, and have no tabs. */
const WIDE = '(min-width: 1100px)';
const LEFT: readonly SideTab[] = ['story', 'feed'];

function Run() {
  const wide = useMedia(WIDE);
  return (
    <main class="run" id="main">
      <RunTitle />
      <StagePanel />
      {wide && (
        <aside class="side side-left" aria-label="Story and events">
          <Story />
          <Feed />
        </aside>
      )}
      <Side wide={wide} />
      <Transport />
      <Dialogs />
    </main>
  );
}

function RunTitle() {
  const title = useApp((state) => state.run?.plan.title ?? '');
  return <h1 class="sr-only">{title}</h1>;
}

function Side({ wide }: { wide: boolean }) {
  const { controller } = usePage();
  const chosen = useApp((state) => state.tab);
  const tabs = wide ? TABS.filter(({ id }) => !LEFT.includes(id)) : TABS;
  const tab = tabs.some(({ id }) => id === chosen) ? chosen : 'checks';
  const asking = useApp((state) => state.asking);
  useEffect(() => {
    // A run that stops for a question shows the question.
    if (asking !== null && !wide) controller.patch({ tab: 'story' });
  }, [asking, wide, controller]);
  const failing = useApp(
    (state) => state.scene?.checks.filter((check) => check.verdict === 'fail').length ?? 0,
  );
  const Panel = PANELS[tab];
  const select = (next: SideTab, focus: boolean) => {
    controller.patch({ tab: next });
    if (focus) document.getElementById(`tab-${next}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const here = tabs.findIndex(({ id }) => id === tab);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    select(tabs[(here + step + tabs.length) % tabs.length]!.id, true);
  };
  return (
    <aside class="side side-right" aria-label="Details">
      <div class="tabs" role="tablist" aria-label="Details" onKeyDown={onKeyDown}>
        {tabs.map(({ id, name, icon: Icon }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            class="tab"
            aria-selected={tab === id}
            aria-controls="tab-panel"
            tabIndex={tab === id ? 0 : -1}
            onClick={() => select(id, false)}
          >
            <Icon size={17} aria-hidden />
            <span>{name}</span>
            {id === 'checks' && failing > 0 && <span class="tab-count">{failing}</span>}
          </button>
        ))}
      </div>
      <div
        id="tab-panel"
        class="tab-panel"
        role="tabpanel"
        aria-labelledby={`tab-${tab}`}
        tabIndex={0}
      >
        <Panel />
      </div>
    </aside>
  );
}

function OtherEngine() {
  const { controller } = usePage();
  const other = useApp((state) => state.run?.otherEngine ?? 0);
  const title = useApp((state) => state.run?.plan.title ?? '');
  return (
    <main class="run-wait" id="main">
      <h1>{title}</h1>
      <p role="alert">
        This link was made by version {other} of the engine. This page has another version, so the
        run may differ from the one that was shared.
      </p>
      <p class="wait-buttons">
        <button type="button" class="button primary" onClick={() => controller.runAnyway()}>
          Run it anyway
        </button>
        <a class="button" href="#">
          All scenarios
        </a>
      </p>
    </main>
  );
}

function Failure() {
  const problem = useApp((state) => state.problem);
  const source = useApp((state) => state.source);
  return (
    <main class="run-wait" id="main">
      <h1>{problem?.kind === 'scenario' ? 'This cannot be run' : 'Something went wrong'}</h1>
      <p role="alert" class="problem">
        {problem?.message}
        {problem !== null && problem.path !== '' && <span class="muted"> (at {problem.path})</span>}
      </p>
      {problem !== null && problem.hint !== '' && <p class="hint">{problem.hint}</p>}
      <p class="wait-buttons">
        <a class="button primary" href="#">
          All scenarios
        </a>
        {source?.from === 'link' && problem?.kind !== 'scenario' && (
          <button type="button" class="button" onClick={() => location.reload()}>
            Try again
          </button>
        )}
      </p>
    </main>
  );
}
