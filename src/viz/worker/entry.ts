/** The worker's script: hosts the engine and passes messages through. */
import { engine } from './engine.ts';
import { EngineHost } from './host.ts';
import type { ToWorker } from './protocol.ts';

/** What this script uses of the worker's global scope. */
interface WorkerScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void;
}
const scope = globalThis as unknown as WorkerScope;

// A channel to itself comes back sooner than a timer, whose nesting is clamped to 4 ms.
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

const host = new EngineHost(engine, {
  post: (message, transfer) => scope.postMessage(message, transfer),
  later: (work) => {
    waiting.push(work);
    channel.port2.postMessage(null);
  },
  now: () => performance.now(),
});

scope.addEventListener('message', (event) => host.handle(event.data));
