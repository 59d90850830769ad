/** The disciplines by which work shares a node's cores: an explicit list. */
import type { Cpu } from '../cpu.ts';
import { FifoCores } from './fifo.ts';
import { NewestFirstCores } from './lcfs-preemptive.ts';
import { PriorityCores } from './preemptive-priority.ts';
import { SharingCores } from './processor-sharing.ts';

export const SCHEDULINGS = [
  'fifo',
  'processor-sharing',
  'preemptive-priority',
  'lcfs-preemptive',
] as const;
export type Scheduling = (typeof SCHEDULINGS)[number];

export function makeCpu(scheduling: Scheduling, cores: number): Cpu {
  switch (scheduling) {
    case 'fifo':
      return new FifoCores(cores);
    case 'processor-sharing':
      return new SharingCores(cores);
    case 'preemptive-priority':
      return new PriorityCores(cores);
    case 'lcfs-preemptive':
      return new NewestFirstCores(cores);
  }
}
