/** Small pieces of Markdown, and the table of settings that a JSON schema describes. */
import type { TObject } from 'faultline';

/** Text inside a table cell. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const code = (text: string): string => `\`${text}\``;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rule = `|${head.map(() => '---').join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export const bullets = (items: readonly string[]): string =>
  items.map((item) => `- ${item}`).join('\n');

/** Joins paragraphs, leaving out the empty ones. */
export const paragraphs = (parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join('\n\n');

/** The name under which a heading is linked. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

/** What a schema says of one setting. */
interface FieldSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
  readonly const?: unknown;
  readonly description?: string;
  readonly default?: unknown;
  readonly unit?: string;
  readonly source?: string;
  /** Of a part with a language of its own: what it is called. */
  readonly shape?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: FieldSchema;
  readonly properties?: { readonly [name: string]: FieldSchema };
  readonly required?: readonly string[];
  /** Of a set of settings that many parts share: the heading of documents.md that has them. */
  readonly words?: string;
}

/** A table of the settings of a schema, or one sentence where it has none. */
export function settings(schema: TObject, without: readonly string[] = []): string {
  const rows = rowsOf(schema as FieldSchema, '', without);
  if (rows.length === 0) return 'It takes no arguments.';
  return table(['setting', 'type', 'bounds', 'default', 'meaning'], rows);
}

/** A row for each setting; those of a set within follow it, with its name before their own. */
function rowsOf(
  schema: FieldSchema,
  prefix: string,
  without: readonly string[] = [],
): readonly (readonly string[])[] {
  const required = schema.required ?? [];
  const fields = Object.entries(schema.properties ?? {});
  return fields
    .filter(([name]) => !without.includes(name))
    .flatMap(([name, field]) => {
      const row = [
        code(prefix + name),
        typeOf(field),
        boundsOf(field),
        defaultOf(field, required.includes(name)),
        meaningOf(field),
      ];
      return [row, ...withinOf(field, prefix + name)];
    });
}

function withinOf(field: FieldSchema, name: string): readonly (readonly string[])[] {
  if (field.shape !== undefined || (field.words ?? field.items?.words) !== undefined) return [];
  if (field.properties !== undefined) return rowsOf(field, `${name}.`);
  return field.items?.properties === undefined ? [] : rowsOf(field.items, `${name}[].`);
}

function meaningOf(field: FieldSchema): string {
  const words = field.words ?? field.items?.words;
  const where =
    words === undefined ? '' : `Its settings: [${words}](documents.md#${anchor(words)}).`;
  return [field.description ?? field.items?.description ?? '', where, sourceOf(field)]
    .filter((text) => text !== '')
    .join(' ');
}

function typeOf(field: FieldSchema): string {
  if (field.shape !== undefined) return field.shape;
  if (field.enum !== undefined) return field.enum.map((value) => code(String(value))).join(', ');
  if (field.anyOf !== undefined) return unionOf(field.anyOf);
  const { unit = '' } = field;
  const measured = unit === '' || unit === 'count' ? '' : ` (${unit})`;
  const names: Record<string, string> = {
    boolean: 'yes or no',
    integer: 'whole number',
    string: 'text',
  };
  // What has no schema of its own is a set of arguments, or a selector.
  if (field.type === undefined) return typeof field.default === 'object' ? 'arguments' : 'selector';
  if (field.properties !== undefined) return 'settings';
  if (field.items?.properties !== undefined) return 'list of settings';
  if (field.items !== undefined) return `list of ${manyOf(field.items)}`;
  return `${names[field.type] ?? field.type}${measured}`;
}

/** The plural of a type: the unit comes after it, and of several each has its own. */
function manyOf(field: FieldSchema): string {
  if (field.enum !== undefined) return typeOf(field);
  if (field.anyOf !== undefined && unionOf(field.anyOf) !== 'distribution') {
    return field.anyOf.map(manyOf).join(' or ');
  }
  if (field.type === 'boolean' || field.type === 'null') return unionOf([field]);
  const [, noun = '', unit = ''] = /^(.*?)( \(.*\))?$/.exec(typeOf(field)) ?? [];
  if (noun.startsWith('list of ')) return `lists of ${noun.slice('list of '.length)}${unit}`;
  return `${noun.endsWith('s') ? noun : `${noun}s`}${unit}`;
}

function unionOf(parts: readonly FieldSchema[]): string {
  const kinds = parts.map((part) => part.properties?.['kind']?.const);
  if (kinds.every((kind) => kind !== undefined)) return 'distribution';
  return parts.map((part) => (part.type === 'null' ? 'none' : typeOf(part))).join(' or ');
}

function boundsOf(field: FieldSchema): string {
  if (field.exclusiveMinimum !== undefined) return `more than ${field.exclusiveMinimum}`;
  const { minimum, maximum } = field;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `from ${minimum}`;
  return maximum === undefined ? '' : `up to ${maximum}`;
}

function defaultOf(field: FieldSchema, isRequired: boolean): string {
  if (field.default === undefined) return isRequired ? 'must be given' : 'left out';
  const value = field.default;
  if (value === null || value === '') return 'none';
  if (Array.isArray(value) && value.length === 0) return 'none';
  if (typeof value === 'object' && Object.keys(value).length === 0) return 'theirs';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return code(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

const sourceOf = (field: FieldSchema): string =>
  field.source === undefined ? '' : `Source: ${field.source}.`;
