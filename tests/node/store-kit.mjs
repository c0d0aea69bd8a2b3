// The store conformance kit against stores in this process: those that keep to the contract pass it, and each that breaks
// it in one way is found out.
//
// node tests/node/store-kit.mjs dist/cu.wasm
//
// The last line is `N passed, N failed`; each store is one test.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const kit = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../../examples/store-kit/store-kit.lua"));
const module = new WebAssembly.Module(readFileSync(process.argv[2]));

/** A store as it should be. Faults override its methods; keys are Latin-1 text, values Buffers. */
class GoodStore {
  tables = new Map();
  keyOf(bytes) {
    return bytes.toString("latin1");
  }
  keyBytes(key) {
    return Buffer.from(key, "latin1");
  }
  get(table, key) {
    return this.tables.get(table)?.get(key);
  }
  set(table, key, value) {
    if (!this.tables.has(table)) this.tables.set(table, new Map());
    this.tables.get(table).set(key, value);
    return 0;
  }
  delete(table, key) {
    return this.tables.get(table)?.delete(key) ? 0 : -1;
  }
  size(table) {
    return this.tables.get(table)?.size ?? 0;
  }
  list(table) {
    const entries = this.tables.get(table);
    return entries && [...entries.keys()];
  }
  /** The list of keys as bytes. */
  format(keys) {
    const parts = [u32(keys.length)];
    for (const key of keys) parts.push(u32(key.length), this.keyBytes(key));
    return Buffer.concat(parts);
  }
  /** What the module is told when `bytes` bytes do not fit. */
  tooLong(bytes) {
    return bytes;
  }
}

function u32(n) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
}

const good = {
  "answers with the length": class extends GoodStore {},
  "answers -1 when there is no room": class extends GoodStore {
    tooLong() {
      return -1;
    }
  },
  "lists keys in another order each time": class extends GoodStore {
    list(table) {
      return super.list(table)?.sort(() => Math.random() - 0.5);
    }
  },
  // What follows a value is ignored.
  "keeps the end of a longer old value": class extends GoodStore {
    set(table, key, value) {
      const old = this.get(table, key) ?? Buffer.alloc(0);
      return super.set(table, key, Buffer.concat([value, old.subarray(value.length)]));
    }
  },
  "forgets empty tables": class extends GoodStore {
    delete(table, key) {
      const told = super.delete(table, key);
      if (this.size(table) === 0) this.tables.delete(table);
      return told;
    }
  },
  "takes keys as UTF-8": class extends GoodStore {
    keyOf(bytes) {
      return bytes.toString("utf8");
    }
    keyBytes(key) {
      return Buffer.from(key, "utf8");
    }
    format(keys) {
      const parts = [u32(keys.length)];
      for (const key of keys.map((key) => this.keyBytes(key))) parts.push(u32(key.length), key);
      return Buffer.concat(parts);
    }
  },
};

/** The old format of lists: it cannot say which keys there are when one of them contains a newline. */
const limited = {
  "lists keys with newlines between": class extends GoodStore {
    format(keys) {
      return this.keyBytes(keys.join("\n"));
    }
  },
  "lists keys with newlines after each": class extends GoodStore {
    format(keys) {
      return this.keyBytes(keys.map((key) => key + "\n").join(""));
    }
  },
};

