/**
 * The rules of a causal store that can be switched off, one by one, to see what each is for.
 *
 * `CAUSAL_RULES` is what a person reads and what `--off` names; `CausalRules` is the same set as
 * booleans, resolved once when a node is built.
 */

export type CausalAblation =
  | 'causal.dependency-check'
  | 'causal.last-writer-wins'
  | 'causal.clock-advance'
  | 'causal.resend'
  | 'causal.persist-before-reply';

export interface CausalRule {
  readonly id: CausalAblation;
  /** What the rule says, in one sentence. */
  readonly rule: string;
  /** What can be observed once it is off. */
  readonly breaks: string;
  readonly source: string;
}

export const CAUSAL_RULES: readonly CausalRule[] = [
  {
    id: 'causal.dependency-check',
    rule: 'A write from elsewhere is held back until all that it depends on is applied here.',
    breaks: 'Causality: an answer is seen where its question is not.',
    source: 'COPS 4.3: dep_check',
  },
  {
    id: 'causal.last-writer-wins',
    rule: 'Of two versions of a key the one with the later stamp stays; ties go by node.',
    breaks: 'Convergence: concurrent writes leave different values at different places, for good.',
    source: 'COPS 3.3 and 4.3: convergent conflict handling; Thomas (1979)',
  },
  {
    id: 'causal.clock-advance',
    rule: 'The Lamport clock of a node passes every stamp that it applies.',
    breaks: 'Read your writes: a write that replaces a newer stamp loses against what it replaced.',
    source: 'Lamport (1978), IR2; COPS 4.3',
  },
  {
    id: 'causal.resend',
    rule: 'A write is sent again until each of the others has said that it is applied.',
    breaks: 'Convergence: what is lost on the way is missing there, and all that depends on it.',
    source: 'COPS 4.3: replication is reliable, across failures of links',
  },
  {
    id: 'causal.persist-before-reply',
    rule: 'A write is answered, shown and sent on only once it is on disk.',
    breaks: 'Durability: a crash takes back what clients were told and others may have seen.',
    source: 'COPS 4.1: each datacentre is linearizable, and does not lose what it answered',
  },
];

export interface CausalRules {
  readonly dependencyCheck: boolean;
  readonly lastWriterWins: boolean;
  readonly clockAdvance: boolean;
  readonly resend: boolean;
  readonly persistBeforeReply: boolean;
}

export function causalRules(off: readonly string[]): CausalRules {
  return Object.freeze({
    dependencyCheck: !off.includes('causal.dependency-check'),
    lastWriterWins: !off.includes('causal.last-writer-wins'),
    clockAdvance: !off.includes('causal.clock-advance'),
    resend: !off.includes('causal.resend'),
    persistBeforeReply: !off.includes('causal.persist-before-reply'),
  });
}
