/** Every benchmark, in the order in which they run. */
import type { Benchmark } from './benchmark.ts';
import { cancel } from './cancel.ts';
import { checkpoints } from './checkpoints.ts';
import { hold } from './hold.ts';
import { messaging } from './messaging.ts';
import { pingPong } from './ping-pong.ts';
import { raft } from './raft.ts';
import { requestPath } from './request-path.ts';
import { seek } from './seek.ts';
import { service } from './service.ts';

export const benchmarks: readonly Benchmark[] = [
  hold,
  cancel,
  pingPong,
  raft,
  service,
  requestPath,
  messaging,
  checkpoints,
  seek,
];
