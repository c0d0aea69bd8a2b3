/**
 * How a state's external tables are kept in a store: as generations, each a list of segments.
 *
 * ```text
 *   h0, h1   headers: generation g is in h(g mod 2), the one before it in the other
 *   s/g      the segment that generation g wrote: entries that have changed, or what several segments came to
 * ```
 *
 * Each save writes one segment and one header in one batch, in the place of the header before the last one, and guarded
 * by it. Nothing that the last generation consists of is touched: it stays until the one after it is confirmed. So there
 * are always two whole generations, and two writers never mix.
 *
 * Segments in which nothing is up to date are left out. When there are too many of them, or too much of what they have
 * is out of date, the last ones or all of them are written as one.
 *
 * Loading checks every checksum and refuses rather than guesses. If the last generation is damaged the error says
 * whether the one before is whole.
 */

import { type Change, checkedHeader, type Header, headerContent, readChanges, readHeader, seal, type Sealing, type Segment, sizeOfChange, unseal, writeChanges, writeHeader } from "./records.ts";
import { crc32 } from "./crc32.ts";
import { LOST, LuaStorageError, sameBytes, type Storage, watched } from "./storage.ts";

export type { Change } from "./records.ts";

const HEADERS = ["h0", "h1"] as const;
const SEGMENT = /^s\/([1-9][0-9]{0,15})$/;
/** More segments than this are merged, at least so many of them. */
const MOST_SEGMENTS = 24;
const FEWEST_MERGED = 16;
/** Milliseconds after loading when there is time for other things. */
const PLACING_MS = 50;
/** So many bytes may be out of date, beside as many as are up to date. */
const SLACK = 64 * 1024;

function segmentName(generation: number): string {
  return `s/${generation}`;
}

/** The slot of a generation's header. */
function slotOf(generation: number): 0 | 1 {
  return (generation % 2) as 0 | 1;
}

// It gives each byte a character of its own.
const latin1 = new TextDecoder("latin1");

/** A table's number and a key, as one text. */
function entryName(table: number, key: Uint8Array): string {
  return `${table}/${latin1.decode(key)}`;
}

/** A number that is the same for the same table and key, and seldom for others. */
function entryHash(table: number, key: Uint8Array): number {
  let hash = table | 0;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i], 0x01000193);
  return hash;
}

/** Where the last version of an entry is, and how long it is there. */
interface Place {
  generation: number;
  size: number;
}

/** A generation that has been read or written, with the bytes of its header. */
interface Known {
  header: Header;
  bytes: Uint8Array;
}

/** A generation that is being written. */
interface Save extends Known {
  /** The entries of its segment. */
  entries: Map<string, Change>;
  /** The record of its segment, if it has entries. */
  record: Uint8Array | undefined;
}

/** How a state is kept. */
export interface PersistenceOptions {
  compress?: boolean;
  key?: CryptoKey;
  /** Takes the generation before if the last one is damaged. */
  recover?: boolean;
  /** Saves are refused. */
  readOnly?: boolean;
  /** The most bytes that all entries may have. */
  limit?: number;
}

/** The saved generation of a state, and how the next one is written. */
export class Persistence {
  private readonly storage: Storage;
  private readonly sealing: Sealing;
  private readonly options: PersistenceOptions;
  private last: Known | undefined;
  /** What the two slots contain, as far as is known. */
  private readonly slots: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  /** Saves of which nobody knows whether they were stored: one of them at most was. */
  private uncertain: Save[] = [];
  private readonly places = new Map<string, Place>();
  /** Bytes of each segment that are up to date, by generation. */
  private readonly live = new Map<number, number>();
  /** What was loaded, until its places are noted. */
  private unplaced: { segments: readonly Segment[]; payloads: readonly Uint8Array[] } | undefined;
  /** Segments that are stored. */
  private stored = new Set<number>();
  /** What the store had is gone, and nothing has been saved since. */
  private isLost = false;

  constructor(storage: Storage, options: PersistenceOptions = {}) {
    this.storage = storage;
    this.options = options;
    this.sealing = { compress: options.compress === true, key: options.key, limit: options.limit ?? Infinity };
  }

  /** The number of the last save that is known to be stored; 0 if there is none. */
  get generation(): number {
    return this.last?.header.generation ?? 0;
  }

  // ---- loading ------------------------------------------------------------------------------------------

