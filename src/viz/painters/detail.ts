/** What the inspector tells of a node, as data: fields, tables and lists, in their order. */
export interface DetailField {
  readonly label: string;
  readonly value: string | number | boolean | null;
  readonly unit?: string;
  /** A word of the glossary that explains the label. */
  readonly word?: string;
}

/** A cell of a table; a term stands on its own colour. */
export type DetailCell = string | number | { readonly term: number };

interface Titled {
  readonly title?: string;
  readonly word?: string;
}

export type Detail =
  | (Titled & { readonly kind: 'fields'; readonly fields: readonly DetailField[] })
  | (Titled & {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly DetailCell[])[];
      /** Said where there is no row. */
      readonly empty?: string;
    })
  | (Titled & {
      readonly kind: 'outcomes';
      readonly items: readonly {
        readonly label: string;
        readonly outcome: 'ok' | 'fail' | 'unknown';
      }[];
    });
