/** Faults that never strike, or strike where nothing is, and disks that nobody has. */
import { constant, groupOf, mistake } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const crash = { type: 'crash', target: 'app' };

const fault = (what: string, entry: Loose, place: string, says: RegExp, hint: RegExp): Mistake =>
  mistake(
    `a fault: ${what}`,
    (d) => Object.assign(d, { healAtMs: 50, faults: [entry] }),
    `faults/0/${place}`,
    says,
    hint,
  );
const target = (what: string, aim: unknown, place: string, says: RegExp, hint: RegExp): Mistake =>
  fault(what, { atMs: 1, fault: { type: 'crash', target: aim } }, `fault/${place}`, says, hint);
const every = (what: string, times: Loose, place: string, says: RegExp, hint: RegExp): Mistake =>
  fault(what, { every: times, fault: crash, forMs: 1 }, `every/${place}`, says, hint);

const HEALED = /never strikes: everything is undone by then/;

export const ofFaults: readonly Mistake[] = [
  fault('after the healing', { atMs: 60, fault: crash }, 'atMs', HEALED, /healAtMs is 50/),
  fault('with the healing', { atMs: 50, fault: crash }, 'atMs', HEALED, /healAtMs is 50/),
  every('all after it', { interval: constant(1), fromMs: 50 }, 'fromMs', HEALED, /is 50/),
  every(
    'that ends before it begins',
    { interval: constant(1), fromMs: 30, untilMs: 20 },
    'untilMs',
    /ends at 20 ms, before it begins/,
    /fromMs is 30/,
  ),
  every(
    'without a pause',
    { interval: constant(0) },
    'interval',
    /strike more than 100000 times/,
    /a mean of at least 0.001 ms/,
  ),
  target('an unknown zone', { zone: 'eu' }, 'target/zone', /no zone "eu"/, /choices are zone/),
  mistake(
    'a disk of what keeps nothing',
    (d) => (groupOf(d, 'app')['disk'] = { fsync: constant(1) }),
    'groups/app/disk',
    /disk changes nothing: service keeps nothing on disk/,
    /Leave it out/,
  ),
];
