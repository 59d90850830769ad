/** Jobs that come at given times to one node, and when each of them ends. */
import { ms } from 'faultline';
import type { Scheduling } from 'faultline';
import { Lab } from './lab.ts';
import type { Ctx } from './lab.ts';

export type { Scheduling } from 'faultline';
export const ALL: readonly Scheduling[] = [
  'fifo',
  'processor-sharing',
  'preemptive-priority',
  'lcfs-preemptive',
];

export interface Job {
  readonly name: string;
  readonly atMs: number;
  readonly takesMs: number;
  readonly priority?: number;
}

export interface Station {
  readonly scheduling: Scheduling;
  readonly cores?: number;
  readonly jobs: readonly Job[];
  /** What else the node does, at which millisecond; before jobs that come then. */
  readonly acts?: readonly (readonly [atMs: number, act: (ctx: Ctx) => void])[];
}

/** The jobs come by timers, armed before any work is asked for: an arrival comes before an end. */
export function stationOf({ scheduling, cores = 1, jobs, acts = [] }: Station): Lab {
  return new Lab({
    groups: [
      {
        name: 'n',
        cores,
        scheduling,
        hooks: {
          start: (ctx) => {
            if (ctx.mono() > 0) return;
            acts.forEach(([atMs], i) => ctx.setTimer('act', i, ms(atMs)));
            jobs.forEach((job, i) => ctx.setTimer('job', i, ms(job.atMs)));
          },
          timer: (ctx, _state, kind, key) => {
            if (kind === 'act') return acts[key]?.[1](ctx);
            const job = jobs[key] as Job;
            ctx.work(ms(job.takesMs), key, job.priority);
          },
        },
      },
    ],
  });
}

/** Name and time of each end, in the order in which they came. */
export function ends(lab: Lab, jobs: readonly Job[]): readonly (readonly [string, number])[] {
  return lab
    .log(0)
    .filter(([, what]) => what === 'worked')
    .map(([micros, , tag]) => [jobs[tag as number]?.name ?? '?', micros / 1_000] as const);
}

/** `A 4@0`: job A of 4 ms comes at 0 ms; `A 4@0 p1` has priority 1. */
export function jobsOf(text: string): readonly Job[] {
  return text.split(', ').map((one) => {
    const found = /^(\w+) ([\d.]+)@([\d.]+)(?: p(-?\d+))?$/.exec(one);
    if (found === null) throw new Error(`no job: ${one}`);
    const [, name = '', takes, at, priority] = found;
    const job = { name, takesMs: Number(takes), atMs: Number(at) };
    return priority === undefined ? job : { ...job, priority: Number(priority) };
  });
}
