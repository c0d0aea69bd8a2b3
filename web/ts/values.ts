/** Values of Lua that JavaScript has no type for, and what JavaScript shows of itself to Lua. */

import { LuaValueError } from "./errors.ts";

/** A float, where the difference from an integer matters: `new LuaFloat(3)` is Lua's `3.0`. */
export class LuaFloat {
  static readonly name: string = "LuaFloat";
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  valueOf(): number {
    return this.value;
  }
  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : `${this.value}`;
  }
}

/** Several results of a function that Lua calls. */
export class LuaMulti {
  static readonly name: string = "LuaMulti";
  readonly values: readonly unknown[];
  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

/** Makes a function that Lua calls return several values: `return multi(1, 2)`. */
export function multi(...values: unknown[]): LuaMulti {
  return new LuaMulti(values);
}

/** Something that stays in Lua: a coroutine, a userdata. Given back, it is the same thing again. */
export class LuaHandle {
  static readonly name: string = "LuaHandle";
  readonly type: "thread" | "userdata" | "table";
  /** @internal */
  constructor(type: "thread" | "userdata" | "table") {
    this.type = type;
  }
}

/** Which members of an object Lua may use. */
export interface Exposure {
  /** Members that Lua may read; those that are functions are its methods. */
  read?: readonly string[];
  /** Members that Lua may write. */
  write?: readonly string[];
  /** For a class: Lua may call it to make an instance. For another function or object: Lua may call it. */
  call?: boolean;
  /** Lua may go through it with `pairs`, if it is iterable. */
  iterate?: boolean;
  /** Lua may ask for its length with `#`, which is then `length` or `size`. */
  length?: boolean;
  /** For a class: what its instances show. */
  instances?: Exposure;
  /** What `tostring` shows; the default is `JavaScript object`. */
  text?: (object: never) => string;
}

/** An {@link Exposure}, checked. */
export interface Shape {
  read: ReadonlySet<string>;
  write: ReadonlySet<string>;
  call: boolean;
  iterate: boolean;
  length: boolean;
  text?: (object: never) => string;
}

const NEVER = new Set(["__proto__", "constructor", "prototype", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"]);

const shapes = new WeakMap<object, Shape>();
/** By prototype. */
const instanceShapes = new WeakMap<object, Shape>();

function checked(exposure: Exposure): Shape {
  const names = (list: readonly string[] | undefined, what: string): ReadonlySet<string> => {
    for (const name of list ?? []) {
      if (typeof name !== "string") throw new TypeError(`expose: ${what} has to list strings`);
      if (NEVER.has(name)) throw new TypeError(`expose: the member ${name} cannot be shown to Lua`);
    }
    return new Set(list);
  };
  return {
    read: names(exposure.read, "read"),
    write: names(exposure.write, "write"),
    call: exposure.call === true,
    iterate: exposure.iterate === true,
    length: exposure.length === true,
    text: exposure.text,
  };
}

/** Shows an object, or a class and its instances, to Lua: these members and nothing else. Returns the object. */
export function expose<T extends object>(target: T, exposure: Exposure): T {
  if ((typeof target !== "object" && typeof target !== "function") || target === null) {
    throw new TypeError("expose: only objects and classes can be shown to Lua");
  }
  shapes.set(target, checked(exposure));
  if (exposure.instances !== undefined) {
    const prototype: unknown = (target as { prototype?: unknown }).prototype;
    if (typeof prototype !== "object" || prototype === null) throw new TypeError("expose: instances are those of a class");
    instanceShapes.set(prototype, checked(exposure.instances));
  }
  return target;
}

const ERROR_SHAPE: Shape = {
  read: new Set(["name", "message"]),
  write: new Set(),
  call: false,
  iterate: false,
  length: false,
  text: (error: Error) => `${error.name}: ${error.message}`,
};

/** What Lua may see of an object; nothing if it is not exposed. */
export function shapeOf(object: object): Shape | undefined {
  const own = shapes.get(object);
  if (own !== undefined) return own;
  for (let p: object | null = Object.getPrototypeOf(object); p !== null; p = Object.getPrototypeOf(p)) {
    const shape = instanceShapes.get(p);
    if (shape !== undefined) return shape;
  }
  return object instanceof Error ? ERROR_SHAPE : undefined;
}

/** Refuses a value that Lua cannot have. */
export function refuse(what: string): never {
  throw new LuaValueError(what);
}
