/** The rules of SWIM that can be switched off, to see what each of them is for. */

export type SwimAblation =
  'swim.suspicion' | 'swim.refutation' | 'swim.indirect-probes' | 'swim.round-robin';

export interface SwimRule {
  readonly id: SwimAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const SWIM_RULES: readonly SwimRule[] = [
  {
    id: 'swim.suspicion',
    rule: 'A member that does not answer is suspected for a while before it is declared dead.',
    breaks: 'A pause or a few lost packets are enough to be declared dead.',
    source: 'SWIM (DSN 2002), 4.2',
  },
  {
    id: 'swim.refutation',
    rule: 'A member that hears that it is suspected says that it lives, with a new incarnation.',
    breaks: 'Whoever is suspected once is declared dead, although it answers.',
    source: 'SWIM (DSN 2002), 4.2',
  },
  {
    id: 'swim.indirect-probes',
    rule: 'Before a member is suspected others are asked to ping it.',
    breaks: 'One bad link makes its two ends suspect each other again and again.',
    source: 'SWIM (DSN 2002), 3.1',
  },
  {
    id: 'swim.round-robin',
    rule: 'Members are probed in turn, in an order that is shuffled after each pass.',
    breaks: 'With a random choice a dead member may go unprobed by some for any time.',
    source: 'SWIM (DSN 2002), 4.3',
  },
];

export interface SwimRules {
  readonly suspicion: boolean;
  readonly refutation: boolean;
  readonly indirectProbes: boolean;
  readonly roundRobin: boolean;
}

export const swimRules = (ablations: readonly string[]): SwimRules => ({
  suspicion: !ablations.includes('swim.suspicion'),
  refutation: !ablations.includes('swim.refutation'),
  indirectProbes: !ablations.includes('swim.indirect-probes'),
  roundRobin: !ablations.includes('swim.round-robin'),
});
