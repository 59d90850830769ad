import { describe, expect, it } from 'vitest';
import { outsideFolder } from './support/files.ts';
import { edn } from './support/histories.ts';
import { cli, oneSentence } from './support/host.ts';

const folder = outsideFolder();
const run = (...words: readonly string[]) => cli(['check', ...words], { cwd: folder.path });

const FRESH = ['0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read 1'];

describe('check refuses', () => {
  const refused: readonly [string, string, readonly string[], string][] = [
    [
      'an unknown operation',
      edn('0 invoke raed', '0 ok raed 1'),
      ['register'],
      'line 1: the model register knows no operation "raed". Did you mean read?',
    ],
    [
      'an unknown model',
      edn(...FRESH),
      ['regster'],
      'There is no model "regster". Did you mean register?',
    ],
    [
      'an unknown type',
      '{:process 0 :type :invok :f :read}',
      ['register'],
      'line 1: there is no type "invok". Did you mean invoke?',
    ],
    [
      'an entry without a type',
      '\n{:process 0 :f :read}',
      ['register'],
      'line 2: the entry has no :type',
    ],
    [
      'an entry without a process among others that have one',
      edn('0 ok read 1') + '\n{:type :ok :f :read}\n{:process nil :type :ok :f :read}',
      ['register'],
      'line 2: the entry has no :process',
    ],
    [
      'two at once where no entry has a process',
      '{:type :invoke :f :read}\n{:type :invoke :f :read}',
      ['register'],
      'all are of one; say who does what',
    ],
    ['what is no entry', edn(...FRESH) + '\n7', ['register'], 'line 5: an entry is a map'],
    [
      'two at once',
      edn('0 invoke read', '0 invoke read'),
      ['register'],
      'line 2: process 0 invokes read, but its read of line 1 has not ended',
    ],
    [
      'an end without a beginning',
      edn('0 invoke read', '1 ok read 1'),
      ['register'],
      'line 2: process 1 ends read without having begun it',
    ],
    [
      'another end',
      edn('0 invoke read', '0 ok write 1'),
      ['register'],
      'line 2: process 0 ends write, but began read in line 1',
    ],
    ['completions alone', edn('0 ok read 1'), ['register'], 'no operation of this log was invoked'],
    [
      'an open bracket',
      '{:process 0\n :type :ok',
      ['register'],
      'line 2: "{" of line 1 is never closed',
    ],
    [
      'a key without a value',
      '{:process 0\n :type}',
      ['register'],
      'line 2: the map of line 1 has a key without a value',
    ],
    ['a bracket too many', edn(...FRESH) + '\n]', ['register'], 'line 5: "]" closes nothing'],
    [
      'an open string',
      '{:process 0 :f "read}',
      ['register'],
      'the string of line 1 is never closed',
    ],
    ['broken JSON', '[{"process": 0,\n "type" "ok"}]', ['register'], 'this is no JSON'],
    [
      'a value of another shape',
      edn('0 invoke cas 5', '0 ok cas 5'),
      ['cas-register'],
      'line 1: the value of cas must be [expected new], not 5',
    ],
    ['an empty file', '; nothing', ['register'], 'There is no operation in'],
    [
      'an unknown level',
      edn(...FRESH),
      ['register', '--level', 'linear'],
      'knows no level "linear"',
    ],
    [
      'an unknown format',
      edn(...FRESH),
      ['register', '--format', 'eden'],
      'There is no format "eden". Did you mean edn?',
    ],
    [
      'an unknown isolation level',
      edn('0 ok txn [[:r x [1]]]'),
      ['list-append', '--level', 'serialisable'],
      'There is no isolation level "serialisable"',
    ],
    [
      'an unknown assumption',
      edn('0 ok txn [[:r x 1]]'),
      ['rw-register', '--assume', 'wfr'],
      'There is no assumption "wfr"',
    ],
    [
      'another reading of a failed cas',
      edn(...FRESH),
      ['cas-register', '--failed-cas', 'no'],
      '--failed-cas is observed or never',
    ],
    [
      'another reading of nil',
      edn(...FRESH),
      ['register', '--nil', 'no'],
      '--nil is value or unknown',
    ],
    [
      'two first values',
      edn(...FRESH),
      ['register', '--initial', '0 1'],
      '--initial is one value, not "0 1"',
    ],
    ...['0 invoke get', '0 invoke cas [nil 1]'].map(
      (begun): [string, string, readonly string[], string] => [
        `nil that nobody wrote to a kv: ${begun}`,
        edn('1 invoke put 1', '1 ok put 1', begun, begun.replace('invoke', 'ok')),
        ['kv'],
        'found nil, which nobody wrote. A key that nobody wrote holds ""',
      ],
    ),
    [
      'appends to what is no text',
      edn('0 invoke append a', '0 ok append a'),
      ['kv', '--initial', 'nil'],
      '--initial is a text where texts are appended, not null',
    ],
    [
      'a first value of another shape',
      edn(...FRESH),
      ['register', '--initial', '{x 3}'],
      '--initial of the model register is one value, like 0, not {x 3}',
    ],
    [
      'one first value of several registers',
      edn('0 invoke txn [[:read x nil]]', '0 ok txn [[:read x 3]]'),
      ['multi-register', '--initial', '3'],
      "--initial of the model multi-register is a map of registers to values, like '{x 0, y 0}'",
    ],
    [
      'a counter that begins with a text',
      edn('0 invoke read', '0 ok read 7'),
      ['counter', '--initial', '"x"'],
      '--initial of the model counter is a finite number below 2^53, like 0, not x',
    ],
    ...['##Inf', '[1 2]', '"1"', 'nil', '1e300'].map(
      (amount): [string, string, readonly string[], string] => [
        `${amount}, added to a counter`,
        edn('0 invoke read', '0 ok read 9', `0 invoke add ${amount}`, `0 ok add ${amount}`),
        ['counter'],
        'line 3: the value of add must be a finite number below 2^53, not ',
      ],
    ),
    [
      'a counter that reads a text, in the line of its answer',
      edn('0 invoke add 1', '0 ok add 1', '0 invoke read', '0 ok read "1"'),
      ['counter'],
      'line 4: the value of read must be a finite number below 2^53, not "1"',
    ],
    ...['register', 'counter', 'set'].map((model): [string, string, readonly string[], string] => [
      `NaN, which equals nothing, in a ${model}`,
      edn('0 invoke read', `0 ok read ${model === 'set' ? '[1 ##NaN]' : '##NaN'}`),
      [model],
      'line 2: the value of read holds ##NaN. NaN equals nothing, not even itself',
    ]),
    [
      'a number that EDN does not know',
      edn(...FRESH, '1 invoke write ##Nan'),
      ['register'],
      'line 5: "##Nan" is no value',
    ],
    ...['#a ', '^a ', '#_ ', '[', '#{', '(', '{'].map(
      (one): [string, string, readonly string[], string] => [
        `20,000 times ${one}`,
        `${edn(...FRESH)}\n${one.repeat(20_000)}`,
        ['register'],
        'line 5: more than 200 levels of brackets, tags, metadata and #_',
      ],
    ),
    [
      'a value without a key where every one is a pair',
      edn(...FRESH),
      ['register', '--keyed'],
      'line 1: with --keyed every value is [key value], not 1',
    ],
    [
      'one value without a key among pairs',
      edn('0 invoke write [x 1]', '0 ok write [x 1]', '0 invoke write [x 2]', '0 ok write 2'),
      ['register', '--keyed'],
      'line 4: with --keyed every value is [key value], not 2',
    ],
    [
      'a tuple of three',
      edn('0 invoke write #jepsen.independent/tuple [x 1 2]'),
      ['register'],
      'line 1: an independent tuple is [key value], not #jepsen.independent/tuple [x 1 2]',
    ],
    [
      'an answer of another key',
      edn('0 invoke read [x nil]', '0 ok read [y 1]'),
      ['register', '--keyed'],
      'line 2: process 0 ends read of the key y, but began that of x in line 1',
    ],
    [
      'an operation without a key among others that have one',
      `${edn(...FRESH)}\n${edn('2 invoke read', '2 ok read 1').replaceAll('}', ' :key x}')}`,
      ['register'],
      'line 1: the operation has no key. That of line 5 has',
    ],
    [
      'registers that are read together, key by key',
      edn('0 invoke txn [x [[:read y 1]]]', '0 ok txn [x [[:read y 1]]]'),
      ['multi-register', '--keyed'],
      'line 1: the operation has a key',
    ],
    [
      'a named process that does what no client does',
      edn(...FRESH, ':monkey invoke kill', ':monkey ok kill'),
      ['register'],
      'line 5: the model register knows no operation "kill". The choices are read, write. ' +
        'If process monkey is no client, call it nemesis: its entries are left out.',
    ],
    [
      'a named process that only tells',
      edn(...FRESH, ':monkey info kill'),
      ['register'],
      'line 5: process monkey ends kill without having begun it. If process monkey is no client',
    ],
    [
      'an account without end',
      edn('0 invoke read', '0 ok read {0 ##Inf}'),
      ['bank'],
      'line 2: the value of read must be a finite number below 2^53, not ##Inf',
    ],
    [
      'keys in a model of one object',
      edn('0 invoke add 1', '0 ok add 1').replaceAll('}', ' :key 1}'),
      ['set'],
      'line 1: the operation has a key',
    ],
    [
      'an element that is appended twice',
      edn('0 ok txn [[:append x 1]]', '1 ok txn [[:append x 1]]'),
      ['list-append'],
      'line 2: 1 is appended to x twice',
    ],
    [
      'a value that two transactions write',
      edn('0 ok txn [[:w x 1]]', '1 ok txn [[:r x 1]]', '0 ok txn [[:w x 1]]'),
      ['rw-register'],
      'line 3: 1 is written to x by more than one transaction',
    ],
    [
      'a write of a register among lists',
      edn('0 ok txn [[:append x 1]]', '1 ok txn [[:w x 2]]'),
      ['list-append'],
      'line 2: A transaction of this workload knows no "w"',
    ],
    [
      'a read of a register among lists',
      edn('0 ok txn [[:r x 1]]'),
      ['list-append'],
      'line 1: transaction 1 of process 0 read x = 1',
    ],
  ];
  const idle: readonly (readonly string[])[] = [
    ['register', '--total', '5'],
    ['register', '--negative'],
    ['register', '--assume', 'wfr-keys'],
    ['register', '--failed-cas', 'never'],
    ['mutex', '--nil', 'value'],
    ['mutex', '--initial', '0'],
  ];
  it.each(idle)('%s with %s, which it does not read', async (...words) => {
    const [model = '', flag = ''] = words;
    const text = model === 'mutex' ? edn('0 invoke acquire', '0 ok acquire') : edn(...FRESH);
    folder.write('idle.edn', text);
    const said = await run('idle.edn', '--model', ...words);
    expect(said.code, said.out).toBe(3);
    expect(oneSentence(said)).toContain(`${flag} means nothing to the model ${model}`);
  });

  it.each(refused)('%s', async (_, text, words, sentence) => {
    folder.write('wrong.edn', text);
    const said = await run('wrong.edn', '--model', ...words);
    expect(said.code, said.out).toBe(3);
    expect(oneSentence(said)).toContain(sentence);
  });

  it('a missing model, a missing file and a folder', async () => {
    folder.write('fresh.edn', edn(...FRESH));
    expect(oneSentence(await run('fresh.edn'))).toContain('Say what the history is about');
    expect(oneSentence(await run('none.edn', '--model', 'register'))).toContain('no file');
    expect(oneSentence(await run('.', '--model', 'register'))).toContain('is a folder');
  });
});
