/** The contracts in which a component is spoken to, then those in which it speaks to others. */
import type { AnyContract } from '../contracts/contract.ts';
import type { AnyBehaviour } from './behaviour.ts';

export const contractsOf = ({ serves, links }: AnyBehaviour): readonly AnyContract[] => [
  ...serves,
  ...Object.values(links).flatMap((link) => link.contract),
];
