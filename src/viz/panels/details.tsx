/** The inspector's tables and fields, as a component's painter tells them. */
import type { ComponentChildren } from 'preact';
import type { Detail, DetailCell, DetailField } from '../painters/detail.ts';
import { formatValue } from '../state/format.ts';
import { Empty, Gloss } from './parts.tsx';

export function Details({ details }: { details: readonly Detail[] }) {
  return (
    <>
      {details.map((detail, i) => (
        <Part key={i} detail={detail} />
      ))}
    </>
  );
}

export function Field({
  label,
  value,
  unit,
  word,
}: Omit<DetailField, 'value'> & { value: unknown }) {
  return (
    <div>
      <dt>{word === undefined ? label : <Gloss word={word}>{label}</Gloss>}</dt>
      <dd>{formatValue(value, unit ?? '')}</dd>
    </div>
  );
}

function Part({ detail }: { detail: Detail }) {
  return (
    <>
      {detail.title !== undefined && (
        <h3>
          {detail.word === undefined ? (
            detail.title
          ) : (
            <Gloss word={detail.word}>{detail.title}</Gloss>
          )}
        </h3>
      )}
      <Body detail={detail} />
    </>
  );
}

function Body({ detail }: { detail: Detail }): ComponentChildren {
  switch (detail.kind) {
    case 'fields':
      return (
        <dl class="fields">
          {detail.fields.map((field) => (
            <Field key={field.label} {...field} />
          ))}
        </dl>
      );
    case 'outcomes':
      return (
        <ul class="recent">
          {detail.items.map((item, i) => (
            <li key={i} class={`outcome outcome-${item.outcome}`}>
              {item.label}: {item.outcome}
            </li>
          ))}
        </ul>
      );
    case 'table':
      return detail.rows.length === 0 ? (
        <Empty>{detail.empty ?? 'There is none.'}</Empty>
      ) : (
        <table class="table">
          <thead>
            <tr>
              {detail.head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {detail.rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, column) => (
                  <td key={column}>
                    <Cell cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
  }
}

function Cell({ cell }: { cell: DetailCell }) {
  if (typeof cell !== 'object') return <>{cell}</>;
  return (
    <span class="term-chip" style={`background: var(--term-${(cell.term + 7) % 8})`}>
      {cell.term}
    </span>
  );
}
