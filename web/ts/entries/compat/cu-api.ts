/** The entry with the original's face of byte counts. */

import { platform } from "compat-platform";

import { makeCuApi } from "../../compat/cu-api.ts";

export type { ReadResult } from "../../compat/cu-api.ts";
export type { LoadOptions, MemoryStats, TableDescription, TableInfo } from "../../compat/facade.ts";
export type { IoOptions, IoResult } from "../../compat/io-wrapper.ts";
export { LuaMigrationError, type MigrationReport } from "../../compat/original.ts";
export { LuaStorageError } from "../../storage/storage.ts";

const cu = makeCuApi(platform);

export default cu;
export const {
  load,
  loadLuaWasm,
  init,
  compute,
  readResult,
  getBufferPtr,
  getBufferSize,
  readBuffer,
  writeBuffer,
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
  LuaError,
  LuaLimitError,
} = cu;
