/**
 * The page's end of the wire: the engine in a worker, or (with `?worker=0`) on this thread.
 */
import type { FromWorker, ToWorker } from './protocol.ts';

export interface EngineLink {
  post(message: ToWorker): void;
  /** Called with each message; the second kind is a worker that died. */
  subscribe(handlers: {
    readonly message: (message: FromWorker) => void;
    readonly broken: (reason: string) => void;
  }): void;
  close(): void;
}

export function connectWorker(): EngineLink {
  const worker = new Worker(new URL('./entry.ts', import.meta.url), {
    type: 'module',
    name: 'faultline-engine',
  });
  return {
    post: (message) => worker.postMessage(message),
    subscribe: ({ message, broken }) => {
      worker.addEventListener('message', (event: MessageEvent<FromWorker>) => message(event.data));
      worker.addEventListener('error', (event) => {
        broken(event.message === '' ? 'The engine could not be loaded.' : event.message);
      });
      worker.addEventListener('messageerror', () => broken('A message could not be read.'));
    },
    close: () => worker.terminate(),
  };
}

/** The same host without a thread of its own: for browsers and debuggers that need it. */
export async function connectInPage(): Promise<EngineLink> {
  const [{ EngineHost }, { engine }] = await Promise.all([
    import('./host.ts'),
    import('./engine.ts'),
  ]);
  let receive: (message: FromWorker) => void = () => {};
  let open = true;
  const host = new EngineHost(engine, {
    post: (message) => {
      // As with a worker, the answer comes after the caller has returned.
      queueMicrotask(() => {
        if (open) receive(message);
      });
    },
    later: (work) => {
      setTimeout(() => {
        if (open) work();
      }, 0);
    },
    now: () => performance.now(),
  });
  return {
    post: (message) => host.handle(message),
    subscribe: (handlers) => {
      receive = handlers.message;
    },
    close: () => {
      open = false;
    },
  };
}
