/** How `check` reads a history: whose an entry is, of which object, and which values are equal. */
import { describe, expect, it } from 'vitest';
import { outsideFolder } from './support/files.ts';
import { edn, log } from './support/histories.ts';
import { cli } from './support/host.ts';

const folder = outsideFolder();

/** Writes a history and judges it. */
async function judge(name: string, text: string, ...words: readonly string[]) {
  folder.write(name, text);
  return cli(['check', name, ...words], { cwd: folder.path });
}

const STALE = ['0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read 0'];
const FRESH = ['0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read 1'];

describe('check', () => {
  it('takes every name of a process for a client, but nemesis', async () => {
    const named = (from: string, to: string) =>
      edn(...STALE).replaceAll(`:process ${from}`, `:process ${to}`);
    const words = ['--model', 'register', '--initial', '0'];
    for (const name of [':c1', '"c1"', '"1"', 'c1']) {
      const said = await judge('named.edn', named('0', name), ...words);
      expect(said.code, name).toBe(1);
      expect(said.out, name).toContain('2 operations of 2 processes');
      expect(said.out, name).not.toContain('Left out');
    }
    const entries = STALE.map((line) => {
      const [process = '', type = '', f = '', value] = line.split(' ');
      return JSON.stringify({ process: `c${process}`, type, f, value: Number(value ?? 0) });
    });
    const said = await judge('named.json', `[${entries.join(',\n')}]`, ...words);
    expect(said.code).toBe(1);
    expect(said.out).toContain('c1 read 0 at position 4, but process c0 wrote 1');
    const logged = log(...STALE).replaceAll('- 0', '- :c0');
    expect((await judge('named.log', logged, ...words)).code).toBe(1);
    for (const name of [':nemesis', '"nemesis"']) {
      const left = await judge('left.edn', named('0', name), ...words);
      expect(left.code, name).toBe(0);
      expect(left.out, name).toContain('Left out 2 entries of no client.');
    }
  });

  it('a key of a kv that nobody wrote holds the empty text, whatever else is done', async () => {
    const got = (value: string) => ['0 invoke get', `0 ok get ${value}`];
    const appended = ['0 invoke append a', '0 ok append a'];
    const words = ['--model', 'kv'];
    for (const more of [[], appended]) {
      expect((await judge('kv.edn', edn(...got('""'), ...more), ...words)).code).toBe(0);
      expect((await judge('kv.edn', edn(...got('"b"'), ...more), ...words)).code).toBe(1);
      const begun = [...words, '--initial', '"b"'];
      expect((await judge('kv.edn', edn(...got('"b"'), ...more), ...begun)).code).toBe(0);
      expect((await judge('kv.edn', edn(...got('""'), ...more), ...begun)).code).toBe(1);
    }
    const nil = [...words, '--initial', 'nil'];
    expect((await judge('kv.edn', edn(...got('nil')), ...nil)).code).toBe(0);
    expect((await judge('kv.edn', edn(...got('""')), ...nil)).code).toBe(1);
    const lost = ['0 invoke put nil', '0 ok put nil', ...got('""')];
    expect((await judge('kv.edn', edn(...lost), ...words)).code).toBe(1);
  });

  it('what failed and is seen after all is an attempt to set and queue only', async () => {
    const added = ['0 invoke add 1', '0 fail add 1', '1 invoke read', '1 ok read [1]'];
    const taken = ['0 invoke enqueue 1', '0 fail enqueue 1', '1 invoke dequeue', '1 ok dequeue 1'];
    const told = ['0 invoke append a', '0 fail append a', '1 invoke watch', '1 ok watch [[1 a]]'];
    for (const [model, lines] of [
      ['set', added],
      ['queue', taken],
    ] as const) {
      const said = await judge('fail.edn', edn(...lines), '--model', model);
      expect(said.code, model).toBe(0);
      expect(said.out, model).toMatch(
        /1 (add|enqueue) that failed was seen after all: a failure to/,
      );
      const right = edn(...lines).replaceAll(':fail', ':ok');
      expect((await judge('ok.edn', right, '--model', model)).out, model).not.toContain('failed');
    }
    for (const [model, lines] of [
      ['set-full', added],
      ['grow-set', added],
      ['unordered-queue', taken],
      ['fifo-queue', taken],
      ['watch', told],
    ] as const) {
      const said = await judge('fail.edn', edn(...lines), '--model', model);
      expect(said.code, `${model} ${said.out}${said.err}`).toBe(1);
    }
  });

  it('keeps a number and its text apart, as keys and inside of lists', async () => {
    const lists = [
      '0 invoke txn [[:append 1 1]]',
      '0 ok txn [[:append 1 1]]',
      '1 invoke txn [[:r "1" nil]]',
      '1 ok txn [[:r "1" []]]',
    ];
    const words = ['--model', 'list-append'];
    expect((await judge('keys.edn', edn(...lists), ...words)).code).toBe(0);
    const same = edn(...lists).replaceAll('"1"', '1');
    expect((await judge('keys.edn', same, ...words)).code).toBe(1);
    const keyed = ['0 invoke write [1 5]', '0 ok write [1 5]', '0 invoke read ["1" nil]'];
    const register = ['--model', 'register', '--keyed', '--initial', '0'];
    const read = edn(...keyed, '0 ok read ["1" 0]');
    expect((await judge('keys.edn', read, ...register)).code).toBe(0);
    expect((await judge('keys.edn', read.replaceAll('"1"', '1'), ...register)).code).toBe(1);
    const inside = edn('0 invoke write [1]', '0 ok write [1]', '1 invoke read', '1 ok read ["1"]');
    expect((await judge('inside.edn', inside, '--model', 'register')).code).toBe(1);
    const equal = inside.replace('"1"', '1');
    expect((await judge('inside.edn', equal, '--model', 'register')).code).toBe(0);
  });

  it('keeps whole numbers apart that a double cannot hold', async () => {
    const read = ['1 invoke read', '1 ok read 9007199254740992'];
    const lines = ['0 invoke write 9007199254740993', '0 ok write 9007199254740993'];
    const words = ['--model', 'register'];
    expect((await judge('large.edn', edn(...lines, ...read), ...words)).code).toBe(1);
    const same = edn(...lines, ...read).replaceAll('0992', '0993N');
    expect((await judge('large.edn', same, ...words)).code).toBe(0);
    const process = '9007199254740993';
    const large = edn(...lines, ...read).replaceAll(':process 1', `:process ${process}`);
    expect((await judge('large.edn', large, ...words)).code).toBe(1);
    const sum = ['0 invoke add 9007199254740993', '0 ok add 9007199254740993'];
    const said = await judge('large.edn', edn(...sum), '--model', 'counter');
    expect(said.code).toBe(3);
    expect(said.err).toContain('line 1: the value of add must be a finite number below 2^53');
  });

  it('takes keys from entries, tuples, or every value', async () => {
    const words = ['--model', 'register', '--initial', '0'];
    const keyed = FRESH.map((line) => edn(line).replace('}', ', :key "x"}')).join('\n');
    expect((await judge('key.edn', keyed, ...words)).code).toBe(0);
    const two = [
      '0 invoke write [x 1]',
      '0 ok write [x 1]',
      '1 invoke read [y nil]',
      '1 ok read [y 0]',
    ];
    expect((await judge('tuple.edn', edn(...two), ...words, '--keyed')).code).toBe(0);
    const tagged = edn(...two).replaceAll(':value [', ':value #jepsen.independent/tuple [');
    expect((await judge('tagged.edn', tagged, ...words)).code).toBe(0);
    const same = edn(...two).replaceAll('[y', '[x');
    expect((await judge('same.edn', same, ...words, '--keyed')).code).toBe(1);
  });
});
