/** The catalogue: every scenario by topic, each a card that says what it shows. */
import { useState } from 'preact/hooks';
import { spaced } from '../state/format.ts';
import type { CatalogueEntry } from '../worker/protocol.ts';
import { useApp } from './context.ts';
import { Empty } from './parts.tsx';

const TIERS: { readonly [T in CatalogueEntry['tier']]: string } = {
  calm: 'nothing breaks by itself',
  lossy: 'messages get lost, nodes crash',
  hostile: 'whatever can go wrong does',
};

const topicName = (topic: string): string =>
  topic === 'cap' ? 'CAP: consistency or availability' : topic.replace(/-/g, ' ');

export function Catalogue() {
  const scenarios = useApp((state) => state.catalogue);
  const problem = useApp((state) => state.problem);
  const [words, setWords] = useState('');
  if (scenarios === null) {
    return (
      <main class="catalogue" id="main">
        <h1>Scenarios</h1>
        {problem === null ? (
          <p class="loading" role="status">
            Starting the engine …
          </p>
        ) : (
          <p role="alert" class="problem">
            {problem.message} {problem.hint}
          </p>
        )}
      </main>
    );
  }
  const found = scenarios.filter((entry) => matches(entry, words));
  const topics = [...new Set(found.map((entry) => entry.topic))];
  return (
    <main class="catalogue" id="main">
      <header class="catalogue-head">
        <div>
          <h1>Scenarios</h1>
          <p class="lead">
            Each is a distributed system that runs in this page, to the last event the same on every
            machine. Watch it, break it, go back, and break it differently.
          </p>
        </div>
        <label class="search">
          <span>Find</span>
          <input
            type="search"
            value={words}
            placeholder="leader, partition, …"
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        </label>
      </header>
      {found.length === 0 && <Empty>No scenario speaks of “{words}”.</Empty>}
      {topics.map((topic) => (
        <section key={topic} aria-labelledby={`topic-${topic}`}>
          <h2 id={`topic-${topic}`} class="topic">
            {topicName(topic)}
          </h2>
          <ul class="cards">
            {found
              .filter((entry) => entry.topic === topic)
              .map((entry) => (
                <Card key={entry.id} entry={entry} />
              ))}
          </ul>
        </section>
      ))}
    </main>
  );
}

function matches(entry: CatalogueEntry, words: string): boolean {
  const text = `${entry.id} ${entry.title} ${entry.summary}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function Card({ entry }: { entry: CatalogueEntry }) {
  const params = Object.entries(entry.params.properties ?? {});
  const others = entry.variants.slice(1);
  return (
    <li class="card">
      <div class="card-head">
        <h3>
          <a href={`#s=${entry.id}`}>{entry.title}</a>
        </h3>
        <span class={`tier tier-${entry.tier}`} title={TIERS[entry.tier]}>
          {entry.tier}
        </span>
      </div>
      <p>{entry.summary}</p>
      <dl class="card-facts">
        <div>
          <dt>Parameters</dt>
          <dd>
            {params.map(([name, schema]) => schema.title ?? spaced(name)).join(', ') || 'none'}
          </dd>
        </div>
        {others.length > 0 && (
          <div>
            <dt>Variants</dt>
            <dd>{others.map((variant) => variant.name).join(', ')}</dd>
          </div>
        )}
      </dl>
    </li>
  );
}
