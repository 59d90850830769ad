import { describe, expect, it } from 'vitest';
import { exp, ln, pow, sqrt } from '../../../src/sim/kernel/maths.ts';
import { normalQuantile } from '../../../src/sim/kernel/normal-quantile.ts';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { bitsOf, ulpsBetween } from './support/double-bits.ts';

// The vectors were checked against 200-bit arithmetic: exp, pow and sqrt are the nearest double.
const LN: [number, string][] = [
  [2, '3fe62e42fefa39ef'],
  [10, '40026bb1bbb55516'],
  [0.1, 'c0026bb1bbb55515'],
  [0.5, 'bfe62e42fefa39ef'],
  [1.5, '3fd9f323ecbf984c'],
  [0.9999999999999999, 'bca0000000000000'],
  [1.0000000000000002, '3cafffffffffffff'],
  [1e-300, 'c085963447f87fb5'],
  [5e-324, 'c0874385446d71c3'],
  [1.7976931348623157e308, '40862e42fefa39ef'],
  [0.7071067811865475, 'bfd62e42fefa39f1'],
  [1.4142135623730951, '3fd62e42fefa39f0'],
  [123456.789, '40277281cad8a844'],
];
const EXP: [number, string][] = [
  [1, '4005bf0a8b145769'],
  [-1, '3fd78b56362cef38'],
  [0.1, '3ff1aec7b35a00d4'],
  [10, '40d5829dcf950560'],
  [-10, '3f07cd79b5647c9b'],
  [1e-20, '3ff0000000000000'],
  [709.78, '7fefe9ce5c4c52b4'],
  [-708.4, '000ff15b469edf89'],
  [-745.1, '0000000000000001'],
  [0.010830424695086549, '3ff02c9a3e776bb4'],
  [100.5, '48ffcc37a76f9e76'],
  [-0.5, '3fe368b2fc6f960a'],
  [0, '3ff0000000000000'],
];
const POW: [number, number, string][] = [
  [2, 0.5, '3ff6a09e667f3bcd'],
  [10, -5, '3ee4f8b588e368f1'],
  [0.5, 1074, '0000000000000001'],
  [1.0000001, 1e9, '48f349445c228792'],
  [3, 33, '4333bfefa65abb83'],
  [7.5, -2.25, '3f8600408095e7b0'],
  [0.00001, 0.3, '3fa030dc4ea03a73'],
  [0.999, 100000, '36e940747bb85395'],
  [1.5, -1.2, '3fe3abf04ceeddea'],
  [123.456, 1.16, '4070ac7d1bc334aa'],
  [-8, 3, 'c080000000000000'],
  [1.0000000000000002, 3e18, '7c00502174a9bef1'],
];
const SQRT: [number, string][] = [
  [2, '3ff6a09e667f3bcd'],
  [3, '3ffbb67ae8584caa'],
  [0.1, '3fd43d136248490f'],
  [1e300, '5f138d352e5096af'],
  [5e-324, '1e60000000000000'],
  [1.7976931348623157e308, '5fefffffffffffff'],
  [0.9999999999999999, '3fefffffffffffff'],
  [4, '4000000000000000'],
  [1.0000000000000002, '3ff0000000000000'],
  [123456.789, '4075f5d3b16948f6'],
];
const QUANTILE: [number, string][] = [
  [0.5, '0000000000000000'],
  [0.975, '3fff5c0331eeff82'],
  [0.001, 'c008b8cbb7204470'],
  [1e-12, 'c01c234fba57a32a'],
  [0.07, 'bff79cd70d9c27f0'],
  [0.93, '3ff79cd70d9c27f3'],
  [1e-300, 'c04286074064c26e'],
  [0.9999999999999999, '40206b48528cea51'],
];

const POINTS = 20_000;
const draws = (name: string) => new StreamBank(1).stream(`maths/${name}`);
/** Over all magnitudes that a double has. */
const anySize = (u: number) => Math.exp((u - 0.5) * 1400);

/** The largest distance over the points, and where. */
function worst(points: Iterable<{ ulps: number; where: string }>): { ulps: number; where: string } {
  let most = { ulps: 0, where: '' };
  for (const point of points) if (point.ulps > most.ulps) most = point;
  return most;
}

function sweep(name: string, place: (u: number, n: number) => number, f: F, host: F) {
  const stream = draws(name);
  const points = Array.from({ length: POINTS }, (_, n) => {
    const x = place(stream.open01(), n);
    return { ulps: ulpsBetween(f(x), host(x)), where: `${name}(${x}) = ${f(x)}` };
  });
  return worst(points);
}
type F = (x: number) => number;

