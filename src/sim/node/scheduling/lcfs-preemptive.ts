/**
 * Last come, first served, preemptive, resume: the newest work is served at once.
 *
 * Source: LCFS-PR of the BCMP networks (Baskett, Chandy, Muntz & Palacios 1975): like processor
 * sharing, its mean depends on the mean demand only.
 */
import { PreemptiveCores } from './preemptive.ts';

export class NewestFirstCores extends PreemptiveCores {
  protected rank(_priority: number, sequence: number): number {
    return -sequence;
  }
}
