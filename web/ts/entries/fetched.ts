/** Loading the module where it is a file that is fetched. */

export async function fetched(url: URL | string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be loaded: ${response.status} ${response.statusText}`);
  // A server that does not know the type is no reason to fail.
  if (response.headers.get("content-type")?.startsWith("application/wasm") === true) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