describe('maths', () => {
  it('gives the same 64 bits everywhere', () => {
    for (const [x, bits] of LN) expect(bitsOf(ln(x)), `ln(${x})`).toBe(bits);
    for (const [x, bits] of EXP) expect(bitsOf(exp(x)), `exp(${x})`).toBe(bits);
    for (const [x, y, bits] of POW) expect(bitsOf(pow(x, y)), `pow(${x}, ${y})`).toBe(bits);
    for (const [x, bits] of SQRT) expect(bitsOf(sqrt(x)), `sqrt(${x})`).toBe(bits);
    for (const [p, bits] of QUANTILE) expect(bitsOf(normalQuantile(p)), `at ${p}`).toBe(bits);
  });

  it('keeps ln within 2 ulp of the host', () => {
    const near = (u: number, n: number) => (n % 2 === 0 ? 0.5 + u : anySize(u));
    const most = sweep('ln', near, ln, Math.log);
    expect(most.ulps, most.where).toBeLessThanOrEqual(2);
  });

  it('keeps exp within 2 ulp of the host', () => {
    const near = (u: number, n: number) => (u - 0.5) * (n % 2 === 0 ? 2 : 1480);
    const most = sweep('exp', near, exp, Math.exp);
    expect(most.ulps, most.where).toBeLessThanOrEqual(2);
  });

  it('rounds sqrt correctly', () => {
    const near = (u: number, n: number) => (n % 2 === 0 ? 1 + 3 * u : anySize(u));
    expect(sweep('sqrt', near, sqrt, Math.sqrt)).toEqual({ ulps: 0, where: '' });
    // Next to squares, where a wrong last step shows first, and among the subnormals.
    for (let n = 1; n < 3000; n++) {
      const square = (1 + n / 1024) * (1 + n / 1024);
      for (const x of [square, square * (1 + 2 ** -52), square * (1 - 2 ** -53), n * 5e-324]) {
        expect(sqrt(x), String(x)).toBe(Math.sqrt(x));
      }
    }
  });

  it('keeps pow within 2 ulp of the host', () => {
    const stream = draws('pow');
    const points = Array.from({ length: POINTS }, (_, n) => {
      const x = n % 2 === 0 ? stream.open01() * 4 : anySize(stream.open01());
      const reach = n % 4 < 2 ? 8 : 1400 / (Math.abs(Math.log(x)) + 0.1);
      const y = (stream.open01() - 0.5) * reach;
      return { ulps: ulpsBetween(pow(x, y), x ** y), where: `pow(${x}, ${y})` };
    });
    const most = worst(points);
    expect(most.ulps, most.where).toBeLessThanOrEqual(2);
  });

  it('gives a power that is a double exactly', () => {
    for (let base = 2; base < 300; base++) {
      for (let y = 1, exact = base; exact < 2 ** 53; y++, exact *= base) {
        expect(pow(base, y), `${base}^${y}`).toBe(exact);
        expect(pow(exact, 1 / 1), `${exact}^1`).toBe(exact);
      }
    }
    for (let y = -1074; y < 1024; y++) expect(pow(2, y), `2^${y}`).toBe(2 ** y);
  });

  it('has the special cases of the language', () => {
    const odd = [0, -0, 1, -1, 2, -2, 3, -3, 0.5, -0.25, 7, -7, 1e300, Infinity, -Infinity, NaN];
    // Finite powers are compared by the tests above; here are signs, zeros, infinities and NaN.
    const plain = (x: number) => Number.isFinite(x) && x !== 0;
    for (const x of odd) {
      for (const y of odd) {
        const power = pow(x, y);
        if (plain(power)) expect(ulpsBetween(power, x ** y), `${x}^${y}`).toBeLessThanOrEqual(1);
        else expect(power, `${x}^${y}`).toBe(x ** y);
      }
      if (!plain(ln(x))) expect(ln(x), `ln(${x})`).toBe(Math.log(x));
      if (!plain(exp(x))) expect(exp(x), `exp(${x})`).toBe(Math.exp(x));
      expect(sqrt(x), `sqrt(${x})`).toBe(Math.sqrt(x));
    }
    expect([exp(709.7827128933841), exp(709.782712893385), exp(-746)]).toEqual([
      Math.exp(709.7827128933841),
      Infinity,
      0,
    ]);
  });
});