  /** Reads everything that is stored, entry by entry. */
  async load(): Promise<Change[]> {
    return upToDate(await this.loadPayloads(true))
      .flat()
      .filter(({ value }) => value !== undefined);
  }

  /**
   * Reads everything that is stored: the payloads of the segments, the newest first. What counts of an entry is what is
   * said of it first. Whoever takes them apart may leave it out to check that they can be (`isChecked`), and load once
   * more, with it, where they cannot.
   */
  async loadPayloads(isChecked: boolean): Promise<Uint8Array[]> {
    const records = new Map<string, Uint8Array>();
    for (const [name, bytes] of await watched(this.storage.list(""))) {
      if (!(bytes instanceof Uint8Array)) throw new LuaStorageError("damaged", `the record ${name.slice(0, 80)} is not of bytes`);
      records.set(name, bytes);
    }
    for (const name of records.keys()) {
      const match = SEGMENT.exec(name);
      if (match !== null) this.stored.add(Number(match[1]));
    }
    for (const slot of [0, 1] as const) this.slots[slot] = records.get(HEADERS[slot]);
    const found = await this.headers();
    if (found.whole.length === 0) {
      if (found.problem !== undefined) throw found.problem;
      const lost = records.get(LOST);
      this.isLost = lost !== undefined;
      if (lost !== undefined && this.options.recover === true) return [];
      if (lost !== undefined) throw new LuaStorageError("damaged", new TextDecoder().decode(lost));
      if (records.size > 0) throw new LuaStorageError("damaged", "there is no header");
      return [];
    }
    const [newest, before] = found.whole;
    let problem = found.problem;
    if (problem === undefined) {
      try {
        return await this.loadGeneration(newest, records, isChecked);
      } catch (error) {
        if (!(error instanceof LuaStorageError) || error.problem !== "damaged") throw error;
        problem = error;
      }
    }
    // The newest header may itself be what is damaged: then the whole one is the generation before.
    const previous = found.problem === undefined ? before : newest;
    const entries = previous === undefined ? undefined : await this.loadGeneration(previous, records, true).catch(() => undefined);
    if (entries === undefined) throw problem;
    if (this.options.recover === true && problem.problem === "damaged") return entries;
    problem.previous = previous?.header.generation;
    throw problem;
  }

  /** The headers that can be read, the newest first, and what is wrong with one that cannot. */
  private async headers(): Promise<{ whole: Known[]; problem: LuaStorageError | undefined }> {
    const whole: Known[] = [];
    let problem: LuaStorageError | undefined;
    for (const slot of [0, 1] as const) {
      const bytes = this.slots[slot];
      if (bytes === undefined) continue;
      try {
        const header = checkedHeader(await readHeader(HEADERS[slot], bytes, this.sealing));
        if (slotOf(header.generation) !== slot || header.generation === 0) throw new LuaStorageError("damaged", "a header is in the wrong place");
        whole.push({ header, bytes });
      } catch (error) {
        if (!(error instanceof LuaStorageError)) throw error;
        problem ??= error;
      }
    }
    whole.sort((a, b) => b.header.generation - a.header.generation);
    const [newest, before] = whole;
    if (newest !== undefined && before !== undefined && newest.header.generation !== before.header.generation + 1) {
      problem ??= new LuaStorageError("damaged", "the headers are not of neighbouring generations");
    }
    if (newest !== undefined && before === undefined && problem === undefined && newest.header.generation !== 1) {
      problem = new LuaStorageError("damaged", "a header is missing");
    }
    return { whole, problem };
  }

  private async loadGeneration(known: Known, records: ReadonlyMap<string, Uint8Array>, isChecked: boolean): Promise<Uint8Array[]> {
    const segments = [...known.header.segments].reverse();
    let room = this.sealing.limit;
    const payloads: Uint8Array[] = [];
    for (const segment of segments) {
      const payload = await this.payload(segment, records.get(segmentName(segment.generation)), room);
      if (isChecked) readChanges(payload);
      room -= payload.length;
      payloads.push(payload);
    }
    this.last = known;
    this.unplaced = { segments, payloads };
    // It is needed by the first save; there is time for it before.
    const early = (): void => {
      try {
        this.place();
      } catch {
        // It is damaged, as whoever takes it apart finds out.
      }
    };
    const timer = setTimeout(early, PLACING_MS) as { unref?: () => void } | number;
    if (typeof timer === "object") timer.unref?.();
    return payloads;
  }

