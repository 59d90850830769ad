/** A page without a document: controller and host joined by a queue that the test turns. */
import { Controller } from '../../../src/viz/state/controller.ts';
import { createAppStore } from '../../../src/viz/state/store.ts';
import type { Engine } from '../../../src/viz/worker/engine-port.ts';
import { EngineHost } from '../../../src/viz/worker/host.ts';
import type { FromWorker, ToWorker } from '../../../src/viz/worker/protocol.ts';

export interface Harness {
  readonly controller: Controller;
  readonly sent: ToWorker[];
  readonly received: FromWorker[];
  readonly addresses: string[];
  /** Lets messages and slices pass until nothing is left to do. */
  settle(): void;
  /** A frame of the page, so many milliseconds after the last. */
  frame(elapsedMs: number): boolean;
}

const TURNS_MAX = 20_000;

export function harness(engine: Engine): Harness {
  const sent: ToWorker[] = [];
  const received: FromWorker[] = [];
  const addresses: string[] = [];
  const toHost: ToWorker[] = [];
  const toPage: FromWorker[] = [];
  const work: (() => void)[] = [];
  let nowMs = 0;
  const host = new EngineHost(engine, {
    post: (message) => toPage.push(message),
    later: (job) => work.push(job),
    now: () => 0,
  });
  const controller = new Controller(createAppStore('dark', false), {
    post: (message) => {
      sent.push(message);
      toHost.push(message);
    },
    setAddress: (link) => addresses.push(link),
    redraw: () => {},
    now: () => nowMs,
  });
  const settle = () => {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const message = toHost.shift();
      if (message !== undefined) {
        host.handle(message);
        continue;
      }
      if (toPage.length > 0) {
        const batch = toPage.splice(0);
        received.push(...batch);
        for (const one of batch) controller.receive(one);
        controller.receiveBatch(batch);
        continue;
      }
      const job = work.shift();
      if (job === undefined) return;
      job();
    }
    throw new Error('The page and the engine never came to rest.');
  };
  return {
    controller,
    sent,
    received,
    addresses,
    settle,
    frame: (elapsedMs) => {
      nowMs += elapsedMs;
      const drew = controller.tick(elapsedMs);
      settle();
      return drew;
    },
  };
}
