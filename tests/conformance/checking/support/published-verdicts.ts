/**
 * Histories that others published together with a verdict: where each lies in its repository, how
 * it is asked about here, and what was found there. The files themselves are not ours to pass on.
 *
 * Sources: porcupine at 012101c8 (`porcupine_test.go`, and the names of `test_data/kv`); Knossos,
 * by folder (`data/<model>/{good,bad}`); Elle (`test/elle/{list_append,rw_register}_test.clj`);
 * elle-cli (`test/elle_cli/elle_cli_test.clj` with `test/test-data/*-result.json`, and the names
 * and comments of `histories/elle`).
 */

export type Corpus = 'porcupine' | 'knossos' | 'elle' | 'elle-cli';

/** Where each can be had, and where its histories lie below CORPORA_DIR. */
export const CORPORA: Readonly<Record<Corpus, { from: string; folders: readonly string[] }>> = {
  porcupine: {
    from: 'github.com/anishathalye/porcupine',
    folders: ['test_data/jepsen', 'test_data/kv'],
  },
  knossos: { from: 'github.com/jepsen-io/knossos', folders: ['data'] },
  elle: { from: 'github.com/jepsen-io/elle', folders: ['histories'] },
  'elle-cli': {
    from: 'github.com/ligurio/elle-cli',
    folders: ['histories', 'test/test-data'],
  },
};

export interface Published {
  /** What `check` is told beside the file. */
  readonly words: readonly string[];
  readonly verdict: 'pass' | 'fail' | 'unknown';
  /** The weakest levels that cannot hold, where they were published. */
  readonly rulesOut?: readonly string[];
  /** Ours alone: what we find beside it, and why it is right to. */
  readonly deviation?: { readonly found: readonly string[]; readonly why: string };
}

/** Of the etcd logs those that are linearizable; log 95 is empty, its cluster never started. */
const ETCD_GOOD = [
  2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56, 67, 75, 76, 80, 87, 92, 98, 100, 101, 102,
];
const ETCD_LAST = 102;
const ETCD_EMPTY = 95;

/** Knossos reads nil as an unknown result and begins its registers with 0. */
const KNOSSOS_MODELS: ReadonlyMap<string, readonly string[]> = new Map([
  ['cas-register', ['--model', 'cas-register', '--initial', '0']],
  ['multi-register', ['--model', 'multi-register', '--initial', '{:x 0, :y 0}']],
  ['mutex', ['--model', 'mutex']],
]);

type Row = readonly [path: string, ...published: Published[]];

const LIST = ['--model', 'list-append'];
const REGISTER = ['--model', 'rw-register'];
const PAPER = fail(LIST, 'consistent-view', 'repeatable-read');
const SEQUENTIAL = ['--level', 'strong-session-serializable', '--assume', 'sequential-keys'];
const LINEARIZABLE = ['--assume', 'linearizable-keys'];

const ELLE: readonly Row[] = [
  ['histories/paper-example.edn', PAPER],
  ['histories/huge-scc.edn', fail(LIST)],
  [
    'histories/si-without-g-single.edn',
    pass([...LIST, '--level', 'snapshot-isolation']),
    fail([...LIST, '--level', 'repeatable-read'], 'repeatable-read'),
  ],
  [
    'histories/cyclic-versions.edn',
    {
      ...pass([...REGISTER, '--level', 'strong-snapshot-isolation', ...LINEARIZABLE]),
      deviation: {
        found: ['garbage-read'],
        why: 'an excerpt: it reads values whose writers were cut out, which Elle does not look for',
      },
    },
  ],
];

