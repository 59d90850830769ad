/**
 * ln, exp, pow and sqrt from + - * / on doubles alone.
 *
 * ECMA-262 leaves the last bits of Math.log, exp, pow and sqrt to the engine, and engines differ
 * and change; these give the same 64 bits everywhere, which golden vectors hold them to. sqrt is
 * correctly rounded, the others stay within 2 units in the last place (pow and exp within
 * 0.52, so that a power that is a double comes out exactly).
 *
 * Sources: ln - the reduction and polynomial of Sun's fdlibm, e_log.c; exp - Tang, "Table-Driven
 * Implementation of the Exponential Function", ACM TOMS 1989; products with their rounding error -
 * Dekker, "A Floating-Point Technique for Extending the Available Precision", 1971.
 */

// A view on the bits of one double. Scratch: it carries nothing from one call to the next. The
// high word comes second: every platform with a JavaScript engine of today is little-endian.
const DOUBLE = new Float64Array(1);
const WORDS = new Int32Array(DOUBLE.buffer);
const HIGH = 1;

/** ln 2, its first part short enough that a multiple by any exponent is exact. */
const LN2_HIGH = 0.6931471804855391;
const LN2_LOW = 7.440617110012397e-11;
/** Added to a high word, it carries into the exponent from sqrt(2) on. */
const SQRT2_CARRY = 0x00095f64;
const TWO_54 = 18014398509481984;
/** 2^-1022. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;
/** 2^-52. */
const ULP = 2.220446049250313e-16;

const POWER_MIN = -1074;
/** 2^n from -1074 to 1023. A product with one of them costs less than a detour through the bits. */
const POWERS_OF_TWO = powersOfTwo();

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(1023 - POWER_MIN + 1);
  let power = 5e-324;
  for (let index = 0; index < powers.length; index++) {
    powers[index] = power;
    power *= 2;
  }
  return powers;
}

/** 2^exponent. */
function powerOfTwo(exponent: number): number {
  return POWERS_OF_TWO[exponent - POWER_MIN]!;
}

/** For a normal x = mantissa * 2^exponent, the mantissa in [sqrt(1/2), sqrt(2)): the exponent. */
function exponentOf(x: number): number {
  DOUBLE[0] = x;
  return ((WORDS[HIGH]! + SQRT2_CARRY) >> 20) - 1023;
}

/** Natural logarithm. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  if (x < SMALLEST_NORMAL) return ln(x * TWO_54) - 54 * LN2_HIGH - 54 * LN2_LOW;
  const k = exponentOf(x);
  const f = x * powerOfTwo(-k) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + even + odd) + k * LN2_LOW) - f);
}

/** ln(2)/32 in two parts, like LN2. */
const STEP_HIGH = 0.021660849390173098;
const STEP_LOW = 2.325192846878874e-12;
const STEPS_PER_UNIT = 46.16624130844683;

/** 2^(i/32), and what its double leaves out. */
const ROOT = new Float64Array([
  1.0, 1.0218971486541166, 1.0442737824274138, 1.0671404006768237, 1.0905077326652577,
  1.1143867425958924, 1.1387886347566916, 1.1637248587775775, 1.189207115002721, 1.215247359980469,
  1.241857812073484, 1.2690509571917332, 1.2968395546510096, 1.3252366431597413, 1.3542555469368927,
  1.383909881963832, 1.4142135623730951, 1.4451808069770467, 1.4768261459394993, 1.5091644275934228,
  1.5422108254079407, 1.5759808451078865, 1.6104903319492543, 1.645755478153965, 1.681792830507429,
  1.718619298122478, 1.7562521603732995, 1.7947090750031072, 1.8340080864093424, 1.8741676341103,
  1.9152065613971474, 1.9571441241754002,
]);
const ROOT_REST = new Float64Array([
  0.0, 5.109225028973444e-17, 8.551889705537965e-17, -7.899853966841582e-17, -3.046782079812471e-17,
  1.0410278456845571e-16, 8.912812676025408e-17, 3.8292048369240935e-17, 3.982015231465646e-17,
  -7.712630692681488e-17, 4.658027591836937e-17, 2.667932131342186e-18, 2.5382502794888315e-17,
  -2.8587312100388614e-17, 7.70094837980299e-17, -6.770511658794786e-17, -9.667293313452913e-17,
  -3.0237581349939873e-17, -3.483994556892796e-17, -1.016455327754295e-16, 7.949834809697621e-17,
  -1.0136916471278304e-17, 2.4707192569797888e-17, -1.0125679913674773e-16, 8.199010020581497e-17,
  -1.851380418263111e-17, 2.960140695448873e-17, 1.8227458427912087e-17, 3.283107224245627e-17,
  -6.122763413004143e-17, -1.0619946056195963e-16, 8.960767791036668e-17,
]);

/** e to the power of x. */
export function exp(x: number): number {
  return expOfSum(x, 0);
}

/** e^(x + rest), |rest| far below |x|. */
function expOfSum(x: number, rest: number): number {
  if (x !== x) return NaN;
  if (x > 709.79) return Infinity;
  if (x < -745.2) return 0;
  const steps = Math.floor(x * STEPS_PER_UNIT + 0.5);
  const r = x - steps * STEP_HIGH + (rest - steps * STEP_LOW);
  const square = r * r;
  const tail = 1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040))));
  const p = r + square * (0.5 + r * tail);
  const index = steps & 31;
  const root = ROOT[index]!;
  const value = root + (ROOT_REST[index]! + root * p);
  const exponent = steps >> 5;
  if (exponent > 1023) return value * 2 * powerOfTwo(exponent - 1);
  if (exponent > -1022) return value * powerOfTwo(exponent);
  return value * powerOfTwo(exponent + 128) * 2.938735877055719e-39;
}

