/** The entry with the original's class alone: it works on the state of `lua-api.ts`. */

export { IoWrapper, IoWrapper as default } from "./lua-api.ts";
