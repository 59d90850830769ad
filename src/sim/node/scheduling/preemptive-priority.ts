/**
 * Preemptive priority, resume: the most important work is served, the smaller number first; of
 * equal ones, first come, first served.
 *
 * Source: the M/M/1 station with preemptive-resume priorities (Cobham 1954, White & Christie 1958).
 */
import { PreemptiveCores } from './preemptive.ts';

export class PriorityCores extends PreemptiveCores {
  protected rank(priority: number): number {
    return priority;
  }
}
