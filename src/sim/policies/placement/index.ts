/** Where replicas go. */
export { placeReplicas } from './striped.ts';
export type { PlacedBroker, Placement } from './striped.ts';
