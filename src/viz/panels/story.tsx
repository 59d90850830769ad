/** The story: one step at a time, and before what matters a question: predict, then see. */
import { ArrowLeft, ArrowRight } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { StoryStep } from '../../sim/index.ts';
import { formatMoment } from '../state/format.ts';
import { momentOf } from '../state/story.ts';
import { useApp, usePage } from './context.ts';
import { Empty } from './parts.tsx';

export function Story() {
  const { controller } = usePage();
  const run = useApp((state) => state.run);
  const current = useApp((state) => state.storyStep);
  const asking = useApp((state) => state.asking);
  const follow = useApp((state) => state.followStory);
  const moments = useApp((state) => state.ledger.story);
  const story = run?.plan.story ?? [];
  const step = story[current];
  if (run === null) return null;
  const goTo = (number: number) => {
    const target = story[number];
    if (target === undefined) return;
    const moment = momentOf(target, number, moments);
    if (moment === null) controller.play();
    else controller.goTo({ micros: moment });
  };
  return (
    <section class="panel story" aria-labelledby="story-title">
      <header class="panel-head">
        <h2 id="story-title">Story</h2>
        <span class="muted">
          {story.length === 0 ? '' : `${Math.max(0, current + 1)} of ${story.length}`}
        </span>
      </header>
      {step === undefined ? (
        <div class="story-step">
          <h3>{run.plan.title}</h3>
          <p>{run.plan.summary}</p>
          <p class="muted">
            Press play, or click anywhere on the tape below: it goes straight to that moment.
          </p>
          {story.length === 0 && <Empty>This scenario tells no story: break it yourself.</Empty>}
        </div>
      ) : (
        <Step key={current} step={step} number={current} asked={asking === current} />
      )}
      <ThingsToTry />
      <div class="story-moves">
        <button
          type="button"
          class="button"
          disabled={current <= 0}
          onClick={() => goTo(current - 1)}
        >
          <ArrowLeft size={16} aria-hidden="true" /> Back
        </button>
        <button
          type="button"
          class="button"
          disabled={current >= story.length - 1 || asking !== null}
          onClick={() => goTo(current + 1)}
        >
          Next <ArrowRight size={16} aria-hidden="true" />
        </button>
        <label class="switch">
          <input
            type="checkbox"
            checked={follow}
            onChange={(event) => controller.patch({ followStory: event.currentTarget.checked })}
          />
          stop at questions
        </label>
      </div>
    </section>
  );
}

function Step({ step, number, asked }: { step: StoryStep; number: number; asked: boolean }) {
  const ms = 'ms' in step.at ? step.at.ms : null;
  return (
    <div class="story-step">
      <h3>
        {step.title}
        {ms !== null && <span class="muted story-time"> {formatMoment(ms * 1_000)}</span>}
      </h3>
      <p>{step.text}</p>
      {step.predict !== undefined && <Predict step={step} number={number} asked={asked} />}
    </div>
  );
}

function Predict({ step, number, asked }: { step: StoryStep; number: number; asked: boolean }) {
  const { controller } = usePage();
  const predictions = useApp((state) => state.predictions);
  const shown = useApp((state) => state.shown);
  const moments = useApp((state) => state.ledger.story);
  const story = useApp((state) => state.run?.plan.story ?? EMPTY);
  const [told, setTold] = useState(false);
  const predict = step.predict!;
  const chosen = predictions.get(number);
  const next = story[number + 1];
  const nextMoment = next === undefined ? null : momentOf(next, number + 1, moments);
  const seen = nextMoment !== null && shown.micros >= nextMoment;
  if (chosen === undefined) {
    return (
      <fieldset class={`predict ${asked ? 'predict-asked' : ''}`}>
        <legend>What do you expect?</legend>
        <p class="predict-question">{predict.question}</p>
        <div class="predict-options">
          {predict.options.map((option, i) => (
            <button
              key={option}
              type="button"
              class="button"
              onClick={() => controller.predict(number, i)}
            >
              {option}
            </button>
          ))}
        </div>
      </fieldset>
    );
  }
  const right = chosen === predict.answer;
  return (
    <div class="predict" role="status">
      <p class="predict-question">{predict.question}</p>
      <p>
        You expect: <strong>{predict.options[chosen]}</strong>
      </p>
      {told || seen ? (
        <p class={right ? 'predict-right' : 'predict-wrong'}>
          <strong>
            {right ? '✓ So it is.' : `✕ Not so. Rather: ${predict.options[predict.answer]}`}
          </strong>{' '}
          {predict.because}
        </p>
      ) : (
        <div class="predict-options">
          <button type="button" class="button primary" onClick={() => controller.play()}>
            See what happens
          </button>
          <button type="button" class="button" onClick={() => setTold(true)}>
            Tell me now
          </button>
        </div>
      )}
    </div>
  );
}

const EMPTY: readonly StoryStep[] = [];

function ThingsToTry() {
  const scenario = useApp((state) => state.run?.scenario ?? null);
  if (scenario === null) return null;
  return (
    <>
      {scenario.thingsToTry.length > 0 && (
        <details open>
          <summary>Things to try</summary>
          <ul>
            {scenario.thingsToTry.map((thing) => (
              <li key={thing}>{thing}</li>
            ))}
          </ul>
        </details>
      )}
      {scenario.leavesOut.length > 0 && (
        <details>
          <summary>What this model leaves out</summary>
          <ul>
            {scenario.leavesOut.map((thing) => (
              <li key={thing}>{thing}</li>
            ))}
          </ul>
        </details>
      )}
      {scenario.sources.length > 0 && (
        <details>
          <summary>Sources</summary>
          <ul>
            {scenario.sources.map((source) => (
              <li key={source.title}>
                {source.url === undefined ? (
                  source.title
                ) : (
                  <a href={source.url} rel="noreferrer">
                    {source.title}
                  </a>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