/** What the double `product` = a * b leaves out, exactly. */
function productRest(a: number, b: number, product: number): number {
  const splitA = a * 134217729;
  const highA = splitA - (splitA - a);
  const lowA = a - highA;
  const splitB = b * 134217729;
  const highB = splitB - (splitB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

/** What the double `sum` = a + b leaves out, exactly. */
function sumRest(a: number, b: number, sum: number): number {
  const partB = sum - a;
  return a - (sum - partB) + (b - partB);
}

/** x to the power of y, with the special cases of ECMA-262's `**`. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x !== x || y !== y) return NaN;
  const size = Math.abs(x);
  const negative = (x < 0 || (x === 0 && 1 / x < 0)) && Math.abs(y % 2) === 1;
  if (x < 0 && size !== Infinity && Math.abs(y) !== Infinity && y % 1 !== 0) return NaN;
  if (size === 1 && Math.abs(y) === Infinity) return NaN;
  const power = sizePower(size, y);
  return negative ? -power : power;
}

/** x^y for x >= 0: e^(y ln x), with ln x to about 70 bits so that a large y does no harm. */
function sizePower(x: number, y: number): number {
  if (x === 1) return 1;
  if (x === 0 || x === Infinity || Math.abs(y) === Infinity) {
    return x > 1 === y > 0 ? Infinity : 0;
  }
  const scaled = x < SMALLEST_NORMAL ? x * TWO_54 : x;
  const exponent = exponentOf(scaled);
  const m = scaled * powerOfTwo(-exponent);
  const k = x < SMALLEST_NORMAL ? exponent - 54 : exponent;

  // s = (m - 1) / (m + 1); ln m = 2s + s (2/3 z + 2/5 z^2 + ...), z = s^2.
  const f = m - 1;
  const divisor = m + 1;
  const s = f / divisor;
  const sDivisor = s * divisor;
  const sRest =
    (f - sDivisor - productRest(s, divisor, sDivisor) - s * sumRest(m, 1, divisor)) / divisor;
  const z = s * s;
  const zRest = productRest(s, s, z) + 2 * s * sRest;

  const tail = z * logTail(z);
  const fifth = 0.4 + tail;
  const fifthRest = 0.4 - fifth + tail - 2.2204460492503132e-17;
  const zFifth = z * fifth;
  const third = 0.6666666666666666 + zFifth;
  const thirdRest =
    0.6666666666666666 -
    third +
    zFifth +
    (3.700743415417188e-17 + productRest(z, fifth, zFifth) + z * fifthRest + zRest * fifth);
  const zThird = z * third;
  const zThirdRest = productRest(z, third, zThird) + z * thirdRest + zRest * third;
  const series = s * zThird;
  const seriesRest = productRest(s, zThird, series) + s * zThirdRest + sRest * zThird;

  const lnMantissa = 2 * s + series;
  const lnMantissaRest = 2 * s - lnMantissa + series + (2 * sRest + seriesRest);
  const whole = k * LN2_HIGH;
  const lnX = whole + lnMantissa;
  const lnXRest = sumRest(whole, lnMantissa, lnX) + (lnMantissaRest + k * LN2_LOW);

  const product = y * lnX;
  if (product > 710) return Infinity;
  if (product < -746) return 0;
  return expOfSum(product, productRest(y, lnX, product) + y * lnXRest);
}

/** 2/7 + 2/9 z + 2/11 z^2 + ... as far as z <= 0.0295 needs it. */
function logTail(z: number): number {
  const far = 2 / 21 + z * (2 / 23 + z * (2 / 25 + z * (2 / 27)));
  const middle = 2 / 13 + z * (2 / 15 + z * (2 / 17 + z * (2 / 19 + z * far)));
  return 2 / 7 + z * (2 / 9 + z * (2 / 11 + z * middle));
}

/** Divided differences of 1/sqrt at 1, 1.5 and 2. */
const SLOPE = 0.367007;
const CURVATURE = 0.148227;
const SQRT_HALF = 0.7071067811865476;

/** Square root, correctly rounded. */
export function sqrt(x: number): number {
  if (!(x > 0)) return x === 0 ? x : NaN;
  if (x === Infinity) return x;
  if (x < SMALLEST_NORMAL) return sqrt(x * TWO_54) * powerOfTwo(-27);
  DOUBLE[0] = x;
  const exponent = (WORDS[HIGH]! >> 20) - 1023;
  const odd = exponent & 1;
  const mantissa = x * powerOfTwo(-exponent);
  const scaled = odd === 1 ? mantissa * 2 : mantissa;

  // 1/sqrt from a parabola through 1, 1.5 and 2; each Newton step doubles the good digits.
  const guess = 1.0 + (mantissa - 1) * ((mantissa - 1.5) * CURVATURE - SLOPE);
  let inverse = odd === 1 ? guess * SQRT_HALF : guess;
  const half = 0.5 * scaled;
  inverse *= 1.5 - half * inverse * inverse;
  inverse *= 1.5 - half * inverse * inverse;
  inverse *= 1.5 - half * inverse * inverse;
  const rough = scaled * inverse;
  let root = rough + 0.5 * inverse * (scaled - rough * rough);

  // root is in [1, 2]. It is right when |scaled - root^2| <= root * 2^-52; the difference, a
  // multiple of 2^-104, is computed without rounding, and a tie cannot be.
  const square = root * root;
  const excess = scaled - square - productRest(root, root, square);
  if (excess > root * ULP) root += ULP;
  else if (excess <= -root * ULP) root -= ULP;
  return root * powerOfTwo((exponent - odd) / 2);
}
