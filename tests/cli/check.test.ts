import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { MODELS } from '../../src/cli/history/models.ts';
import { outsideFolder } from './support/files.ts';
import { edn, log } from './support/histories.ts';
import { cli } from './support/host.ts';

const folder = outsideFolder();
const run = (...words: readonly string[]) => cli(['check', ...words], { cwd: folder.path });

/** Writes a history and judges it. */
async function judge(name: string, text: string, ...words: readonly string[]) {
  folder.write(name, text);
  return run(name, ...words);
}
async function json(name: string, text: string, ...words: readonly string[]) {
  const said = await judge(name, text, ...words, '--json');
  return { ...said, result: JSON.parse(said.out) as Record<string, unknown> };
}

const STALE = ['0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read 0'];
const FRESH = ['0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read 1'];

describe('check', () => {
  it('passes, fails and is unknown with exit codes of their own', async () => {
    expect(await judge('fresh.edn', edn(...FRESH), '--model', 'register')).toMatchObject({
      code: 0,
      err: '',
    });
    const stale = await judge('stale.edn', edn(...STALE), '--model', 'register', '--initial', '0');
    expect(stale.code).toBe(1);
    expect(stale.out).toContain('✗ fail  register, linearizable: 2 operations of 2 processes');
    expect(stale.out).toContain(
      'process 1 read 0 at position 4, but process 0 wrote 1, acknowledged at position 2',
    );
    const many = Array.from({ length: 9 }, (_, at) => [`${at} invoke write ${at}`]).flat();
    const open = [...many, '9 invoke read', '9 ok read 5', '9 invoke read', '9 ok read 99'];
    const cut = await judge('cut.edn', edn(...open), '--model', 'register', '--steps', '5');
    expect(cut.code).toBe(2);
    expect(cut.out).toContain('the budget of 5 steps ended');
  });

  it('says it all in at most twelve lines', async () => {
    const lines = Array.from({ length: 40 }, (_, at) => [
      `${at} invoke write ${at}`,
      `${at} ok write ${at}`,
    ]).flat();
    const text = edn(...lines, '50 invoke read', '50 ok read 3');
    const said = await judge('long.edn', text, '--model', 'cas-register');
    expect(said.code).toBe(1);
    expect(said.out.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
  });

  it('reads a vector, a list, comments, tags, discarded forms, a nemesis', async () => {
    const maps = edn(...FRESH);
    const tagged = maps.replace('{:process 1', '#jepsen.history.Op{:process 1');
    const nemesis = '{:process :nemesis, :type :info, :f :start, :value nil}';
    for (const text of [
      `[${maps}]`,
      `(${maps})`,
      `; a comment\n${tagged}\n#_{:process 7} ${nemesis} ;; the end`,
    ]) {
      const { result, code } = await json('forms.edn', text, '--model', 'register');
      expect(code).toBe(0);
      expect(result).toMatchObject({ verdict: 'pass', operations: 2, format: 'edn' });
    }
    const told = await judge('nemesis.edn', `${maps}\n${nemesis}`, '--model', 'register');
    expect(told.out).toContain('Left out 1 entry of no client.');
  });

  it('reads JSON, one list or one entry a line', async () => {
    const entries = [
      {
        process: 0,
        type: 'ok',
        f: 'txn',
        value: [
          ['append', 'x', 1],
          ['r', 'y', null],
        ],
      },
      {
        process: 1,
        type: 'ok',
        f: 'txn',
        value: [
          ['append', 'y', 1],
          ['r', 'x', null],
        ],
      },
    ];
    for (const text of [
      JSON.stringify(entries, null, 1),
      entries.map((entry) => JSON.stringify(entry)).join('\n'),
    ]) {
      const { result, code } = await json('skew.json', text, '--model', 'list-append');
      expect(code).toBe(1);
      expect(result).toMatchObject({
        format: 'json',
        timed: false,
        found: ['G2-item', 'write-skew'],
        rulesOut: ['repeatable-read'],
      });
    }
    const weaker = ['--model', 'list-append', '--level', 'read-committed'];
    expect((await run('skew.json', ...weaker)).code).toBe(0);
  });

  it('takes a log whose entries name no process for one of one process, and says so', async () => {
    const fork = [
      '{:type :invoke, :value [[:append 1 1]]}',
      '{:type :ok, :value [[:append 1 1]]}',
      '{:type :invoke, :process nil, :value [[:r 1 nil] [:append 2 1]]}',
      '{:type :ok, :process nil, :value [[:r 1 []] [:append 2 1]]}',
    ];
    const words = ['--model', 'list-append'];
    const strict = await judge('nameless.edn', `[${fork.join(',\n')}]`, ...words);
    expect(strict.code).toBe(1);
    expect(strict.out).toContain('2 operations of 1 process');
    expect(strict.out).toContain('No entry has a :process: all are of one.');
    expect((await run('nameless.edn', ...words, '--level', 'serializable')).code).toBe(0);
    const reads = fork.slice(0, 2).join('\n').replaceAll('[:append 1 1]', '[:r 0 1] [:r 1 nil]');
    const others = reads.replaceAll('[:r 0 1] [:r 1 nil]', '[:r 1 1] [:r 0 nil]');
    const named = `${reads}\n${others}`.replaceAll(':value', ':f :read, :value');
    expect((await judge('fork.edn', named, '--model', 'long-fork')).code).toBe(1);
  });

  it('reads register logs; after an unknown end the process is another', async () => {
    const lines = ['0 invoke write 1', '0 info write :timed-out', '1 invoke read', '1 ok read 1'];
    const said = await json('unknown.log', log(...lines), '--model', 'cas-register');
    expect(said.result).toMatchObject({ verdict: 'pass', format: 'log' });
    const again = [...lines, '0 invoke read', '0 ok read nil'];
    expect((await judge('again.log', log(...again), '--model', 'cas-register')).code).toBe(1);
    const nemesis = 'INFO jepsen.util - :nemesis :info :start nil';
    const noise = `INFO jepsen.core - Run started\n${log(...lines)}\n${nemesis}`;
    const { result } = await json('noise.log', noise, '--model', 'cas-register');
    expect(result).toMatchObject({ operations: 2, skipped: 2 });
  });

  it('a cas that failed saw another value in a log, and never happened to Knossos', async () => {
    const lines = ['0 invoke write 1', '0 ok write 1', '1 invoke cas [1 2]', '1 fail cas [1 2]'];
    const words = ['--model', 'cas-register'];
    const observed = await judge('cas.log', log(...lines), ...words);
    expect(observed.code).toBe(1);
    expect(observed.out).toContain('--failed-cas never');
    expect((await run('cas.log', ...words, '--failed-cas', 'never')).code).toBe(0);
    expect((await judge('cas.edn', edn(...lines), ...words)).code).toBe(0);
    expect((await run('cas.edn', ...words, '--failed-cas', 'observed')).code).toBe(1);
  });

  it('a read of nil is unknown to Knossos, and is nil in a log', async () => {
    const lines = ['0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read nil'];
    const told = await judge('nil.edn', edn(...lines), '--model', 'register');
    expect(told.code).toBe(0);
    expect(told.out).toContain('A read of nil has an unknown result');
    expect((await run('nil.edn', '--model', 'register', '--nil', 'value')).code).toBe(1);
    expect((await judge('nil.log', log(...lines), '--model', 'register')).code).toBe(1);
  });

  it('knows nothing of a history in which nothing is known to have happened', async () => {
    const failed = edn('0 invoke read', '0 fail read');
    const said = await judge('failed.edn', failed, '--model', 'register');
    expect(said.code).toBe(2);
    expect(said.out).toContain('nothing to judge');
  });

  it('reads JSON behind a byte order mark', async () => {
    const entry = (process: number, type: string, f: string, value: unknown) =>
      JSON.stringify({ process, type, f, value });
    const lines = [entry(0, 'invoke', 'write', 1), entry(0, 'ok', 'write', 1)];
    const text = `\uFEFF${lines.join('\n')}`;
    expect((await judge('bom.json', text, '--model', 'register')).code).toBe(0);
  });

  it('judges every model', async () => {
    const cases: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
      register: [FRESH, STALE],
      'cas-register': [
        ['0 invoke cas [nil 1]', '0 ok cas [nil 1]'],
        ['0 invoke cas [5 1]', '0 ok cas [5 1]'],
      ],
      'multi-register': [
        ['0 invoke txn [[:read :x nil]]', '0 ok txn [[:read :x 0]]'],
        ['0 invoke txn [[:read :x nil]]', '0 ok txn [[:read :x 1]]'],
      ],
      kv: [
        ['0 invoke append a', '0 ok append a', '0 invoke get', '0 ok get "a"'],
        ['0 invoke append a', '0 ok append a', '0 invoke get', '0 ok get ""'],
      ],
      mutex: [
        ['0 invoke acquire', '0 ok acquire'],
        ['0 invoke acquire', '0 ok acquire', '1 invoke acquire', '1 ok acquire'],
      ],
      'fenced-lock': [
        ['0 invoke acquire', '0 ok acquire 7', '0 invoke release', '0 ok release'],
        ['0 invoke acquire', '0 ok acquire 7', '1 invoke release', '1 ok release'],
      ],
      'fifo-queue': [
        ['0 invoke enqueue 1', '0 ok enqueue 1', '0 invoke dequeue', '0 ok dequeue 1'],
        ['0 invoke dequeue', '0 ok dequeue 1'],
      ],
      'unordered-queue': [
        ['0 invoke dequeue', '0 ok dequeue nil'],
        ['0 invoke enqueue 1', '0 ok enqueue 1', '0 invoke dequeue', '0 ok dequeue nil'],
      ],
      stack: [
        ['0 invoke push 1', '0 ok push 1', '0 invoke pop', '0 ok pop 1'],
        ['0 invoke pop', '0 ok pop 1'],
      ],
      'grow-set': [
        ['0 invoke add 1', '0 ok add 1', '0 invoke read', '0 ok read #{1}'],
        ['0 invoke add 1', '0 ok add 1', '0 invoke read', '0 ok read []'],
      ],
      log: [
        ['0 invoke append 5', '0 ok append 0', '0 invoke read 0', '0 ok read 5'],
        ['0 invoke append 5', '0 ok append 1'],
      ],
      set: [
        ['0 invoke add 1', '0 ok add 1', '0 invoke read', '0 ok read [1]'],
        ['0 invoke add 1', '0 ok add 1', '0 invoke read', '0 ok read []'],
      ],
      'set-full': [
        ['0 invoke add 1', '0 ok add 1', '0 invoke read', '0 ok read #{1}'],
        ['0 invoke add 1', '0 ok add 1', '0 invoke read', '0 ok read #{}'],
      ],
      watch: [
        ['0 invoke append 5', '0 ok append 1', '1 invoke watch', '1 ok watch [[1 5]]'],
        ['0 invoke append 5', '0 ok append 1', '1 invoke watch 0', '1 ok watch [[2 5]]'],
      ],
      'long-fork': [
        [
          '0 invoke read [[:r 0 nil] [:r 1 nil]]',
          '0 ok read [[:r 0 1] [:r 1 nil]]',
          '1 invoke read [[:r 1 nil] [:r 0 nil]]',
          '1 ok read [[:r 1 1] [:r 0 1]]',
        ],
        [
          '0 invoke read [[:r 0 nil] [:r 1 nil]]',
          '0 ok read [[:r 0 1] [:r 1 nil]]',
          '1 invoke read [[:r 1 nil] [:r 0 nil]]',
          '1 ok read [[:r 1 1] [:r 0 nil]]',
        ],
      ],
      queue: [
        ['0 invoke enqueue 1', '0 ok enqueue 1', '0 invoke drain', '0 ok drain [1]'],
        ['0 invoke enqueue 1', '0 ok enqueue 1', '0 invoke drain', '0 ok drain []'],
      ],
      counter: [
        ['0 invoke add 2', '0 ok add 2', '0 invoke read', '0 ok read 2'],
        ['0 invoke add 2', '0 ok add 2', '0 invoke read', '0 ok read 3'],
      ],
      bank: [
        ['0 invoke read', '0 ok read {0 60, 1 40}'],
        ['0 invoke read', '0 ok read {0 60, 1 41}'],
      ],
      'list-append': [
        [
          '0 invoke txn [[:append x 1]]',
          '0 ok txn [[:append x 1]]',
          '1 invoke txn [[:r x nil]]',
          '1 ok txn [[:r x [1]]]',
        ],
        [
          '0 invoke txn [[:append x 1]]',
          '0 ok txn [[:append x 1]]',
          '1 invoke txn [[:r x nil]]',
          '1 ok txn [[:r x []]]',
        ],
      ],
      'rw-register': [
        [
          '0 invoke txn [[:w x 1]]',
          '0 ok txn [[:w x 1]]',
          '1 invoke txn [[:r x nil]]',
          '1 ok txn [[:r x 1]]',
        ],
        [
          '0 invoke txn [[:w x 1]]',
          '0 ok txn [[:w x 1]]',
          '1 invoke txn [[:r x nil]]',
          '1 ok txn [[:r x nil]]',
        ],
      ],
    };
    const more: Readonly<Record<string, readonly string[]>> = {
      register: ['--initial', '0'],
      'multi-register': ['--initial', '{:x 0}'],
      bank: ['--total', '100'],
    };
    expect(Object.keys(cases).sort()).toEqual(MODELS.map(({ name }) => name).sort());
    for (const [model, [good, bad]] of Object.entries(cases)) {
      const words = ['--model', model, ...(more[model] ?? [])];
      expect((await judge('good.edn', edn(...good), ...words)).code, `${model} good`).toBe(0);
      const failed = await judge('bad.edn', edn(...bad), ...words);
      expect(failed.code, `${model} bad: ${failed.out}${failed.err}`).toBe(1);
      expect(failed.out.split('\n').length, model).toBeGreaterThan(2);
    }
  });

  it('asks for less order with --level', async () => {
    const words = ['stale.edn', '--model', 'register', '--initial', '0', '--level'];
    folder.write('stale.edn', edn(...STALE));
    for (const level of ['sequential', 'causal', 'convergent', 'memory', 'pram', 'session']) {
      expect((await run(...words, level)).code, level).toBe(0);
    }
    expect((await run(...words, 'linearizable')).code).toBe(1);
    const backwards = ['write 1', 'write 2'].flatMap((deed) => [
      `0 invoke ${deed}`,
      `0 ok ${deed}`,
    ]);
    const reads = ['read 2', 'read 1'].flatMap((deed) => ['1 invoke read', `1 ok ${deed}`]);
    const pram = ['--model', 'register', '--level', 'pram'];
    expect((await judge('pram.edn', edn(...backwards, ...reads), ...pram)).code).toBe(1);
  });

  it('a set that is stale for a while is right in the end, and not linearizable', async () => {
    const read = (seen: string) => ['1 invoke read', `1 ok read ${seen}`];
    const late = ['0 invoke add 7', '0 ok add 7', ...read('#{}'), ...read('#{7}')];
    const words = ['--model', 'set-full'];
    expect((await judge('late.edn', edn(...late), ...words)).code).toBe(0);
    expect((await run('late.edn', ...words, '--level', 'linearizable')).code).toBe(1);
    const keyed = edn(...late)
      .replaceAll('}', ', :key "x"}')
      .replaceAll('#{, :key "x"}', '#{}');
    expect((await judge('keyed.edn', keyed, ...words)).code).toBe(3);
  });

  it('what is no event of a watch is told with its line', async () => {
    const words = ['--model', 'watch'];
    const said = await judge('bad.edn', edn('0 invoke watch', '0 ok watch [[1]]'), ...words);
    expect(said.code).toBe(3);
    expect(said.err).toContain('[revision value]');
  });
});

describe('the page of the command', () => {
  it('names every model', () => {
    const details = commands.find(({ name }) => name === 'check')?.details?.join(' ') ?? '';
    for (const { name } of MODELS) expect(details).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
