/**
 * The one table of commands. Parsing, help and docs/reference/cli.md come from it.
 */
import type { Command } from './command.ts';
import type { FlagSpec } from './flags.ts';

const TARGET = {
  name: 'id|file',
  about: 'a scenario of the catalogue, or a scenario file (.ts, .js, .yaml, .json)',
};

/** What says which run it is. */
const RUN_FLAGS: readonly FlagSpec[] = [
  {
    name: 'param',
    value: 'K=V',
    many: true,
    about: 'sets a parameter of the scenario; times may carry a unit (150ms, 2s)',
  },
  {
    name: 'off',
    value: 'RULE',
    many: true,
    about:
      'switches a rule off that a component of the scenario follows: the run is modified, and ' +
      'compared with what the scenario expects with the rule on',
  },
  {
    name: 'variant',
    value: 'NAME',
    about: 'takes the parameters, rules and expectations of a variant of the scenario',
  },
  {
    name: 'until',
    value: 'T',
    about: 'cuts the run short at this simulated time (5s, 300ms, 2min)',
  },
  {
    name: 'order',
    value: 'ORDER',
    otherwise: 'fifo',
    about: 'order of simultaneous events: fifo, or permute:N for a seeded permutation',
  },
];
const SEED: FlagSpec = { name: 'seed', value: 'N', otherwise: '1', about: 'the seed of the run' };
const JSON_OUT: FlagSpec = { name: 'json', about: 'writes the result as JSON to standard output' };