  /** Notes where the entries are that were loaded. */
  private place(): void {
    if (this.unplaced === undefined) return;
    const { segments, payloads } = this.unplaced;
    this.places.clear();
    this.live.clear();
    for (const [i, changes] of upToDate(payloads).entries()) {
      const { generation } = segments[i];
      let live = 0;
      for (const change of changes) {
        const size = sizeOfChange(change);
        this.places.set(entryName(change.table, change.key), { generation, size });
        live += size;
      }
      this.live.set(generation, live);
    }
    this.unplaced = undefined;
  }

  /** What a segment contains, if it is what its header says. */
  private async payload(segment: Segment, record: Uint8Array | undefined, limit: number): Promise<Uint8Array> {
    const name = segmentName(segment.generation);
    if (record === undefined) throw new LuaStorageError("damaged", `the segment ${segment.generation} is missing`);
    if (record.length !== segment.length || crc32(record) !== segment.checksum) {
      throw new LuaStorageError("damaged", `the checksum of segment ${segment.generation} is wrong`);
    }
    return unseal(name, record, { ...this.sealing, limit });
  }

  // ---- saving -------------------------------------------------------------------------------------------

  /**
   * Writes the next generation. When this is fulfilled it is stored; when it is rejected the last one is.
   * `all` gives all entries that there are: they are used where what is stored turns out to be damaged.
   */
  async save(changes: readonly Change[], all?: () => readonly Change[]): Promise<number> {
    if (this.options.readOnly === true) throw new LuaStorageError("readonly");
    await this.settle();
    return this.write(await this.next(changes, all));
  }

  /** Writes the next generation, which consists of these entries and no others. */
  async replace(entries: readonly Change[]): Promise<number> {
    if (this.options.readOnly === true) throw new LuaStorageError("readonly");
    await this.settle();
    return this.write(await this.written([], named(entries)));
  }

  /** Finds out whether a save of which nobody knows was stored. */
  private async settle(): Promise<void> {
    this.place();
    if (this.uncertain.length === 0) return;
    const slot = slotOf(this.generation + 1);
    const stored = await watched(this.storage.get(HEADERS[slot]));
    const save = this.uncertain.find(({ bytes }) => sameBytes(bytes, stored));
    if (save !== undefined) this.done(save);
  }

  private async write(save: Save): Promise<number> {
    const { header, bytes, record } = save;
    const slot = slotOf(header.generation);
    const set = new Map([[HEADERS[slot] as string, bytes]]);
    if (record !== undefined) set.set(segmentName(header.generation), record);
    // What neither this generation nor the last one consists of.
    const needed = new Set([...header.segments, ...(this.last?.header.segments ?? [])].map((segment) => segment.generation));
    const remove = [...this.stored].filter((generation) => !needed.has(generation)).map(segmentName);
    if (this.isLost) remove.push(LOST);
    const batch = { set, remove, guard: { name: HEADERS[slot] as string, bytes: this.slots[slot] } };
    try {
      await watched(this.storage.put(batch));
    } catch (error) {
      this.uncertain = [...this.uncertain.slice(-2), save];
      throw error;
    }
    this.done(save);
    return header.generation;
  }

  /** What is written for these changes. */
  private async next(changes: readonly Change[], all: (() => readonly Change[]) | undefined): Promise<Save> {
    const fresh = named(changes);
    const live = new Map(this.live);
    for (const entry of fresh.keys()) {
      const place = this.places.get(entry);
      if (place !== undefined) live.set(place.generation, (live.get(place.generation) ?? 0) - place.size);
    }
    const kept = (this.last?.header.segments ?? []).filter(({ generation }) => (live.get(generation) ?? 0) > 0);
    const first = firstMerged(kept, live);
    if (first === kept.length) return this.written(kept, fresh);
    try {
      return await this.written(kept.slice(0, first), await this.merged(kept.slice(first), fresh, first === 0));
    } catch (error) {
      if (all === undefined || !(error instanceof LuaStorageError) || error.problem !== "damaged") throw error;
      return this.written([], named(all()));
    }
  }

