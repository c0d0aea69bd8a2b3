/** The tests that any store can be put to, for authors of stores. */

export { checkStorage, type OpenStorage, type StorageCheck } from "../storage/conformance.ts";
