/** What happened, in plain sentences, newest first; a click goes there. */
import { formatMoment } from '../state/format.ts';
import { countHappened } from '../state/position.ts';
import { useApp, usePage } from './context.ts';
import { Empty } from './parts.tsx';

const LINES_MAX = 150;

export function Feed() {
  const { controller } = usePage();
  const feed = useApp((state) => state.ledger.feed);
  const position = useApp((state) => state.position);
  const count = countHappened(feed, position);
  const lines = feed.slice(Math.max(0, count - LINES_MAX), count).reverse();
  return (
    <section class="panel feed" aria-labelledby="feed-title">
      <header class="panel-head">
        <h2 id="feed-title">What happened</h2>
      </header>
      {lines.length === 0 ? (
        <Empty>Nothing worth a sentence yet. Press play.</Empty>
      ) : (
        <ol class="feed-lines">
          {lines.map((entry, i) => (
            <li key={`${entry.event}-${entry.node}-${entry.type}-${count - i}`}>
              <button
                type="button"
                class="feed-line"
                onClick={() => {
                  controller.pause();
                  controller.goTo({ event: entry.event });
                }}
              >
                <span class="feed-time">{formatMoment(entry.micros)}</span>
                <span>{entry.text}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
