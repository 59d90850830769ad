/**
 * The stream from the engine to the page's state: every message reaches `now` at once (the canvas
 * needs its chunks), and the store hears of them in batches, at most ten a second.
 */
import { Observable, buffer, filter, share, throttleTime } from 'rxjs';
import type { EngineLink } from '../worker/connect.ts';
import type { FromWorker } from '../worker/protocol.ts';

export const BATCH_MS = 100;

export interface StreamHandlers {
  readonly now: (message: FromWorker) => void;
  readonly batch: (messages: readonly FromWorker[]) => void;
  readonly broken: (reason: string) => void;
}

/** Subscribes the page to the engine; returns how to stop. */
export function streamMessages(link: EngineLink, handlers: StreamHandlers): () => void {
  const source = new Observable<FromWorker>((subscriber) => {
    link.subscribe({
      message: (message) => subscriber.next(message),
      broken: (reason) => subscriber.error(new Error(reason)),
    });
    return () => link.close();
  });
  return batched(source, handlers);
}

/** The first message of a quiet time goes through at once, those that follow wait for company. */
export function batched(source: Observable<FromWorker>, handlers: StreamHandlers): () => void {
  const messages = source.pipe(share());
  const beat = messages.pipe(throttleTime(BATCH_MS, undefined, { leading: true, trailing: true }));
  const batches = messages.pipe(
    buffer(beat),
    filter((batch) => batch.length > 0),
  );
  const onError = (error: unknown) => handlers.broken(String((error as Error).message));
  // Order matters: a chunk is on the timeline before the store hears of it.
  const early = messages.subscribe({ next: handlers.now, error: () => {} });
  const late = batches.subscribe({ next: handlers.batch, error: onError });
  return () => {
    late.unsubscribe();
    early.unsubscribe();
  };
}
