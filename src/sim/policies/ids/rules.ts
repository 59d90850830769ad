/** The rules of making ids that can be switched off, to see what each of them is for. */
export interface IdRule {
  readonly id: 'ids.clock-guard';
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const ID_RULES: readonly IdRule[] = [
  {
    id: 'ids.clock-guard',
    rule: 'While the clock shows less than it did at the last id, no id is made.',
    breaks: 'After the clock of a worker was set back, ids that it has given out come again.',
    source: 'Twitter snowflake, IdWorker.scala: "Clock moved backwards. Refusing to generate id"',
  },
];
