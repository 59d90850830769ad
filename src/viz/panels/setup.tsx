/** Parameters, seed, rules and variants: what to change before running again. */
import { RotateCcw } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { CatalogueEntry, ScenarioEntry } from '../worker/protocol.ts';
import { useApp, usePage } from './context.ts';
import { Param } from './param.tsx';
import { Empty, Gloss } from './parts.tsx';

interface Choices {
  readonly seed: number;
  readonly params: { readonly [name: string]: unknown };
  readonly ablations: readonly string[];
}

export function Setup() {
  const { controller } = usePage();
  const scenario = useApp((state) => state.run?.scenario ?? null);
  const spec = useApp((state) => state.spec);
  const [choices, setChoices] = useState<Choices>({ seed: 1, params: {}, ablations: [] });
  useEffect(() => {
    if (spec === null) return;
    setChoices({ seed: spec.seed, params: spec.params, ablations: spec.ablations });
  }, [spec]);
  if (scenario === null || spec === null) {
    return (
      <section class="panel" aria-labelledby="setup-title">
        <h2 id="setup-title">Set-up</h2>
        <Empty>This run comes from a document: its numbers are in the file.</Empty>
      </section>
    );
  }
  const run = (next: Choices) => controller.open({ from: 'choices', id: scenario.id, ...next });
  return (
    <section class="panel" aria-labelledby="setup-title">
      <header class="panel-head">
        <h2 id="setup-title">Set-up</h2>
        <span class="muted">a change starts a new run</span>
      </header>
      <form
        class="setup"
        onSubmit={(event) => {
          event.preventDefault();
          run(choices);
        }}
      >
        <Variants
          scenario={scenario}
          onPick={(params, ablations) => run({ ...choices, params, ablations })}
        />
        {Object.entries(scenario.params.properties ?? {}).map(([name, schema]) => (
          <Param
            key={name}
            name={name}
            schema={schema}
            value={choices.params[name] ?? schema.default}
            onChange={(value) =>
              setChoices({ ...choices, params: { ...choices.params, [name]: value } })
            }
          />
        ))}
        <div class="param">
          <span class="param-name">
            <Gloss word="seed">Seed</Gloss>
          </span>
          <input
            type="number"
            aria-label="Seed"
            min={0}
            step={1}
            value={choices.seed}
            onChange={(event) =>
              setChoices({ ...choices, seed: Math.trunc(event.currentTarget.valueAsNumber) || 0 })
            }
          />
        </div>
        <Rules scenario={scenario} choices={choices} onChange={setChoices} />
        <button type="submit" class="button primary">
          <RotateCcw size={16} aria-hidden="true" /> Run with these
        </button>
      </form>
    </section>
  );
}

function Variants(props: {
  scenario: CatalogueEntry;
  onPick: (params: { readonly [name: string]: unknown }, ablations: readonly string[]) => void;
}) {
  const spec = useApp((state) => state.spec);
  const isNow = (variant: CatalogueEntry['variants'][number]) =>
    spec !== null &&
    JSON.stringify([...spec.ablations].sort()) === JSON.stringify([...variant.ablations].sort()) &&
    Object.entries(variant.params).every(([name, value]) => spec.params[name] === value);
  return (
    <fieldset class="variants">
      <legend>Variants</legend>
      {props.scenario.variants.map((variant) => (
        <button
          key={variant.name}
          type="button"
          class="variant"
          aria-pressed={isNow(variant)}
          onClick={() => props.onPick(variant.params, variant.ablations)}
        >
          <strong>{variant.name}</strong>
          <span>{variant.about}</span>
        </button>
      ))}
    </fieldset>
  );
}

function Rules(props: {
  scenario: ScenarioEntry;
  choices: Choices;
  onChange: (choices: Choices) => void;
}) {
  const { scenario, choices, onChange } = props;
  if (scenario.rules.length === 0) return null;
  return (
    <fieldset class="rules">
      <legend>
        <Gloss word="rule">Rules</Gloss> of the protocol
      </legend>
      {scenario.rules.map((rule) => {
        const off = choices.ablations.includes(rule.name);
        return (
          <label key={rule.name} class="switch">
            <input
              type="checkbox"
              checked={!off}
              onChange={() =>
                onChange({
                  ...choices,
                  ablations: off
                    ? choices.ablations.filter((name) => name !== rule.name)
                    : [...choices.ablations, rule.name],
                })
              }
            />
            <span>
              <code>{rule.name}</code>
              <small>{rule.about}</small>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
