/** What happened, in plain sentences, newest first; a click goes there. */
import { useMemo } from 'preact/hooks';
import { formatMoment } from '../state/format.ts';
import type { Line } from '../state/happenings.ts';
import { foldLines, happeningsOf } from '../state/happenings.ts';
import { countHappened } from '../state/position.ts';
import { useApp, usePage } from './context.ts';
import { Empty } from './parts.tsx';

const LINES_MAX = 150;

export function Feed() {
  const happenings = useHappenings();
  const position = useApp((state) => state.position);
  const count = countHappened(happenings, position);
  const lines = useMemo(
    () => foldLines(happenings.slice(0, count)).slice(0, LINES_MAX),
    [happenings, count],
  );
  return (
    <section class="panel feed" aria-labelledby="feed-title">
      <header class="panel-head">
        <h2 id="feed-title">What happened</h2>
      </header>
      {lines.length === 0 ? (
        <Empty>Nothing worth a sentence so far.</Empty>
      ) : (
        <ol class="feed-lines">
          {lines.map((line, i) => (
            <FeedLine key={lines.length - i} line={line} />
          ))}
        </ol>
      )}
    </section>
  );
}

function useHappenings() {
  const feed = useApp((state) => state.ledger.feed);
  const faults = useApp((state) => state.ledger.faults);
  const acts = useApp((state) => state.spec?.interventions ?? NONE);
  const linked = useApp((state) => state.run?.spec.interventions ?? NONE);
  const nodes = useApp((state) => state.scene?.nodes ?? NONE);
  const names = nodes.map(({ index, name }) => `${index} ${name}`).join();
  return useMemo(
    () => happeningsOf({ feed, faults, acts, linked, nodes }),
    [feed, faults, acts, linked, names],
  );
}

const NONE: readonly never[] = [];

function FeedLine({ line }: { line: Line }) {
  const { controller } = usePage();
  return (
    <li>
      <button
        type="button"
        class={`feed-line ${line.mark === null ? '' : `feed-${line.mark}`}`}
        onClick={() => {
          controller.pause();
          controller.goTo({ event: line.event });
        }}
      >
        <span class="feed-time">{formatMoment(line.micros)}</span>
        <span>
          {line.mark !== null && (
            <>
              <span class="feed-mark">{line.mark}</span>{' '}
            </>
          )}
          {line.text}
          {line.times > 1 && (
            <span class="muted">
              {' '}
              … {line.times} times since {(line.sinceMicros / 1e6).toFixed(1)} s
            </span>
          )}
        </span>
      </button>
    </li>
  );
}
