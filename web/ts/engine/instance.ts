/**
 * One instance of the module, with the views of its memory.
 *
 * Any number of machines live in one instance. When the instance traps, which should never happen, all of them are lost:
 * it is marked dead, and whoever opens a state next gets another.
 */

import { LuaStateError } from "../errors.ts";
import { type Glue, instantiate } from "./glue.ts";
import { Reader, Writer } from "./wire.ts";

export class Instance {
  readonly glue: Glue;
  u8: Uint8Array;
  dv: DataView;
  /** A message is being written. */
  writing = false;
  /** What killed it. */
  death: unknown = undefined;
  isDead = false;
  readonly libraries: readonly string[];
  readonly reader: Reader;
  readonly writer: Writer;
  private readonly memory: WebAssembly.Memory;

  constructor(module: WebAssembly.Module) {
    const { glue, memory } = instantiate(module);
    this.glue = glue;
    this.memory = memory;
    this.u8 = new Uint8Array(memory.buffer);
    this.dv = new DataView(memory.buffer);
    this.libraries = glue.libraries().split(" ");
    this.reader = new Reader(this);
    this.writer = new Writer(this);
  }

  /** Address of the message buffer, of at least `n` bytes. The views are fresh afterwards. */
  wire(n: number): number {
    const address = this.glue.wire(n);
    if (this.u8.length === 0) this.refresh();
    if (address === 0) throw new LuaStateError("memory");
    return address;
  }

  private refresh(): void {
    this.u8 = new Uint8Array(this.memory.buffer);
    this.dv = new DataView(this.memory.buffer);
  }

  /** The memory, as it is now. */
  bytes(): Uint8Array {
    if (this.u8.length === 0) this.refresh();
    return this.u8;
  }

  /** Bytes at an address, as a copy. */
  copy(address: number, n: number): Uint8Array {
    return this.bytes().slice(address, address + n);
  }

  /** Marks the instance as dead: the module threw, which it never does by itself. */
  die(cause: unknown): LuaStateError {
    if (!this.isDead) {
      this.isDead = true;
      this.death = cause;
    }
    return new LuaStateError("dead", this.death);
  }
}
