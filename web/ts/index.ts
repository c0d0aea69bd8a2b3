/** What every entry exports beside its own `Lua.open`. */

export { LuaError, type LuaErrorKind, type LuaErrorPlace, LuaExit, type LuaLimit, LuaLimitError, LuaStateError, type LuaStateProblem, LuaValueError } from "./errors.ts";
export { type Exposure, expose, LuaFloat, LuaHandle, LuaMulti, multi } from "./values.ts";
export type { LuaFunction, RunLimits, RunProgress } from "./engine/machine.ts";
export { type Batch, type Guard, LuaStorageError, type QuotaDetails, sameBytes, type Storage, type StorageProblem } from "./storage/storage.ts";
export { MemoryStorage } from "./storage/memory.ts";
export { persist, type StorageStatus, storageStatus } from "./storage/status.ts";
export type { ExportOptions } from "./storage/archive.ts";
export type { ImportOptions, LuaFiles, LuaGlobals, LuaInput, LuaLimits, LuaOptions, LuaOutput, RunOptions, StoreOptions } from "./lua.ts";
