/** Random values of every kind, and whether they come back the same. `node random-values.mjs 1000000` is the long run. */

import assert from "node:assert/strict";

import { Lua } from "./package.mjs";

/** A sequence of numbers that depends on the seed alone (xorshift). */
function random(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

const view = new DataView(new ArrayBuffer(8));

/** Makes values: integers are BigInts and floats numbers, so that nothing is lost. */
function maker(next) {
  const below = (n) => next() % n;
  const bits = () => {
    view.setUint32(0, next());
    view.setUint32(4, next());
  };
  const text = (n) => {
    const points = [];
    for (let i = 0; i < n; i++) {
      const kind = below(8);
      let point = kind < 5 ? below(128) : kind < 7 ? below(0x3000) : below(0x110000);
      if (point >= 0xd800 && point < 0xe000) point = 0xfeff;
      points.push(String.fromCodePoint(point));
    }
    return points.join("");
  };
  const bytes = (n) => {
    // The last byte makes it no UTF-8.
    const made = Uint8Array.from({ length: n + 1 }, () => below(256));
    made[n] = 0xff;
    return made;
  };
  const scalar = () => {
    switch (below(13)) {
      case 12: {
        // More than 64 bits.
        let big = 1n;
        for (let n = 2 + below(10); n > 0; n--) big = (big << 32n) | BigInt(next());
        return below(2) === 0 ? big : -big;
      }
      case 0:
        return below(2) === 0;
      case 1:
        return BigInt(below(200)) - 100n;
      case 2:
        bits();
        return view.getBigInt64(0);
      case 3:
        return (2n ** BigInt(below(63)) + BigInt(below(3)) - 1n) * (below(2) === 0 ? 1n : -1n);
      case 4: {
        bits();
        const float = view.getFloat64(0);
        return Number.isNaN(float) ? NaN : float;
      }
      case 5:
        return below(2000) / 8 - 100;
      case 6:
        return [0, -0, Infinity, -Infinity, NaN, 5e-324, Number.MAX_VALUE, 2 ** 53, 2 ** 63, -(2 ** 63)][below(10)];
      case 7:
      case 8:
        return text(below(12));
      case 9:
        return text(below(300));
      case 10:
        return bytes(below(20));
      default:
        return below(1000) + 0.5;
    }
  };
  const value = (depth, seen) => {
    if (depth === 0 || below(3) !== 0) {
      return seen.length > 0 && below(12) === 0 ? seen[below(seen.length)] : scalar();
    }
    const n = 1 + below(6);
    const kind = below(3);
    if (kind === 0) {
      const array = [];
      seen.push(array);
      for (let i = 0; i < n; i++) array.push(value(depth - 1, seen));
      return array;
    }
    if (kind === 1) {
      const object = Object.create(null);
      seen.push(object);
      for (let i = 0; i < n; i++) object[text(1 + below(6))] = value(depth - 1, seen);
      return object;
    }
    const map = new Map();
    seen.push(map);
    // A map that is not an array or an object: it has a key that is neither.
    map.set(below(2) === 0, value(depth - 1, seen));
    for (let i = 0; i < n; i++) {
      let key = scalar();
      if (Number.isNaN(key) || key instanceof Uint8Array) key = "was not a key";
      // A float with an integer's value is that integer's key.
      if (typeof key === "number" && Number.isInteger(key) && Math.abs(key) < 2 ** 63) key = BigInt(key);
      if (key === -(2 ** 63)) key = -(2n ** 63n);
      map.set(key, value(depth - 1, seen));
    }
    return map;
  };
  return () => value(4, []);
}

/** Asserts that two values are the same, with the same shape of cycles. */
function assertSame(a, b, pairs = new Map()) {
  if (typeof a !== "object" || a === null) {
    assert.ok(Object.is(a, b), `${String(a)} became ${String(b)}`);
    return;
  }
  if (pairs.has(a)) {
    assert.ok(pairs.get(a) === b, "another object");
    return;
  }
  pairs.set(a, b);
  if (a instanceof Uint8Array) {
    assert.deepEqual(b, a);
  } else if (Array.isArray(a)) {
    assert.ok(Array.isArray(b) && a.length === b.length, "not the same array");
    a.forEach((element, i) => assertSame(element, b[i], pairs));
  } else if (a instanceof Map) {
    assert.ok(b instanceof Map && a.size === b.size, "not the same map");
    for (const [key, value] of a) {
      assert.ok(b.has(key), `the key ${String(key)} is gone`);
      assertSame(value, b.get(key), pairs);
    }
  } else {
    assert.equal(Object.getPrototypeOf(b), null);
    assert.deepEqual(Object.keys(b).sort(), Object.keys(a).sort());
    for (const key of Object.keys(a)) assertSame(a[key], b[key], pairs);
  }
}

/** Sends `n` random values through Lua and back. */
export async function roundTrips(n, seed) {
  const lua = await Lua.open({ ints: "bigint", limits: { memoryBytes: 1 << 26 } });
  const same = await lua.run("return function(v) return v end");
  const make = maker(random(seed));
  for (let i = 0; i < n; i++) {
    const value = make();
    try {
      assertSame(value, same(value));
    } catch (error) {
      error.message = `value ${i} of seed ${seed}: ${error.message}`;
      throw error;
    }
  }
}

if (process.argv[1]?.endsWith("random-values.mjs")) {
  const n = Number(process.argv[2] ?? 1_000_000);
  const seed = Number(process.argv[3] ?? Date.now() % 1e6);
  await roundTrips(n, seed);
  console.log(`${n} values of seed ${seed} came back the same`);
}