  /** What is up to date in some segments, and what is new. */
  private async merged(segments: readonly Segment[], fresh: Map<string, Change>, areAll: boolean): Promise<Map<string, Change>> {
    const entries = new Map<string, Change>();
    const records = await Promise.all(segments.map(({ generation }) => watched(this.storage.get(segmentName(generation)))));
    for (const [i, segment] of segments.entries()) {
      for (const change of readChanges(await this.payload(segment, records[i], Infinity))) {
        const entry = entryName(change.table, change.key);
        if (this.places.get(entry)?.generation === segment.generation) entries.set(entry, change);
      }
    }
    for (const [entry, change] of fresh) entries.set(entry, change);
    if (!areAll) return entries;
    // In order of their names, they can be loaded as they are.
    const all = [...entries].filter(([entry, { value }]) => value !== undefined || fresh.has(entry));
    return new Map(all.sort(([a, { table }], [b, other]) => table - other.table || (a < b ? -1 : 1)));
  }


  private async written(kept: readonly Segment[], entries: Map<string, Change>): Promise<Save> {
    const generation = this.generation + 1;
    const segments = [...kept];
    // With nothing before it there is nothing to be gone.
    if (kept.length === 0) for (const [entry, { value }] of entries) if (value === undefined) entries.delete(entry);
    let record: Uint8Array | undefined;
    if (entries.size > 0) {
      record = await seal(segmentName(generation), writeChanges([...entries.values()]), this.sealing);
      segments.push({ generation, length: record.length, checksum: crc32(record) });
    }
    const writer = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const header: Header = { generation, writer, segments };
    const bytes = await writeHeader(HEADERS[slotOf(generation)], headerContent(header), this.sealing);
    return { header, bytes, entries, record };
  }

  /** A generation is stored. */
  private done({ header, bytes, entries }: Save): void {
    const before = this.last?.header.segments ?? [];
    const consists = new Set(header.segments.map(({ generation }) => generation));
    if (before.some(({ generation }) => !consists.has(generation))) {
      for (const [entry, { generation }] of this.places) if (!consists.has(generation)) this.places.delete(entry);
      for (const generation of this.live.keys()) if (!consists.has(generation)) this.live.delete(generation);
    }
    let size = 0;
    for (const [entry, change] of entries) {
      const old = this.places.get(entry);
      if (old !== undefined) this.live.set(old.generation, (this.live.get(old.generation) ?? 0) - old.size);
      const place = { generation: header.generation, size: sizeOfChange(change) };
      this.places.set(entry, place);
      size += place.size;
    }
    if (size > 0) this.live.set(header.generation, size);
    this.stored = new Set([...consists, ...before.map(({ generation }) => generation)]);
    this.last = { header, bytes };
    this.slots[slotOf(header.generation)] = bytes;
    this.uncertain = [];
    this.isLost = false;
  }

  async close(): Promise<void> {
    await watched(this.storage.close());
  }
}

/** The entries of each of these payloads, the newest first, without those that a newer one has. */
function upToDate(payloads: readonly Uint8Array[]): Change[][] {
  // Few entries are in newer segments: a number tells of most that they are not.
  const newer = new Set<string>();
  const hashes = new Set<number>();
  const last = payloads.length - 1;
  return payloads.map((payload, i) => {
    const changes = readChanges(payload).filter(({ table, key }) => i === 0 || !hashes.has(entryHash(table, key)) || !newer.has(entryName(table, key)));
    if (i < last) {
      for (const { table, key } of changes) {
        newer.add(entryName(table, key));
        hashes.add(entryHash(table, key));
      }
    }
    return changes;
  });
}

function named(changes: readonly Change[]): Map<string, Change> {
  return new Map(changes.map((change) => [entryName(change.table, change.key), change]));
}

/** The first of the segments that are to be merged with what is new; their number, if none is. */
function firstMerged(segments: readonly Segment[], live: ReadonlyMap<number, number>): number {
  let [stored, used] = [0, 0];
  for (const { generation, length } of segments) {
    stored += length;
    used += live.get(generation) ?? 0;
  }
  if (stored > 2 * used + SLACK) return 0;
  if (segments.length < MOST_SEGMENTS) return segments.length;
  let first = segments.length;
  let size = 0;
  while (first > 0 && (segments.length - first < FEWEST_MERGED || segments[first - 1].length <= 2 * size)) {
    first--;
    size += segments[first].length;
  }
  return first;
}
