/** The module as a file that is fetched, for browsers; and what is done where the file is not. */

let source: WebAssembly.Module | URL | string | undefined;
let spare: (() => Promise<WebAssembly.Module>) | undefined;

/** Says where the module is, if it is not beside this file; before the first state is opened. */
export function setModule(module: WebAssembly.Module | URL | string): void {
  source = module;
}

/** What gives the module if there is no file. */
export function setSpare(load: () => Promise<WebAssembly.Module>): void {
  spare = load;
}

async function load(url: URL | string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be loaded: ${response.status} ${response.statusText}`);
  // A server that does not know the type is no reason to fail.
  if (response.headers.get("content-type")?.startsWith("application/wasm") === true) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** The module. */
export async function fetched(): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source !== undefined) return load(source);
  try {
    // Bundlers know this form, and bring the file along.
    return await load(new URL("./cu-web.wasm", import.meta.url));
  } catch (error) {
    if (spare === undefined) throw error;
    // The first error says more than that of the spare.
    return spare().catch(() => Promise.reject(error));
  }
}
