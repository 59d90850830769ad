/** What a SWIM member may be told: memberlist's settings with the defaults of its LAN profile. */
import { over } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

const source = 'hashicorp/memberlist DefaultLANConfig';

export const swimMemberConfig = Type.Object(
  {
    probeIntervalMs: field.millis({
      about: 'The protocol period: one other member is probed in each.',
      default: 1_000,
      min: 1,
      max: 3_600_000,
      source,
    }),
    probeTimeoutMs: field.millis({
      about: 'How long it waits for an answer before it asks others to probe.',
      default: 500,
      min: 0.001,
      max: 3_600_000,
      source,
    }),
    indirectChecks: field.count({
      about: 'How many others it asks.',
      default: 3,
      max: 100,
      source,
    }),
    suspicionMult: field.number({
      about: 'A suspicion that enough share runs so many periods, times log10 of the members.',
      default: 4,
      min: 1,
      max: 100,
      unit: '',
      source,
    }),
    suspicionMaxTimeoutMult: field.number({
      about: 'A suspicion that nobody shares runs so many times longer.',
      default: 6,
      min: 1,
      max: 100,
      unit: '',
      source,
    }),
    retransmitMult: field.count({
      about: 'A member sends each update so often, times log10 of the members.',
      default: 4,
      min: 1,
      max: 100,
      source,
    }),
    gossipIntervalMs: field.millis({
      about: 'How often it sends updates apart from probes; 0: only with probes, as in SWIM.',
      default: 200,
      max: 3_600_000,
      source,
    }),
    gossipNodes: field.count({
      about: 'To how many others it sends them.',
      default: 3,
      max: 100,
      source,
    }),
    gossipToTheDeadMs: field.millis({
      about: 'For how long the dead still get updates: they may be alive and refute.',
      default: 30_000,
      max: 86_400_000,
      source,
    }),
    pushPullMs: field.millis({
      about: 'How often it exchanges its whole table with another; 0: only when it starts.',
      default: 30_000,
      max: 86_400_000,
      source,
    }),
    awarenessMaxMultiplier: field.count({
      about: 'A member in bad health probes at most so many times slower; 1: never.',
      default: 8,
      min: 1,
      max: 100,
      source,
    }),
    updatesPerPacket: field.count({
      about: 'Updates in one packet at most.',
      default: 30,
      min: 1,
      max: 10_000,
      source: 'About what fits into the 1400 bytes of a packet of memberlist',
    }),
    stagger: field.flag({
      about: 'Members start at random parts of the period; without it all probe at one moment.',
      default: true,
      source,
    }),
  },
  {
    additionalProperties: false,
    needs: [{ settings: ['gossipNodes', 'gossipToTheDeadMs'], any: [over('gossipIntervalMs')] }],
  },
);

export type SwimMemberConfig = Static<typeof swimMemberConfig>;
