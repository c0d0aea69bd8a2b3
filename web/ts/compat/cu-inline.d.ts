/** The raw module as a script: made by the build, `cargo xtask web`. */
declare const bytes: Uint8Array<ArrayBuffer>;
export default bytes;