const ELLE_CLI: readonly Row[] = [
  ['histories/elle/cas-ok.edn', pass(['--model', 'cas-register'])],
  ['histories/elle/cas-fail.edn', fail(['--model', 'cas-register'])],
  ['histories/elle/list-ok.edn', pass(LIST)],
  ['histories/elle/list-fail.edn', fail(LIST)],
  [
    'histories/elle/list-append-gh-30.edn',
    fail([...LIST, '--level', 'serializable'], 'repeatable-read'),
  ],
  ['histories/elle/paper-example.edn', PAPER],
  ['histories/elle/paper-example.json', PAPER],
  ['histories/elle/rw-register.edn', pass(REGISTER)],
  ['histories/elle/rw-register.json', pass(REGISTER)],
  ['histories/elle/rwregister-ok.edn', pass([...REGISTER, ...SEQUENTIAL])],
  ['histories/elle/rwregister-fail.edn', fail([...REGISTER, ...SEQUENTIAL])],
  ['histories/jepsen/bank.edn', pass(['--model', 'bank'])],
  ['histories/jepsen/bank.json', pass(['--model', 'bank'])],
  ['histories/jepsen/bank-negative-balances.json', fail(['--model', 'bank'])],
  ['histories/jepsen/counter.json', pass(['--model', 'counter'])],
  ['histories/jepsen/set_full.edn', fail(['--model', 'set-full'])],
  ['histories/jepsen/set_full.json', fail(['--model', 'set-full'])],
  ['test/test-data/bank-neg.edn', pass(['--model', 'bank'])],
  ['test/test-data/bank-tidb.edn', pass(['--model', 'bank'])],
  ['test/test-data/counter.edn', pass(['--model', 'counter'])],
  ['test/test-data/long-fork.edn', fail(['--model', 'long-fork'])],
  ['test/test-data/set.edn', pass(['--model', 'set'])],
  ...list('anomaly-dirty-update', fail(LIST, 'read-committed')),
  ...list('anomaly-duplicate-elements', fail(LIST, 'read-uncommitted')),
  ...list('anomaly-future-read', fail(LIST, 'read-committed')),
  ...list('anomaly-g0-cycle', fail(LIST, 'read-uncommitted')),
  ...list('anomaly-incompatible-order', fail(LIST, 'read-committed', 'strong-read-uncommitted')),
  ...list('anomaly-lost-update', fail(LIST, 'cursor-stability', 'update-atomic')),
  ...list('internal-unknown-prefix', fail(LIST, 'read-atomic')),
  ...list('valid-info-read', pass(LIST)),
  ...list('valid-read-empty', unknown(LIST)),
  ...register('anomaly-g2-item', fail(REGISTER, 'repeatable-read', 'strong-snapshot-isolation')),
  ...register('anomaly-internal', fail(REGISTER, 'read-atomic')),
  ...register('anomaly-lost-update', fail(REGISTER, 'cursor-stability', 'update-atomic')),
  ...register(
    'keys-linearizable-anomaly',
    fail([...REGISTER, ...LINEARIZABLE], 'read-uncommitted'),
  ),
  ...register(
    'keys-sequential-anomaly',
    fail([...REGISTER, '--assume', 'sequential-keys'], 'strong-read-committed'),
  ),
  ...register('partial-info', pass([...REGISTER, ...LINEARIZABLE])),
  ...register('valid-read-nil', unknown(REGISTER)),
  ...register('valid-repeat-read', pass(REGISTER)),
];

const BY_PATH: Readonly<Record<'elle' | 'elle-cli', ReadonlyMap<string, readonly Published[]>>> = {
  elle: new Map(ELLE.map(([path, ...published]) => [path, published])),
  'elle-cli': new Map(ELLE_CLI.map(([path, ...published]) => [path, published])),
};

/** What was published about a file; none: nothing is known of it. */
export function publishedOf(corpus: Corpus, path: string): readonly Published[] {
  if (corpus === 'porcupine') return porcupine(path);
  const inKnossos = corpus === 'knossos' ? path.replace(/^data\//, '') : knossosInElleCli(path);
  if (inKnossos !== undefined) return knossos(inKnossos);
  return corpus === 'knossos' ? [] : (BY_PATH[corpus].get(path) ?? []);
}

function porcupine(path: string): readonly Published[] {
  const kv = /^test_data\/kv\/c\d+-(ok|bad)\.txt$/.exec(path)?.[1];
  if (kv !== undefined) return [kv === 'ok' ? pass(['--model', 'kv']) : fail(['--model', 'kv'])];
  const etcd = /^test_data\/jepsen\/etcd_(\d{3})\.log$/.exec(path)?.[1];
  const log = Number(etcd ?? ETCD_EMPTY);
  if (log === ETCD_EMPTY || log > ETCD_LAST) return [];
  const words = ['--model', 'cas-register'];
  return [ETCD_GOOD.includes(log) ? pass(words) : fail(words)];
}

function knossosInElleCli(path: string): string | undefined {
  return /^histories\/knossos\/(.*)$/.exec(path)?.[1];
}

/** By the folder: <model>/good/… and <model>/bad/…. */
function knossos(path: string): readonly Published[] {
  const [model = '', kind = '', name = ''] = path.split('/');
  const words = KNOSSOS_MODELS.get(model);
  const isHistory = /\.(edn|json)$/.test(name) && (kind === 'good' || kind === 'bad');
  if (words === undefined || !isHistory) return [];
  return [kind === 'good' ? pass(words) : fail(words)];
}

function list(name: string, published: Published): readonly Row[] {
  return [[`test/test-data/list-append-${name}.json`, published]];
}

function register(name: string, published: Published): readonly Row[] {
  return [[`test/test-data/rw-register-${name}.json`, published]];
}

function pass(words: readonly string[]): Published {
  return { words, verdict: 'pass' };
}

function unknown(words: readonly string[]): Published {
  return { words, verdict: 'unknown' };
}

function fail(words: readonly string[], ...rulesOut: string[]): Published {
  return { words, verdict: 'fail', ...(rulesOut.length === 0 ? {} : { rulesOut }) };
}
