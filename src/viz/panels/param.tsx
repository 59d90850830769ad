/** A control for one field of a schema: parameters of scenarios, arguments of actions. */
import { capital, formatValue, spaced } from '../state/format.ts';
import type { ParamSchema } from '../worker/protocol.ts';

export function Param(props: {
  name: string;
  schema: ParamSchema;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const { name, schema, value, onChange } = props;
  const title = schema.title ?? capital(spaced(name));
  const unit = schema.unit ?? '';
  const about = schema.description ?? '';
  if (schema.type === 'boolean') {
    return (
      <label class="switch param">
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>
          {title}
          <small>{about}</small>
        </span>
      </label>
    );
  }
  if (schema.enum !== undefined) {
    return (
      <label class="param">
        <span class="param-name">{title}</span>
        <select value={String(value)} onChange={(event) => onChange(event.currentTarget.value)}>
          {schema.enum.map((option) => (
            <option key={String(option)}>{String(option)}</option>
          ))}
        </select>
        <small>{about}</small>
      </label>
    );
  }
  if (schema.type === 'number' || schema.type === 'integer') {
    return <NumberParam {...props} title={title} unit={unit} about={about} />;
  }
  return (
    <label class="param">
      <span class="param-name">{title}</span>
      <input
        type="text"
        value={formatValue(value)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <small>{about}</small>
    </label>
  );
}

function NumberParam(props: {
  name: string;
  schema: ParamSchema;
  value: unknown;
  title: string;
  unit: string;
  about: string;
  onChange: (value: number) => void;
}) {
  const { schema, value, title, unit, about, onChange } = props;
  const { minimum, maximum } = schema;
  const number = typeof value === 'number' ? value : Number(schema.default ?? 0);
  const integer = schema.type === 'integer';
  const step = integer ? 1 : stepOf(minimum ?? 0, maximum ?? 100);
  const change = (next: number) => {
    if (Number.isFinite(next)) onChange(integer ? Math.round(next) : next);
  };
  const bounded = minimum !== undefined && maximum !== undefined;
  return (
    <div class="param" role="group" aria-label={title}>
      <span class="param-name" title={schema.source}>
        {title}
        <output>{formatValue(number, unit)}</output>
      </span>
      <div class="param-inputs">
        {bounded && (
          <input
            type="range"
            aria-label={`${title}, slider`}
            min={minimum}
            max={maximum}
            step={step}
            value={number}
            onInput={(event) => change(event.currentTarget.valueAsNumber)}
          />
        )}
        <input
          type="number"
          aria-label={title}
          min={minimum}
          max={maximum}
          step="any"
          value={number}
          onChange={(event) => change(event.currentTarget.valueAsNumber)}
        />
      </div>
      <small>
        {about}
        {bounded && ` From ${minimum} to ${maximum}, normally ${formatValue(schema.default)}.`}
      </small>
    </div>
  );
}

/** About two hundred steps, of a round size. */
function stepOf(minimum: number, maximum: number): number {
  const raw = (maximum - minimum) / 200;
  if (raw <= 0) return 1;
  return Number(`1e${Math.floor(Math.log10(raw))}`);
}
