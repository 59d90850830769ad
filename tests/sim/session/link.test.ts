import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/sim/kernel/errors.ts';
import type { Plan } from '../../../src/sim/scenario/plan.ts';
import { fromBase64Url, toBase64Url } from '../../../src/sim/session/base64url.ts';
import type { LinkView } from '../../../src/sim/session/link.ts';
import { decodeLink, encodeLink, parseOrder } from '../../../src/sim/session/link.ts';
import { pack, PACKED_BYTES_MAX, unpack } from '../../../src/sim/session/packed.ts';
import type { Act, RunSpec } from '../../../src/sim/session/spec.ts';
import { ENGINE } from '../../../src/sim/session/spec.ts';

const plain: RunSpec = {
  engine: ENGINE,
  scenario: { id: 'cap/cp-partition' },
  params: {},
  ablations: [],
  seed: 7,
  order: 'fifo',
  limits: {},
  interventions: [],
};

const document: Plan = {
  title: 'Two nodes',
  summary: '',
  durationMs: 1_000,
  network: {},
  groups: [{ name: 'n', component: 'raft-kv', count: 2 }],
  faults: [],
  checks: [],
  story: [],
};

const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}$/);
const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    do: fc.constant('inject' as const),
    id: text,
    fault: fc.record({ type: fc.constant('crash' as const), target: text }),
  }),
  fc.record({ do: fc.constant('undo' as const), id: text }),
  fc.constant({ do: 'heal-all' as const }),
  fc.record({
    do: fc.constant('action' as const),
    node: text,
    action: text,
    // Through text and back: JSON writes -0 as 0, and an act with a -0 is refused.
    args: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  }),
  fc.record({ do: fc.constant('spawn' as const), group: text }),
  fc.record({ do: fc.constant('retire' as const), node: text }),
);

const interventions = fc
  .array(fc.record({ gap: fc.nat(1e6), act }), { maxLength: 6 })
  .map((list) => {
    let micros = 0;
    return list.map((entry, index) => {
      micros += entry.gap;
      return { micros, afterEventNumber: index * 10, act: entry.act };
    });
  });

const parameter = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('5', 'true', '{"a":1}', '"quoted"', '-1e9', 'a&b=c#d', '%zz', ' '),
);

const specs: fc.Arbitrary<RunSpec> = fc
  .record({
    engine: whole,
    scenario: fc.oneof(
      fc.record({ id: text }),
      fc.record({ id: text, planHash: fc.stringMatching(/^[0-9a-f]{16}$/) }),
      fc.constant({ document }),
      fc.constant({
        document,
        from: { id: 'mine/x', variant: { name: 'v', expect: { safe: 'holds' as const } } },
      }),
    ),
    params: fc.dictionary(name, parameter, { maxKeys: 5, noNullPrototype: true }),
    ablations: fc.uniqueArray(name, { maxLength: 4 }),
    seed: whole,
    order: fc.oneof(fc.constant('fifo' as const), fc.record({ permute: whole })),
    limits: fc.record({ events: whole, simMicros: whole }, { requiredKeys: [] }),
    interventions,
    override: fc.boolean(),
  })
  .map(({ override, ...spec }) =>
    override ? { ...spec, planOverride: { durationMs: 3, faults: [] } } : spec,
  );

const views: fc.Arbitrary<LinkView> = fc.oneof(
  fc.constant({}),
  fc.record({ atMicros: whole }),
  fc.record({ traceHash: fc.stringMatching(/^[0-9a-f]{16}$/) }),
  fc.record({ traceHash: fc.stringMatching(/^[0-9a-f]{16}$/), hashEvent: whole, atMicros: whole }),
);

describe('encodeLink', () => {
  it('writes what people read in plain words', () => {
    const spec = { ...plain, params: { nodes: 5, mode: 'fast' }, ablations: ['raft.pre-vote'] };
    expect(
      encodeLink(spec, { traceHash: '0123456789abcdef', hashEvent: 12, atMicros: 3_200 }),
    ).toBe(
      '#s=cap/cp-partition&seed=7&v=2&p.mode=fast&p.nodes=5&off=raft.pre-vote' +
        '&h=0123456789abcdef@12&t=3200',
    );
  });

  it('quotes a text that would be read as something else', () => {
    const link = encodeLink({ ...plain, params: { name: '5' } });
    expect(decodeURIComponent(link)).toContain('p.name="5"');
    expect(decodeLink(link).spec.params).toEqual({ name: '5' });
  });

  it('does not depend on the order of parameters', () => {
    const one = encodeLink({ ...plain, params: { a: 1, b: 2 } });
    const other = encodeLink({ ...plain, params: { b: 2, a: 1 } });
    expect(one).toBe(other);
  });

  it('packs interventions into a few letters each', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      micros: index * 1_000,
      afterEventNumber: index * 13,
      act: {
        do: 'inject' as const,
        id: `crash-${index}`,
        fault: { type: 'crash' as const, target: `n${(index % 5) + 1}` },
      },
    }));
    const link = encodeLink({ ...plain, interventions: many });
    expect(link.length).toBeLessThan(200 * 15);
    expect(decodeLink(link).spec.interventions).toEqual(many);
  });
});

