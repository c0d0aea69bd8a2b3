/** A folder of somebody who uses the package: it is found there by its name. */

import { mkdir, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const PACKAGE = new URL("../../../dist/npm", import.meta.url).pathname;
export const MODULES = new URL("../../../node_modules", import.meta.url).pathname;

/** Makes such a folder, with these of our own packages beside it. */
export async function userFolder(...others) {
  const folder = await mkdtemp(join(tmpdir(), "cu-user-"));
  await mkdir(join(folder, "node_modules/@compute-unit"), { recursive: true });
  await symlink(PACKAGE, join(folder, "node_modules/@compute-unit/cu"));
  for (const name of others) await symlink(join(MODULES, name), join(folder, "node_modules", name));
  return folder;
}
