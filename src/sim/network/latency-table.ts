/**
 * How far places are from one another, unless a plan says otherwise.
 *
 * Source: round-trip times between AWS regions as published in 2017 (average ping, milliseconds);
 * inside a region, 0.25 ms (least, same zone) to 3.37 ms (most, between zones), published 2020.
 * One way is taken as half of the round trip; both ways of a pair are its mean. Pairs that were
 * not published are null, and use the other way's figure where that exists.
 */
const REGIONS = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'sa-east-1',
] as const;

/** Round trips in milliseconds, row = from, column = to, in the order of REGIONS. */
const ROUND_TRIP_MS: readonly (readonly (number | null)[] | null)[] = [
  [0, 72.74, 86.98, 80.55, 88.66, 145.3, 178.4, 216.7, 230, 119.5],
  [71.63, 0, 19.46, 153.2, 166.6, 102.5, 131.5, 174, 157.5, 192.7],
  [88.68, 19.2, 0, 137, 159.5, 89.1, 118.3, 161.4, 162.2, 182.7],
  [80.52, 153.2, 137, 0, 19.56, 212.4, 242.4, 239, 309.6, 191.3],
  [88.62, 166.6, 159.5, 19.55, 0, 236.5, 266.2, 325.9, 323.5, 194.9],
  [145.3, 102.5, 89.16, 212.4, 236.6, 0, 31.44, 73.79, 103.9, 256.8],
  [176.6, 132.6, 118.2, 242.4, 265.3, 31.32, 0, 71.87, 134, 286.3],
  [216.7, 173.9, 161.4, 238.1, 325.9, 73.81, 71.29, 0, 175.3, 328.1],
  [229.7, 157.8, 161.9, 309.6, 323.2, 103.9, 134, 175.4, 0, 322.5],
  null,
];

/** One-way latency inside one zone, in milliseconds: half of a 0.5 ms round trip. */
export const SAME_ZONE_MS = 0.25;
/** One-way latency between zones of a region: half of a 1.5 ms round trip. */
export const CROSS_ZONE_MS = 0.75;
/** One-way latency between regions that the table does not know. */
export const UNKNOWN_REGIONS_MS = 50;
/** Each packet's time is drawn from this share of the table's value upwards and downwards. */
export const JITTER_SHARE = 0.1;

/** One-way milliseconds between two named regions. */
export function betweenRegionsMs(a: string, b: string): number {
  if (a === b) return CROSS_ZONE_MS;
  const i = REGIONS.findIndex((r) => r === a);
  const j = REGIONS.findIndex((r) => r === b);
  const there = ROUND_TRIP_MS[i]?.[j] ?? ROUND_TRIP_MS[j]?.[i] ?? null;
  const back = ROUND_TRIP_MS[j]?.[i] ?? there;
  if (there === null || back === null) return UNKNOWN_REGIONS_MS;
  return (there + back) / 4;
}
