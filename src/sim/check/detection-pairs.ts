/**
 * What a failure detector did right and wrong, by pairs of who watches and who is watched.
 *
 * A member that has crashed should be suspected, one that has not should not: also one that stands
 * still or cannot be reached lives, and suspecting it is a mistake. A crash is detected when the
 * suspicion begins that lasts until the member is back; one that was suspected already is detected
 * at once. From a restart to the first heartbeat a suspicion is neither right nor a mistake. What a
 * monitor believed ends when it crashes itself.
 *
 * Invariant: a pair is judged only while both run, and since its monitor first heard of its member.
 *
 * Source: Chen, Toueg, Aguilera, On the Quality of Service of Failure Detectors (DSN 2000)
 */
import type { Fact, FactRecord, NodeFact } from '../contracts/facts.ts';
import type { DetectorFact } from '../components/failure-monitor/failure-monitor.ts';

export type DetectionFact = DetectorFact | NodeFact;

export interface Span {
  readonly fromMicros: number;
  readonly untilMicros: number;
}

/** One crash, as one monitor saw it. */
export interface Detection {
  readonly monitor: number;
  readonly member: number;
  /** From the crash to the suspicion; if there was none, as long as it had time for one. */
  readonly tookMicros: number;
  readonly isDetected: boolean;
  /** The run ended before anybody could say that it would not be detected. */
  readonly isOpen: boolean;
  /** The crash, and the suspicion. */
  readonly evidence: readonly number[];
}

export interface Mistake {
  readonly monitor: number;
  readonly member: number;
  readonly atMicros: number;
  readonly event: number;
  /** How long it lasted, within the window. */
  readonly micros: number;
}

interface Moment {
  readonly atMicros: number;
  readonly event: number;
}

interface Pair {
  readonly monitor: number;
  readonly member: number;
  readonly isSuspected: boolean;
  /** Since when both run and the member is watched; null: it is down. */
  readonly livesMicros: number | null;
  /** Of the mistake that goes on. */
  readonly mistake: Moment | null;
  readonly crash: Moment | null;
  /** Of the suspicion that holds since the crash, or from before it. */
  readonly detected: Moment | null;
}

export interface PairsImage {
  readonly pairs: readonly (readonly [string, Pair])[];
  readonly detections: readonly Detection[];
  readonly mistakes: readonly Mistake[];
  readonly livedMicros: number;
}

const ENDS: readonly string[] = ['node.crashed', 'node.exited', 'node.killed', 'node.retired'];

export class DetectionPairs {
  readonly #window: Span;
  /** Who is a monitor that counts. */
  readonly #isMonitor: (node: number) => boolean;
  #pairs = new Map<string, Pair>();
  #detections: readonly Detection[] = [];
  #mistakes: readonly Mistake[] = [];
  /** Of all pairs together, the time within the window in which the member lived. */
  #livedMicros = 0;

  constructor(window: Span, isMonitor: (node: number) => boolean) {
    this.#window = window;
    this.#isMonitor = isMonitor;
  }

  get detections(): readonly Detection[] {
    return this.#detections;
  }
  /** Those that are over, in the order in which they ended. */
  get mistakes(): readonly Mistake[] {
    return this.#mistakes;
  }
  get livedMicros(): number {
    return this.#livedMicros;
  }

  /** Returns the mistake that begins with it, if one does. */
  on(record: FactRecord<DetectionFact>): Pair | null {
    const { fact, node } = record;
    if (ENDS.includes(fact.type)) this.#ended(record);
    else if (fact.type === 'node.started') this.#started(record);
    if (!('node' in fact) || !this.#isMonitor(node)) return null;
    const key = `${node}/${fact.node}`;
    const pair = this.#pairs.get(key);
    if (pair === undefined) {
      if (fact.type === 'detector.watching') this.#pairs.set(key, fresh(node, fact.node, record));
      return null;
    }
    if (fact.type === 'detector.suspected') return this.#suspected(key, pair, record);
    if (fact.type === 'detector.trusted') this.#trusted(key, pair, record);
    return null;
  }

  #suspected(key: string, pair: Pair, { atMicros, event }: FactRecord): Pair | null {
    const moment = { atMicros, event };
    const isMistake = pair.crash === null && pair.livesMicros !== null;
    const next: Pair = {
      ...pair,
      isSuspected: true,
      mistake: isMistake ? moment : null,
      detected: pair.crash === null ? null : moment,
    };
    this.#pairs.set(key, next);
    return isMistake && this.#isWithin(atMicros) ? next : null;
  }

