/** What is planned for after the end of the run, or of the load, and lists with nothing in them. */
import { config, mistake, of } from './sound.ts';
import type { Mistake } from './sound.ts';

const steps = (ms: number) => [{ title: 'Late', text: 'Nobody sees it.', at: { ms } }];
const ramp = {
  kind: 'ramp',
  startRatePerSecond: 10,
  endRatePerSecond: 50,
  fromMs: 40,
  untilMs: 80,
};

export const ofBeyond: readonly Mistake[] = [
  mistake(
    'a healing after the end',
    (d) => (d['healAtMs'] = 101),
    'healAtMs',
    /over before everything is undone/,
    /durationMs is 100: heal before, or leave healAtMs out/,
  ),
  mistake(
    'a story that goes on after the end',
    (d) => (d['story'] = steps(101)),
    'story/0/at/ms',
    /over before this step of the story is told/,
    /durationMs is 100/,
  ),
  of(
    'balancer',
    'health checks less often than once a run',
    { healthCheck: { enabled: true, interMs: 101 } },
    'healthCheck/interMs',
    /over before a backend is asked a second time/,
    /durationMs is 100: give less/,
  ),
  of(
    'users',
    'a ramp after the load has ended',
    { stopMs: 30, arrivals: ramp },
    'arrivals/fromMs',
    /The ramp changes nothing: the load is over after 30 ms/,
    /begin before stopMs/,
  ),
  of(
    'balancer',
    'one weight for all',
    { call: { balance: { policy: 'weighted-random', weights: [3] } } },
    'call/balance/weights',
    /weights changes nothing: one of them is that of all 2 members/,
    /its own, 2 in all, or leave the weights out/,
  ),
  mistake(
    'an empty list of steps',
    (d) => (config(d, 'app')['steps'] = []),
    'groups/app/config/steps',
    /The list of steps is empty: the service calls nobody/,
    /to: prices, or in: prices/,
  ),
];
