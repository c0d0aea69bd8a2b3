/**
 * The tests that any store can be put to: `storageConformance(name, open, test)`, where `open` opens the same empty
 * place each time it is called. Authors of stores may copy this file.
 */

import assert from "node:assert/strict";

const bytes = (...list) => Uint8Array.from(list);
const batch = (set, remove = [], guard) => ({ set: new Map(Object.entries(set)), remove, guard });

export function storageConformance(name, open, test) {
  test(`${name}: what was put is there, also after it was opened again`, async () => {
    let storage = await open();
    assert.equal(await storage.get("a"), undefined);
    await storage.put(batch({ a: bytes(1, 2), "b/1": bytes(), "b/2": bytes(255), "c": new Uint8Array(300_000).fill(7) }));
    await storage.close();
    storage = await open();
    assert.deepEqual(await storage.get("a"), bytes(1, 2));
    assert.deepEqual(await storage.get("b/1"), bytes());
    assert.equal((await storage.get("c")).length, 300_000);
    assert.deepEqual((await storage.list("b/")).sort(), [["b/1", bytes()], ["b/2", bytes(255)]]);
    assert.equal((await storage.list("")).length, 4);
    assert.deepEqual(await storage.list("nothing"), []);
    await storage.delete();
    assert.deepEqual(await storage.list(""), []);
    await storage.close();
  });

  test(`${name}: a batch replaces and removes`, async () => {
    const storage = await open();
    await storage.put(batch({ x: bytes(1), y: bytes(2) }));
    await storage.put(batch({ x: bytes(3) }, ["y", "never"]));
    assert.deepEqual(await storage.list(""), [["x", bytes(3)]]);
    await storage.delete();
    await storage.close();
  });

  test(`${name}: a batch whose guard does not hold changes nothing`, async () => {
    const storage = await open();
    await storage.put(batch({ h: bytes(1) }, [], { name: "h", bytes: undefined }));
    for (const guard of [{ name: "h", bytes: undefined }, { name: "h", bytes: bytes(2) }, { name: "h", bytes: bytes(1, 1) }, { name: "no", bytes: bytes() }]) {
      await assert.rejects(storage.put(batch({ h: bytes(9), z: bytes(9) }, [], guard)), (e) => e.problem === "conflict");
    }
    assert.deepEqual(await storage.list(""), [["h", bytes(1)]]);
    await storage.put(batch({ h: bytes(2) }, [], { name: "h", bytes: bytes(1) }));
    assert.deepEqual(await storage.get("h"), bytes(2));
    await storage.delete();
    await storage.close();
  });

  test(`${name}: what is given and what is got are copies`, async () => {
    const storage = await open();
    const value = bytes(1);
    await storage.put(batch({ v: value }));
    value[0] = 2;
    (await storage.get("v"))[0] = 3;
    (await storage.list("v"))[0][1][0] = 4;
    assert.deepEqual(await storage.get("v"), bytes(1));
    await storage.delete();
    await storage.close();
  });

  test(`${name}: puts at the same time follow one another`, async () => {
    const storage = await open();
    await Promise.all(Array.from({ length: 20 }, (_, i) => storage.put(batch({ [`k${i}`]: bytes(i), last: bytes(i) }))));
    assert.equal((await storage.list("k")).length, 20);
    await storage.delete();
    await storage.close();
  });
}
