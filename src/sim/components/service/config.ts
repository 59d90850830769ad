/** What a service may be told: what it does for a request, whom it lets in, how it calls others. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { admissionSchema } from '../../traffic/admission.ts';
import { over, word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { callPolicySchema } from '../../traffic/call-policy.ts';
import { CALL_NEEDS } from '../../traffic/call-needs.ts';
import type { Step } from './steps.ts';

const strict = { additionalProperties: false } as const;
const steps = (description: string) =>
  Type.Unsafe<readonly Step[]>(
    Type.Array(Type.Any({ shape: 'step', description: 'A step.' }), { default: [], description }),
  );

const GC_NEEDS: readonly Need[] = [
  { settings: ['pauseMs'], any: [over('everyMs')] },
  { settings: ['everyMs'], any: [over('pauseMs')] },
];
const MEMORY_NEEDS: readonly Need[] = [
  { settings: ['baseMb', 'perRequestMb', 'restartMs'], any: [over('limitMb')] },
  { settings: ['limitMb'], any: [over('perRequestMb')] },
];
const SHUTDOWN_NEEDS: readonly Need[] = [
  { settings: ['newRequests', 'timeoutMs'], any: [word('mode', 'graceful')] },
];

export const serviceConfig = Type.Object(
  {
    steps: steps(
      'What it does for a request, in turn; of every route that `routes` does not name.',
    ),
    routes: Type.Array(
      Type.Object(
        {
          route: Type.String({ minLength: 1, description: 'As requests name it.' }),
          steps: steps('What it does for a request of this route.'),
        },
        strict,
      ),
      {
        default: [],
        description:
          'Routes with steps of their own; somebody must ask for each. What is asked beside them ' +
          'is answered by `steps`, or, where there are none, refused before the run.',
      },
    ),
    upstreams: Type.Array(
      Type.Object(
        {
          to: Type.String({ minLength: 1, description: 'The role of a link.' }),
          ...callPolicySchema.properties,
        },
        { ...strict, words: 'Calls', needs: CALL_NEEDS },
      ),
      { default: [], description: 'How it calls the groups of its links.' },
    ),
    admission: admissionSchema,
    requestTimeoutMs: field.millis({
      about: 'It answers with 504 when a request takes longer, and works on; 0: never.',
      default: 0,
      max: 3_600_000,
    }),
    propagateDeadline: field.flag({
      about: 'Give a request up between two steps when whoever asked no longer waits.',
      default: false,
    }),
    gc: Type.Object(
      {
        everyMs: field.millis({ about: 'The mean time between pauses; 0: none.', default: 0 }),
        pauseMs: field.millis({ about: 'How long everything stands still.', default: 50 }),
      },
      { ...strict, default: {}, description: 'Pauses of a garbage collector.', needs: GC_NEEDS },
    ),
    memory: Type.Object(
      {
        baseMb: field.number({
          about: 'What it needs at rest.',
          default: 64,
          min: 0,
          unit: 'MiB',
        }),
        perRequestMb: field.number({
          about: 'What each request under way needs besides.',
          default: 0,
          min: 0,
          unit: 'MiB',
        }),
        limitMb: field.number({
          about: 'Over it the process is killed; 0: no limit.',
          default: 0,
          min: 0,
          unit: 'MiB',
        }),
        restartMs: field.millis({ about: 'How long it takes to come back.', default: 5_000 }),
      },
      {
        ...strict,
        default: {},
        description: 'Memory, and what happens beyond it.',
        needs: MEMORY_NEEDS,
      },
    ),
    shutdown: Type.Object(
      {
        mode: field.choice(['graceful', 'immediate'], {
          about:
            'At SIGTERM: take nothing new, finish what is under way and then end; or end at once.',
          default: 'graceful',
          source: 'Spring Boot server.shutdown',
        }),
        newRequests: field.choice(['answer-503', 'refuse-connection'], {
          about:
            'What comes meanwhile: it answers with 503, or listens no more, so that its machine ' +
            'refuses connections.',
          default: 'answer-503',
          source: 'Spring Boot (Undertow answers, Tomcat refuses); Go http.Server.Shutdown refuses',
        }),
        timeoutMs: field.millis({
          about: 'It ends after so long, finished or not; 0: it waits until it is killed.',
          default: 30_000,
          max: 86_400_000,
          source: 'Spring Boot spring.lifecycle.timeout-per-shutdown-phase',
        }),
      },
      {
        ...strict,
        default: {},
        description: 'How it ends when it is told to.',
        needs: SHUTDOWN_NEEDS,
      },
    ),
    startupMs: field.millis({
      about: 'After a start it is not ready for so long; it must be less than the run lasts.',
      default: 0,
      max: 3_600_000,
      withinRun: 'the service is never ready',
    }),
  },
  strict,
);

export type ServiceConfig = Static<typeof serviceConfig>;
