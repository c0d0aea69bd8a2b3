/**
 * BigInts as bytes, and the arithmetic that the module `bigint` asks for: the other end of `src/big.rs`.
 *
 * A number is a byte for its sign (1 for negative) and its magnitude, the lowest byte first, without zeros at the end.
 */

import * as tag from "../generated/tags.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const DIGITS = encoder.encode("0123456789abcdef");
/** What stands before digits that JavaScript reads by itself. */
const PREFIXES: Partial<Record<number, string>> = { 2: "0b", 8: "0o", 10: "", 16: "0x" };
/** Digits in any base that a number holds exactly. */
const PIECE = 10;

/** The number in the `n` bytes from `at` up. */
export function fromBytes(u8: Uint8Array, at: number, n: number): bigint {
  let value: bigint;
  if (n <= 7) {
    let small = 0;
    for (let i = at + n; --i > at; ) small = small * 256 + u8[i];
    value = BigInt(small);
  } else {
    const text = new Uint8Array(2 * n - 2);
    for (let i = at + n, to = 0; --i > at; ) {
      text[to++] = DIGITS[u8[i] >> 4];
      text[to++] = DIGITS[u8[i] & 15];
    }
    value = BigInt("0x" + decoder.decode(text));
  }
  return u8[at] === 1 ? -value : value;
}

/** The bytes of a number. */
export function toBytes(value: bigint): Uint8Array {
  const isNegative = value < 0n;
  const digits = value === 0n ? "" : (isNegative ? -value : value).toString(16);
  const bytes = new Uint8Array(1 + ((digits.length + 1) >>> 1));
  bytes[0] = isNegative ? 1 : 0;
  for (let i = digits.length, to = 1; i > 0; i -= 2, to++) bytes[to] = nibble(digits, i - 1) | (nibble(digits, i - 2) << 4);
  return bytes;
}

/** The value of a digit; 0 before the first. */
function nibble(digits: string, at: number): number {
  const unit = digits.charCodeAt(at);
  return unit > 57 ? unit - 87 : unit & 15;
}

/**
 * Does the work on what a place holds, the first bytes and the second, and puts the result there: how many bytes it has, or
 * -1 if no number is so large in this engine.
 */
export function calculate(work: number, place: Uint8Array, first: number, second: number): number {
  try {
    const b = fromBytes(place, first, second);
    let result: Uint8Array;
    if (work === tag.READ) {
      result = toBytes(parse(decoder.decode(place.subarray(0, first)), Number(b)));
    } else {
      const a = fromBytes(place, 0, first);
      result = work === tag.WRITE ? encoder.encode(a.toString(Number(b))) : toBytes(operate(work, a, b));
    }
    place.set(result);
    return result.length;
  } catch {
    return -1;
  }
}

function operate(work: number, a: bigint, b: bigint): bigint {
  switch (work) {
    case tag.ADD:
      return a + b;
    case tag.SUB:
      return a - b;
    case tag.MUL:
      return a * b;
    case tag.DIV:
      return a / b;
    case tag.MOD:
      return a % b;
    case tag.IDIV:
      return a / b - (a < 0n !== b < 0n && a % b !== 0n ? 1n : 0n);
    default:
      return a ** b;
  }
}

/** The number that digits stand for: by halves, since digit after digit would take time with the square of their number. */
function parse(digits: string, base: number): bigint {
  const prefix = PREFIXES[base];
  if (prefix !== undefined) return BigInt(prefix + digits);
  if (digits.length <= PIECE) return BigInt(parseInt(digits, base));
  const low = digits.length >> 1;
  return parse(digits.slice(0, -low), base) * BigInt(base) ** BigInt(low) + parse(digits.slice(-low), base);
}
