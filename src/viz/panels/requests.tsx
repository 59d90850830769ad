/** The slowest requests so far, of a node or of all, and where the time of one of them went. */
import { useEffect, useState } from 'preact/hooks';
import { formatCount, formatDuration } from '../state/format.ts';
import type { KnownRequests } from '../state/model.ts';
import type { RequestTree } from '../worker/protocol.ts';
import { useApp, usePage } from './context.ts';
import { Empty } from './parts.tsx';
import { Waterfall } from './waterfall.tsx';

const REST_MS = 150;

export function Requests({ node }: { readonly node: number | null }) {
  const { controller } = usePage();
  const isOpen = useApp((state) => state.requestsOpen);
  const toggle = (event: Event) => {
    const { open } = event.currentTarget as HTMLDetailsElement;
    if (open !== isOpen) controller.patch({ requestsOpen: open });
  };
  return (
    <details class="requests" open={isOpen} onToggle={toggle}>
      <summary>
        <h3>{node === null ? 'Slowest requests' : 'Slowest requests through it'}</h3>
      </summary>
      {isOpen && <Slowest node={node} />}
    </details>
  );
}

function Slowest({ node }: { readonly node: number | null }) {
  const requests = useRequests(node);
  const [chosen, choose] = useState<number | null>(null);
  if (requests === null) return <Empty>Known once the run stands still.</Empty>;
  const tree = requests.slowest.find(({ number }) => number === chosen) ?? requests.slowest[0];
  if (tree === undefined) return <Empty>None has ended so far.</Empty>;
  return (
    <>
      <label class="request-choice">
        <span class="sr-only">Request</span>
        <select
          value={String(tree.number)}
          onChange={(event: Event) =>
            choose(Number((event.currentTarget as HTMLSelectElement).value))
          }
        >
          {requests.slowest.map((one) => (
            <option key={one.number} value={String(one.number)}>
              {wordsOf(one)}
            </option>
          ))}
        </select>
        <span class="muted">of {formatCount(requests.of)}</span>
      </label>
      <Waterfall tree={tree} />
    </>
  );
}

function wordsOf({ number, rows }: RequestTree): string {
  const [root] = rows;
  if (root === undefined) return formatCount(number);
  const took = formatDuration(root.bar.toMicros - root.bar.fromMicros);
  return `${took}: ${root.title}${root.outcome === 'ok' ? '' : `, ${root.result}`}`;
}

/** Those of all that was shown so far, asked for once the viewer rests; null: not known yet. */
function useRequests(node: number | null): KnownRequests | null {
  const { controller } = usePage();
  const playing = useApp((state) => state.playing);
  const shown = useApp((state) => state.shown);
  const spec = useApp((state) => state.spec);
  const branch = useApp((state) => state.branch);
  const requests = useApp((state) => state.requests);
  const known = requests !== null && requests.node === node ? requests : null;
  const isNew = known !== null && known.position.event === shown.event;
  useEffect(() => {
    if (playing || isNew) return;
    const timer = setTimeout(() => controller.askRequests(node), REST_MS);
    return () => clearTimeout(timer);
  }, [controller, playing, isNew, node, shown.event, spec, branch]);
  return known;
}
