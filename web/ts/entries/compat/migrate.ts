/** The entry that takes over what the original has kept. */

import { platform } from "compat-platform";

import { makeMigrate } from "../../compat/migrate.ts";

export type { MigrateOptions } from "../../compat/migrate.ts";
export { LuaMigrationError, type MigrationReport } from "../../compat/original.ts";
export { LuaStorageError } from "../../storage/storage.ts";

export const migrateOriginal = makeMigrate(platform);
