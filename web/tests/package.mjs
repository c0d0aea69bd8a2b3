/** What the tests use of the package: the build in `dist/npm`. */
export * from "../../dist/npm/node.js";
