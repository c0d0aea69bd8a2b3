/** The entry with the face that the original's README describes. */

import { platform } from "compat-platform";

import { type LuaApi, makeLuaApi } from "../../compat/lua-api.ts";

export type { LuaApi, LuaInstance, LuaLoadOptions } from "../../compat/lua-api.ts";
export type { LoadOptions, MemoryStats, TableDescription, TableInfo } from "../../compat/facade.ts";
export type { IoOptions, IoResult } from "../../compat/io-wrapper.ts";
export { LuaMigrationError, type MigrationReport } from "../../compat/original.ts";
export { LuaStorageError } from "../../storage/storage.ts";

const lua: LuaApi = makeLuaApi(platform);

export default lua;
export const {
  load,
  loadLuaWasm,
  init,
  compute,
  getBufferPtr,
  getBufferSize,
  readBuffer,
  getMemoryStats,
  runGc,
  saveState,
  loadState,
  clearPersistedState,
  getMigrationReport,
  getTableInfo,
  getHomeTableId,
  getMemoryTableId,
  getIoTableId,
  setMemoryAliasEnabled,
  setInput,
  getOutput,
  setMetadata,
  setInputField,
  getOutputField,
  clearIo,
  IoWrapper,
  LuaWASM,
  LuaError,
  LuaLimitError,
} = lua;
