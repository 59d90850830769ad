/** What a sentinel tells people: the events of Redis Sentinel (+sdown, +odown, +switch-master). */
import type { FactTable } from '../../contracts/facts.ts';
import type { SentinelFact } from '../../protocols/sentinel/effects.ts';

type Aborted = Extract<SentinelFact, { readonly type: 'sentinel.aborted' }>;

const WHY: { readonly [why in Aborted['why']]: string } = {
  'not-elected': 'it was not elected',
  'no-good-replica': 'no replica is fit to be promoted',
  'replica-timeout': 'the replica was not promoted in time',
};

export const sentinelFacts: FactTable<SentinelFact> = {
  'sentinel.s-down': {
    weight: 'minor',
    sentence: (f, nameOf) => `holds ${nameOf(f.server)} for subjectively down (+sdown)`,
  },
  'sentinel.s-up': {
    weight: 'minor',
    sentence: (f, nameOf) => `finds ${nameOf(f.server)} answering again (-sdown)`,
  },
  'sentinel.o-down': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `finds ${nameOf(f.server)} objectively down (+odown): ${f.agreed} hold it for down, ` +
      `${f.quorum} must`,
  },
  'sentinel.o-up': {
    weight: 'minor',
    sentence: (f, nameOf) => `takes ${nameOf(f.server)} for objectively down no more (-odown)`,
  },
  'sentinel.try-failover': {
    weight: 'major',
    sentence: (f) => `would lead a failover in epoch ${f.epoch}, and asks for votes`,
  },
  'sentinel.voted': {
    weight: 'minor',
    sentence: (f, nameOf) => `votes for ${nameOf(f.leader)} in epoch ${f.epoch}`,
  },
  'sentinel.elected': {
    weight: 'major',
    sentence: (f) => `leads the failover of epoch ${f.epoch}, by ${f.votes} votes`,
  },
  'sentinel.aborted': {
    weight: 'major',
    sentence: (f) => `gives up the failover of epoch ${f.epoch}: ${WHY[f.why]}`,
  },
  'sentinel.selected': {
    weight: 'major',
    sentence: (f, nameOf) => `chooses ${nameOf(f.server)}, whose log ends at ${f.offset}`,
  },
  'sentinel.promoted': {
    weight: 'major',
    sentence: (f, nameOf) => `sees that ${nameOf(f.server)} is primary: configuration ${f.epoch}`,
  },
  'sentinel.reconfigured': {
    weight: 'minor',
    sentence: (f, nameOf) => `sees that ${nameOf(f.server)} follows ${nameOf(f.primary)}`,
  },
  'sentinel.switched': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `names ${nameOf(f.to)} as primary, no more ${nameOf(f.from)} (+switch-master), ` +
      `configuration ${f.epoch}` +
      (f.by === null ? '' : `, as ${nameOf(f.by)} says`),
  },
  'sentinel.converted': {
    weight: 'major',
    sentence: (f, nameOf) =>
      f.from === 'primary'
        ? `tells ${nameOf(f.server)}, which claims to be primary, to follow ${nameOf(f.primary)}`
        : `tells ${nameOf(f.server)}, which follows another, to follow ${nameOf(f.primary)}`,
  },
  'sentinel.tilt': {
    weight: 'major',
    sentence: (f) => `does not trust its clock, which moved by ${f.jumpMillis} ms (+tilt)`,
  },
  'sentinel.tilt-over': { weight: 'major', sentence: () => 'acts again (-tilt)' },
};