  #trusted(key: string, pair: Pair, { atMicros }: FactRecord): void {
    this.#endMistake(pair, atMicros);
    this.#pairs.set(key, { ...pair, isSuspected: false, mistake: null, detected: null });
  }

  #ended(record: FactRecord): void {
    const { node, atMicros, event } = record;
    for (const [key, pair] of this.#pairs) {
      if (pair.monitor === node) {
        this.#close(pair, atMicros);
        this.#pairs.delete(key);
      } else if (pair.member === node && pair.crash === null) {
        this.#endLife(pair, atMicros);
        const crash = { atMicros, event };
        const detected = pair.isSuspected ? crash : null;
        this.#pairs.set(key, { ...pair, livesMicros: null, mistake: null, crash, detected });
      }
    }
  }

  #started({ node, atMicros }: FactRecord): void {
    for (const [key, pair] of this.#pairs) {
      if (pair.member !== node || pair.crash === null) continue;
      this.#endCrash(pair, atMicros);
      this.#pairs.set(key, { ...pair, livesMicros: atMicros, crash: null, detected: null });
    }
  }

  /** What goes on is judged as far as it has come. */
  close(atMicros: number): void {
    for (const [, pair] of this.#pairs) this.#close(pair, atMicros, true);
    this.#pairs = new Map();
  }

  #close(pair: Pair, atMicros: number, isEnd = false): void {
    if (pair.crash !== null) this.#endCrash(pair, atMicros, isEnd);
    else this.#endLife(pair, atMicros);
  }

  #endLife(pair: Pair, atMicros: number): void {
    this.#endMistake(pair, atMicros);
    if (pair.livesMicros !== null) this.#livedMicros += this.#within(pair.livesMicros, atMicros);
  }

  #endMistake({ mistake, monitor, member }: Pair, untilMicros: number): void {
    if (mistake === null || !this.#isWithin(mistake.atMicros)) return;
    const micros = this.#within(mistake.atMicros, untilMicros);
    this.#mistakes = [...this.#mistakes, { monitor, member, ...mistake, micros }];
  }

  #endCrash({ crash, detected, monitor, member }: Pair, untilMicros: number, isEnd = false): void {
    if (crash === null || !this.#isWithin(crash.atMicros)) return;
    const evidence = detected === null ? [crash.event] : [crash.event, detected.event];
    const tookMicros = (detected?.atMicros ?? untilMicros) - crash.atMicros;
    const seen = { isDetected: detected !== null, isOpen: isEnd && detected === null };
    this.#detections = [
      ...this.#detections,
      { monitor, member, tookMicros, ...seen, evidence: [...new Set(evidence)] },
    ];
  }

  #isWithin(micros: number): boolean {
    return micros >= this.#window.fromMicros && micros <= this.#window.untilMicros;
  }

  #within(fromMicros: number, untilMicros: number): number {
    const from = Math.max(fromMicros, this.#window.fromMicros);
    return Math.max(0, Math.min(untilMicros, this.#window.untilMicros) - from);
  }

  save(): PairsImage {
    return {
      pairs: [...this.#pairs],
      detections: this.#detections,
      mistakes: this.#mistakes,
      livedMicros: this.#livedMicros,
    };
  }

  restore(image: PairsImage): void {
    this.#pairs = new Map(image.pairs);
    this.#detections = image.detections;
    this.#mistakes = image.mistakes;
    this.#livedMicros = image.livedMicros;
  }
}

const fresh = (monitor: number, member: number, { atMicros }: FactRecord<Fact>): Pair => ({
  monitor,
  member,
  isSuspected: false,
  livesMicros: atMicros,
  mistake: null,
  crash: null,
  detected: null,
});
