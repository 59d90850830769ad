/** Unique ids: made by workers that never ask each other. */
export { ID_RULES } from './rules.ts';
export type { IdRule } from './rules.ts';
export {
  MILLIS_MAX,
  NO_ID_YET,
  SEQUENCE_BITS,
  WORKER_BITS,
  compareIds,
  idParts,
  idText,
  nextId,
} from './snowflake.ts';
export type { LastId, NextId, SnowflakeId, SnowflakeRules } from './snowflake.ts';