export const commands: readonly Command[] = [
  {
    name: 'list',
    about: 'Lists the scenarios of the catalogue with their parameters and variants.',
    args: [],
    flags: [JSON_OUT],
    examples: [{ words: '', about: 'everything, by topic' }],
    load: async () => (await import('./list.ts')).list,
  },
  {
    name: 'run',
    about: 'Runs one scenario with one seed and judges its checks.',
    details: [
      'With --off a run that is no variant of the scenario is compared with the nearest one that ' +
        'has the same parameters and more rules on. A check that breaks where it is expected to ' +
        'hold with the rules on, or the other way round, is a find: exit 1. Where no check shows ' +
        'a difference, the run exits with 0.',
      'With parameters of no variant a check that breaks in the nearest variant, the one that ' +
        'the run is but for further parameters, may break; all others must hold. A document ' +
        'must hold in every check.',
      'A YAML or JSON file needs no code: docs/reference/documents.md in the repository of ' +
        'Faultline begins with a whole example and lists every word.',
      'With --json, metrics.byOperation has for each route of requests (or get, put and so on of ' +
        'a store) how many ended ok, fail and unknown, and of those that ended ok the latencies ' +
        'and a histogram: how many took at most so many microseconds (atMostMicros), from 5 ms ' +
        'to 30 s. As in Prometheus each bucket counts those below it, too, and the last one has ' +
        'no bound (null, there +Inf): it counts all that ended ok. What failed, or was never ' +
        'answered, is in no bucket. And proof has for the finding that is printed first, without ' +
        '--json, the events that prove it and the messages that led to them or did not come.',
    ],
    args: [TARGET],
    flags: [
      SEED,
      ...RUN_FLAGS,
      JSON_OUT,
      { name: 'junit', value: 'FILE', about: 'writes a JUnit report, one test case per check' },
      {
        name: 'trace',
        value: 'FILE',
        about: 'writes what happened, one JSON object a line: facts, messages, faults, findings',
      },
    ],
    examples: [
      { words: 'cap/cp-partition', about: 'the scenario as it is' },
      { words: 'cap/cp-partition --seed 7 --json', about: 'another seed, for a program to read' },
      {
        words: 'consensus/raft-storm --off raft.election-restriction',
        about: 'with a rule switched off',
      },
      { words: './my-scenario.ts --junit report.xml', about: 'a file of your own, in CI' },
      { words: './my-scenario.yaml', about: 'a document: a scenario without code' },
    ],
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'sweep',
    about: 'Runs one scenario with many seeds over all processors and says which fail.',
    details: [
      'The result does not depend on --jobs: runs are merged in the order of their seeds.',
      'With --shard i/n only every n-th seed runs, from the i-th (1 to n). Write each shard with ' +
        '--json --rows and merge them with --merge: counts and sweepHash are then those of the ' +
        'whole sweep.',
      'What never ran does not pass: with seeds left out the result is unknown at best. A run ' +
        'that throws is named at the end, and the other seeds go on.',
      'sweepHash covers seed, trace hash and verdict of every run, in the order of the seeds.',
      'A "sometimes" check with scope "sweep" must be reached in at least one run of the sweep.',
    ],
    args: [{ ...TARGET, optional: true }],
    flags: [
      { name: 'seeds', value: 'A..B', otherwise: '1..100', about: 'the seeds, both ends included' },
      ...RUN_FLAGS,
      {
        name: 'jobs',
        value: 'N',
        otherwise: 'one for each processor',
        about: 'how many worker threads run at once',
      },
      { name: 'shard', value: 'I/N', about: 'runs only this part of the seeds' },
      JSON_OUT,
      { name: 'rows', about: 'adds a row per seed to the JSON, which --merge needs' },
      {
        name: 'merge',
        value: 'FILE',
        list: true,
        about: 'merges the JSON files of shards instead of running anything',
      },
    ],
    examples: [
      { words: 'cap/cp-partition --seeds 1..1000', about: 'a thousand seeds' },
      {
        words: 'cap/cp-partition --seeds 1..1000 --shard 1/4 --json --rows > shard-1.json',
        about: 'the first of four machines',
      },
      { words: '--merge shard-1.json shard-2.json', about: 'their common result' },
    ],
    load: async () => (await import('./sweep.ts')).sweep,
  },
  {
    name: 'trace',
    about: 'Runs one scenario and shows one request of it as a tree, hop by hop.',
    details: [
      'Each line is a call: who asks whom for what, how long after the request began, how long ' +
        'it took its caller, and how long the other side had it. The rest of the time it was on ' +
        'the way. What is done for nobody in particular (health checks, sets in the background) ' +
        'is in no tree.',
      'Known are the calls of http-client, kv-client, report-client, load-balancer, ' +
        'rate-limiter, service and cache; of the requests of other clients only when they began ' +
        'and ended. The checks of the scenario are not judged.',
    ],
    args: [TARGET],
    flags: [
      {
        name: 'request',
        value: 'N',
        otherwise: 'slowest',
        about: 'which one, in the order in which they were begun, from 1; or "slowest"',
      },
      SEED,
      ...RUN_FLAGS,
      JSON_OUT,
    ],
    examples: [
      { words: 'product-service/pods', about: 'the request that took longest' },
      { words: 'product-service/pods --request 17 --json', about: 'another, for a program' },
    ],
    load: async () => (await import('./trace-request.ts')).trace,
  },
  {
    name: 'replay',
    about: 'Runs a link or a report again and says whether it is the same run.',
    details: [
      'Takes a share link (a whole address, or its part from # on), a report of run --json, or a ' +
        'run specification as JSON. Says "same run", or where it diverged.',
      'A difference under the same engine version is a bug of Faultline (exit 70); under another ' +
        'one it is to be expected (exit 1). The same run exits with its own verdict.',
    ],
    args: [{ name: 'link|file', about: 'what to run again' }],
    flags: [
      {
        name: 'scenario',
        value: 'FILE',
        about: 'the scenario file, when the link names one that is not in the catalogue',
      },
      JSON_OUT,
    ],
    examples: [
      { words: "'#s=cap/cp-partition&seed=7'", about: 'a link; quote it for the shell' },
      { words: 'report.json', about: 'what run --json wrote' },
    ],
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'open',
    about: 'Serves the visualiser with a scenario and prints its address.',
    details: [
      'Takes a scenario of the catalogue, a scenario file, a report of run --json or a link. A ' +
        'TypeScript file is built into a document, so it may use catalogue parts only.',
      'Serves on this machine only, until Ctrl-C.',
    ],
    args: [{ name: 'id|file|link', about: 'what to look at' }],
    flags: [
      SEED,
      ...RUN_FLAGS.filter((flag) => flag.name !== 'until'),
      { name: 'port', value: 'N', otherwise: 'a free one', about: 'the port to serve on' },
    ],
    examples: [{ words: './my-scenario.yaml', about: 'watch a document of your own' }],
    load: async () => (await import('./open.ts')).open,
  },
  {
    name: 'check',
    about: 'Judges a history from elsewhere: what its clients did and saw, against a model.',
    details: [
      'Reads the EDN of Jepsen and Knossos (a stream of maps, or one vector or list of them), ' +
        'JSON (one list of entries, or one a line) and the logs of "INFO jepsen.util". An entry ' +
        'has a process, a type (invoke, ok, fail, info), an f and a value, perhaps a key. Every ' +
        'process is a client, but one that is called nemesis. Positions in an explanation are ' +
        'lines of the file.',
      'Models of objects: register, cas-register, multi-register, kv, mutex, fenced-lock, ' +
        'fifo-queue, unordered-queue, stack, grow-set, log. They are asked for linearizability; ' +
        '--level asks for sequential instead, and of a register with unique values for causal, ' +
        'convergent, memory, pram or session.',
      'Models of totals: set, set-full (of which --level linearizable asks for every read), ' +
        'queue, counter, bank, watch. Transactions: list-append and rw-register; --level is an ' +
        'isolation level, strict-serializable if it is not given; long-fork, of rows that are ' +
        'written once.',
      'As in Jepsen, set and queue count attempts: an add or an enqueue that ended with fail and ' +
        'is seen after all passes, and is told in a note; to the others a fail never happened. ' +
        'As in porcupine, a key of kv that nobody wrote holds "", if --initial says nothing else.',
      'Exits with 0 (pass), 1 (fail), 2 (unknown: the budget of steps ended, or there is nothing ' +
        'to judge, as no operation ended with ok), 3 (the file cannot be read: the line is ' +
        'named; or there is no operation in it; or a flag means nothing to the model).',
    ],
    args: [{ name: 'file', about: 'the history' }],
    flags: [
      { name: 'model', value: 'NAME', about: 'what the history is about; needed' },
      { name: 'level', value: 'NAME', about: 'how much order is asked for' },
      {
        name: 'format',
        value: 'NAME',
        otherwise: 'by its content',
        about: 'the format of the file: edn, json or log',
      },
      {
        name: 'initial',
        value: 'EDN',
        otherwise: 'nil; of a kv "", of a counter 0',
        about: "the first value; for a multi-register a map, '{x 0, y 0}'",
      },
      { name: 'keyed', about: 'every value is [key value], as jepsen.independent writes them' },
      {
        name: 'failed-cas',
        value: 'HOW',
        otherwise: 'observed in a log, else never',
        about: 'a cas that failed saw another value (observed), or never happened (never)',
      },
      {
        name: 'nil',
        value: 'HOW',
        otherwise: 'value in a log, else unknown',
        about: 'a read of nil by a register read nil (value), or nobody knows what (unknown)',
      },
      {
        name: 'assume',
        value: 'NAME,...',
        many: true,
        about: 'of rw-register: sequential-keys, linearizable-keys, wfr-keys',
      },
      {
        name: 'total',
        value: 'N',
        otherwise: 'that of the first read',
        about: 'of bank: what all accounts add up to',
      },
      { name: 'negative', about: 'of bank: balances may be negative' },
      {
        name: 'steps',
        value: 'N',
        otherwise: '10000000',
        about: 'the budget of a search; spent, the verdict is unknown',
      },
      JSON_OUT,
    ],
    examples: [
      { words: 'etcd_002.log --model cas-register', about: 'a register log' },
      { words: 'history.edn --model list-append --level serializable', about: 'transactions' },
      { words: 'history.json --model bank --total 100 --json', about: 'for a program to read' },
    ],
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'cache-trace',
    about: 'Replays a trace of requests through eviction policies and says what each hits.',
    details: [
      'One key a line, any text; lines that begin with * are comments; gzip is undone. Every key ' +
        'counts as one, caches start empty, every request counts.',
      'Policies: fifo, lru, lfu, clock, sieve, 2q, slru, arc, lirs, s3-fifo, w-tinylfu, random, ' +
        'and opt, the bound that knows the future (Belady).',
    ],
    args: [{ name: 'file', about: 'the trace' }],
    flags: [
      {
        name: 'policy',
        value: 'P,...',
        many: true,
        otherwise: 'all',
        about: 'the policies, by name',
      },
      { name: 'size', value: 'N,...', about: 'how many keys the cache holds; needed' },
      JSON_OUT,
    ],
    examples: [
      { words: 'trace.txt --size 1000', about: 'all policies' },
      { words: 'loop.trace.gz --policy lru,sieve,opt --size 100,500', about: 'some, two sizes' },
    ],
    load: async () => (await import('./cache-trace.ts')).cacheTrace,
  },
];

export function argumentUsage(argument: Command['args'][number]): string {
  return argument.optional === true ? `[${argument.name}]` : `<${argument.name}>`;
}
