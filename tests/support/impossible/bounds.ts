/** Checks that hold, or break, whatever happens in the run. */
import { mistake } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const check = (use: string, args: Loose, at: string, says: RegExp, hint: RegExp): Mistake =>
  mistake(
    `a check: ${use} ${JSON.stringify(args)}`,
    (d) => (d['checks'] = [{ id: 'law', use, args }]),
    `checks/law/args/${at}`,
    says,
    hint,
  );
const slo = (args: Loose, at: string, says: RegExp, hint: RegExp): Mistake =>
  check('slo', args, at, says, hint);
const gauge = (title: string, args: Loose, at: string, says: RegExp, hint: RegExp): Mistake =>
  check('gauge', { group: 'app', gauge: title, ...args }, at, says, hint);

const ALWAYS = /would hold whatever happens: what it bounds is from 0 to 1/;
const COUNTED = /would hold whatever happens: what it bounds is 0 or more/;
const NEVER = /would never hold whatever happens: what it bounds is from 0 to 1/;

export const ofBounds: readonly Mistake[] = [
  slo({ atLeast: 0 }, 'atLeast', ALWAYS, /a run may break/),
  slo({ atMost: 1 }, 'atMost', ALWAYS, /a run may break/),
  slo({ atLeast: 0, atMost: 1 }, 'atMost', ALWAYS, /a run may break/),
  slo({ atLeast: 99 }, 'atLeast', NEVER, /write 0.99 for 99 %/),
  slo({ atMost: 5_000 }, 'atMost', ALWAYS, /a run may break/),
  slo({ metric: 'error-count', atLeast: 0 }, 'atLeast', COUNTED, /a run may break/),
  slo({ metric: 'p99-ms', atMost: -1 }, 'atMost', /never hold.* is 0 or more/, /may keep/),
  gauge('Utilisation', { atMost: 80 }, 'atMost', ALWAYS, /write 0.8 for 80 %/),
  gauge('Utilisation', { atMost: 1 }, 'atMost', ALWAYS, /a run may break/),
  gauge('Queue', { atLeast: 0 }, 'atLeast', COUNTED, /a run may break/),
  gauge('Hit ratio', { measure: 'share', atLeast: 50 }, 'atLeast', NEVER, /write 0.5 for 50 %/),
  gauge(
    'Taken in',
    { measure: 'total', across: 'part', member: 1, atMost: 60 },
    'atMost',
    ALWAYS,
    /write 0.6 for 60 %/,
  ),
];