/** Each breaks the contract in one way. */
const faulty = {
  "cuts values at 16 KB": class extends GoodStore {
    set(table, key, value) {
      return super.set(table, key, value.subarray(0, 16384));
    }
  },
  "refuses values above 64 KB": class extends GoodStore {
    set(table, key, value) {
      return value.length > 65536 ? -1 : super.set(table, key, value);
    }
  },
  "keeps values as text": class extends GoodStore {
    set(table, key, value) {
      return super.set(table, key, Buffer.from(value.toString("utf8")));
    }
  },
  "ends values at a zero byte": class extends GoodStore {
    set(table, key, value) {
      const end = value.indexOf(0, 5);
      return super.set(table, key, end < 0 ? value : value.subarray(0, end));
    }
  },
  "keeps views instead of copies": class extends GoodStore {
    static keepsViews = true;
  },
  "takes upper for lower case": class extends GoodStore {
    keyOf(bytes) {
      return super.keyOf(bytes).toLowerCase();
    }
  },
  "trims keys": class extends GoodStore {
    keyOf(bytes) {
      return super.keyOf(bytes).trimEnd();
    }
  },
  "normalises keys": class extends GoodStore {
    keyOf(bytes) {
      return Buffer.from(bytes.toString("utf8").normalize("NFC")).toString("latin1");
    }
  },
  "cuts keys at 255 bytes": class extends GoodStore {
    keyOf(bytes) {
      return super.keyOf(bytes).slice(0, 255);
    }
  },
  "has keys of objects": class extends GoodStore {
    get(table, key) {
      const inherited = {}[key];
      return inherited === undefined ? super.get(table, key) : Buffer.from([1, 1]);
    }
  },
  "does not delete": class extends GoodStore {
    delete() {
      return 0;
    }
  },
  "deletes everything at once": class extends GoodStore {
    delete(table) {
      this.tables.delete(table);
      return 0;
    }
  },
  "counts deleted entries": class extends GoodStore {
    n = new Map();
    set(table, key, value) {
      if (this.get(table, key) === undefined) this.n.set(table, (this.n.get(table) ?? 0) + 1);
      return super.set(table, key, value);
    }
    size(table) {
      return this.n.get(table) ?? 0;
    }
  },
  "has one table": class extends GoodStore {
    set(table, key, value) {
      return super.set(1, key, value);
    }
    get(table, key) {
      return super.get(1, key);
    }
  },
  "lists no key": class extends GoodStore {
    list(table) {
      return super.list(table) && [];
    }
  },
  "lists at most 1,000 keys": class extends GoodStore {
    list(table) {
      return super.list(table)?.slice(0, 1000);
    }
    size(table) {
      return Math.min(super.size(table), 1000);
    }
  },
  "lists keys twice": class extends GoodStore {
    list(table) {
      const keys = super.list(table);
      return keys && [...keys, ...keys];
    }
    size(table) {
      return super.size(table) * 2;
    }
  },
  "loses the last table": class extends GoodStore {
    set(table, key, value) {
      return table > 20 ? 0 : super.set(table, key, value);
    }
  },
};

/** Runs the kit over a store until it has ended: its report, or what went wrong. */
function report(Store) {
  const store = new Store();
  let lua;
  const bytes = (at, length) => Buffer.from(lua.memory.buffer, at >>> 0, length >>> 0);
  const answer = (at, room, value) => {
    if (value.length > room >>> 0) return store.tooLong(value.length);
    bytes(at, value.length).set(value);
    return value.length;
  };
  const env = {
    js_ext_table_get(table, key, keyLength, value, room) {
      const found = store.get(table >>> 0, store.keyOf(bytes(key, keyLength)));
      return found === undefined ? -1 : answer(value, room, found);
    },
    js_ext_table_set(table, key, keyLength, value, length) {
      const kept = Store.keepsViews ? bytes(value, length) : Buffer.from(bytes(value, length));
      return store.set(table >>> 0, store.keyOf(bytes(key, keyLength)), kept);
    },
    js_ext_table_delete: (table, key, keyLength) => store.delete(table >>> 0, store.keyOf(bytes(key, keyLength))),
    js_ext_table_size: (table) => store.size(table >>> 0),
    js_ext_table_keys(table, at, room) {
      const keys = store.list(table >>> 0);
      return keys === undefined ? -1 : answer(at, room, store.format(keys));
    },
  };
  lua = new WebAssembly.Instance(module, { env }).exports;
  lua.init();
  let all = "";
  for (let i = 0; i < 8 && !all.includes("store-kit:"); i += 1) {
    const at = lua.get_buffer_ptr();
    bytes(at, kit.length).set(kit);
    const told = lua.compute(at, kit.length);
    if (told < 0) return `${all}stopped: ${bytes(at, -told - 1).toString("utf8")}`;
    all += bytes(at + 4, bytes(at, 4).readUInt32LE(0)).toString("utf8");
  }
  return all;
}

function passes(text) {
  return /^store-kit: \d+ passed, 0 failed$/m.test(text) && !text.includes("FAILED");
}

function isLimited(text) {
  const found = text.split("\n").filter((line) => line.startsWith("FAILED"));
  return found.length > 0 && found.every((line) => / keys (with line ends|of bytes)/.test(line)) && text.includes("store-kit:");
}

let [passed, failed] = [0, 0];
for (const [stores, isRight] of [[good, passes], [limited, isLimited], [faulty, (text) => !passes(text)]]) {
  for (const [name, Store] of Object.entries(stores)) {
    const text = report(Store);
    if (isRight(text)) {
      passed += 1;
    } else {
      failed += 1;
      const lines = text.split("\n").filter((line) => !line.startsWith("ok "));
      console.error(`the wrong report about a store that ${name}\n  ${lines.join("\n  ")}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
