/**
 * The shape of each kind of message, as data: drawn on the map, in its legend and in texts, so
 * that a kind is told by its shape and not by its colour alone.
 */
import type { FlightKind } from '../../sim/index.ts';

export type FlightShape =
  'disc' | 'bowtie' | 'square' | 'diamond' | 'triangle' | 'ring' | 'plus' | 'chevron' | 'arrows';

export const SHAPES: { readonly [K in FlightKind]: FlightShape } = {
  request: 'disc',
  retry: 'bowtie',
  hedge: 'arrows',
  response: 'square',
  replication: 'diamond',
  acknowledgement: 'chevron',
  vote: 'triangle',
  heartbeat: 'ring',
  control: 'plus',
};

export const KIND_NAMES: { readonly [K in FlightKind]: string } = {
  request: 'request',
  retry: 'retry',
  hedge: 'hedge',
  response: 'response',
  replication: 'replication',
  acknowledgement: 'acknowledgement',
  vote: 'vote',
  heartbeat: 'heartbeat',
  control: 'control',
};

/** Corners in units of the shape's radius; a disc and a ring have none. */
export const OUTLINES: { readonly [S in FlightShape]: readonly number[] | null } = {
  disc: null,
  ring: null,
  bowtie: [-1.15, -0.95, 0, -0.3, 1.15, -0.95, 1.15, 0.95, 0, 0.3, -1.15, 0.95],
  arrows: [-1.3, -1.05, 0, -0.2, 0, -1.05, 1.3, 0, 0, 1.05, 0, 0.2, -1.3, 1.05],
  square: [-0.85, -0.85, 0.85, -0.85, 0.85, 0.85, -0.85, 0.85],
  diamond: [0, -1.2, 1.2, 0, 0, 1.2, -1.2, 0],
  triangle: [0, -1.15, 1.1, 0.85, -1.1, 0.85],
  plus: [
    -0.4, -1.1, 0.4, -1.1, 0.4, -0.4, 1.1, -0.4, 1.1, 0.4, 0.4, 0.4, 0.4, 1.1, -0.4, 1.1, -0.4, 0.4,
    -1.1, 0.4, -1.1, -0.4, -0.4, -0.4,
  ],
  chevron: [-1.1, -0.3, -0.3, 0.5, 1.1, -1, 1.1, 0.1, -0.3, 1.3, -1.1, 0.6],
};
