/** Logical clocks: what happened before what, without and with the help of wall clocks. */
export { HYBRID_ZERO, compareHybrid, hybridReceive, hybridTick, isHybridTooFar } from './hybrid.ts';
export type { HybridTime } from './hybrid.ts';
export { compareLamport, lamportReceive, lamportTick } from './lamport.ts';
export type { LamportTime } from './lamport.ts';
export {
  NO_VERSIONS,
  compareVersions,
  countIn,
  descends,
  increment,
  merge,
  receiveVersions,
} from './version-vector.ts';
export type { VersionOrder, VersionVector } from './version-vector.ts';