describe('decodeLink', () => {
  it('gives back every specification that was encoded', () => {
    fc.assert(
      fc.property(specs, views, (spec, view) => {
        const { spec: decoded, ...decodedView } = decodeLink(encodeLink(spec, view));
        expect(decoded).toEqual(spec);
        expect(decodedView).toEqual(view);
        expect(encodeLink(decoded, decodedView)).toBe(encodeLink(spec, view));
      }),
      { numRuns: 300 },
    );
  });

  it('accepts a whole address, and the part without its #', () => {
    const link = encodeLink(plain);
    expect(decodeLink(`https://example.org/some/path/?a=b${link}`).spec).toEqual(plain);
    expect(decodeLink(link.slice(1)).spec).toEqual(plain);
    expect(decodeLink(` ${link} `).spec).toEqual(plain);
  });

  it('fills in the seed and the engine of a link written by hand', () => {
    expect(decodeLink('#s=cap/cp-partition').spec).toEqual({ ...plain, seed: 1 });
  });

  it('keeps the engine that the link names', () => {
    expect(decodeLink('#s=a/b&v=999').spec.engine).toBe(999);
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /names no scenario/],
    ['only an address', 'https://example.org/', /no link has/],
    ['an unknown part', '#s=a/b&sed=7', /"sed"/],
    ['a part twice', '#s=a/b&seed=1&seed=2', /twice/],
    ['a parameter twice', '#s=a/b&p.n=1&p.n=2', /twice/],
    ['a seed that is no number', '#s=a/b&seed=abc', /seed must be a whole number/],
    ['a seed too large', '#s=a/b&seed=9999999999999999', /whole number/],
    ['a negative seed', '#s=a/b&seed=-1', /whole number/],
    ['a broken hash', '#s=a/b&h=xyz', /16 hex digits/],
    ['a broken order', '#s=a/b&order=lifo', /fifo or permute:N/],
    ['a broken percent code', '#s=a%zz', /percent/],
    ['broken JSON', '#s=a/b&p.n={', /not valid JSON/],
    ['deep JSON', `#s=a/b&p.n=${'['.repeat(5_000)}`, /nested/],
    ['packed garbage', '#s=a/b&x=%00', /damaged/],
    ['packed garbage that looks right', '#s=a/b&x=5.AAAA', /damaged|JSON/],
    ['too much announced', '#s=a/b&x=zzzzzz.AAAA', /more than/],
    ['a packed list', `#s=a/b&x=${pack([1, 2])}`, /no part of a run/],
    ['an unknown act', packedActs([{ do: 'explode' }]), /no part of a run/],
    [
      'a fault without type',
      packedActs([{ do: 'inject', id: 'a', fault: {} }]),
      /no part of a run/,
    ],
    ['an unknown packed part', `#s=a/b&x=${pack({ code: 'alert(1)' })}`, /no part of a run/],
    ['negative limits', `#s=a/b&x=${pack({ limits: { events: -1 } })}`, /no part of a run/],
    ['two scenarios', `#s=a/b&x=${pack({ document })}`, /holds another/],
    ['a document without groups', `#x=${pack({ document: { title: 'x' } })}`, /no part of a run/],
    ['too long a text', `#s=${'a'.repeat(2_000_001)}`, /letters/],
  ];
  it.each(wrong)('answers %s with one sentence', (_what, link, sentence) => {
    expect(() => decodeLink(link)).toThrow(ScenarioError);
    expect(() => decodeLink(link)).toThrow(sentence);
  });

  it('offers the nearest part for one that does not exist', () => {
    expect(hintOf('#s=a/b&sed=7')).toContain('seed');
  });

  it('refuses interventions that are out of order', () => {
    const at = (micros: number, afterEventNumber: number) => ({
      micros,
      afterEventNumber,
      act: { do: 'heal-all' },
    });
    const link = (list: readonly unknown[]) => `#s=a/b&x=${pack({ interventions: list })}`;
    expect(decodeLink(link([at(1, 1), at(1, 1), at(2, 5)])).spec.interventions).toHaveLength(3);
    expect(() => decodeLink(link([at(2, 5), at(1, 1)]))).toThrow(/order of the run/);
    expect(() => decodeLink(link([at(2, 5), at(3, 1)]))).toThrow(/order of the run/);
  });

  it('never becomes anything but a specification or a ScenarioError', () => {
    const good = encodeLink(
      {
        ...plain,
        params: { nodes: 5 },
        interventions: [{ micros: 1, afterEventNumber: 1, act: { do: 'heal-all' } }],
      },
      { traceHash: '0123456789abcdef', atMicros: 5 },
    );
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.nat(3), fc.string({ maxLength: 3 }))
      .map(([at, cut, put]) => good.slice(0, at) + put + good.slice(at + cut));
    const packedGarbage = fc
      .tuple(fc.nat(400), fc.uint8Array({ maxLength: 60 }))
      .map(([length, bytes]) => `#s=a/b&x=${length.toString(36)}.${toBase64Url(bytes)}`);
    const packedJson = fc.jsonValue().map((value) => {
      try {
        return `#s=a/b&x=${pack(value)}`;
      } catch {
        return '#';
      }
    });
    const strings = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(damaged, packedGarbage, packedJson, strings), (link) => {
        try {
          const { spec } = decodeLink(link);
          expect(Number.isSafeInteger(spec.seed)).toBe(true);
          encodeLink(spec);
        } catch (error) {
          expect(error, `link: ${JSON.stringify(link)}`).toBeInstanceOf(ScenarioError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('pack', () => {
  it('gives the same text for the same data, whatever the order of its keys', () => {
    expect(pack({ a: 1, b: [1, 2] })).toBe(pack({ b: [1, 2], a: 1 }));
  });

  it('is the same in every host: a golden text', () => {
    expect(pack({ interventions: [] })).toBe('k.q1bKzCtJLSpLzSvJzM8rVrKKjq0FAA');
  });

  it('unpacks what announces fewer or more bytes than it has as damage', () => {
    const packed = pack({ a: 'some text that is long enough' });
    const [length, data] = packed.split('.');
    for (const wrong of [-1, 1, 1_000]) {
      const announced = (parseInt(length!, 36) + wrong).toString(36);
      expect(() => unpack(`${announced}.${data}`)).toThrow(/damaged/);
    }
  });

  it('does not unpack more than it allows', () => {
    const bomb = pack('a'.repeat(PACKED_BYTES_MAX - 2)).split('.');
    expect(bomb[1]!.length).toBeLessThan(10_000);
    expect(unpack(bomb.join('.'))).toHaveLength(PACKED_BYTES_MAX - 2);
    expect(() => unpack(`5.${bomb[1]}`)).toThrow(/damaged/);
    expect(() => unpack(pack('a'.repeat(PACKED_BYTES_MAX)))).toThrow(/more than/);
  });
});

describe('base64url', () => {
  it('agrees with Node', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const ours = toBase64Url(bytes);
        expect(ours).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(ours)).toEqual(bytes);
      }),
    );
  });

  it('has one spelling for each sequence of bytes', () => {
    expect(fromBase64Url('AA')).toEqual(new Uint8Array([0]));
    expect(fromBase64Url('AB')).toBeNull();
    expect(fromBase64Url('A')).toBeNull();
    expect(fromBase64Url('AA==')).toBeNull();
    expect(fromBase64Url('A+')).toBeNull();
  });
});

describe('parseOrder', () => {
  it('reads fifo and permute:N and nothing else', () => {
    expect(parseOrder('fifo', 'order')).toBe('fifo');
    expect(parseOrder('permute:12', 'order')).toEqual({ permute: 12 });
    for (const wrong of ['', 'permute', 'permute:', 'permute:-1', 'permute:1.5', 'FIFO']) {
      expect(() => parseOrder(wrong, 'order'), wrong).toThrow(ScenarioError);
    }
  });
});

function packedActs(acts: readonly unknown[]): string {
  const list = acts.map((act, index) => ({ micros: index, afterEventNumber: index, act }));
  return `#s=a/b&x=${pack({ interventions: list })}`;
}

function hintOf(link: string): string {
  try {
    decodeLink(link);
  } catch (error) {
    if (error instanceof ScenarioError) return error.hint;
  }
  return '';
}
