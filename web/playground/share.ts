/** Programs in links: compressed, in the part of the address that no server sees. */

const KEY = "#lua=";
/** Longest program that a link may hold: what is in a link is anybody's. */
const MOST = 1 << 20;

/** The address of this page with a program in it. */
export async function linkTo(source: string): Promise<string> {
  const packed = await through(new TextEncoder().encode(source), new CompressionStream("deflate-raw"), Infinity);
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  const text = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `${location.origin}${location.pathname}${KEY}${text}`;
}

/** The program in an address; nothing if there is none, or none that can be read. */
export async function programIn(hash: string): Promise<string | undefined> {
  if (!hash.startsWith(KEY)) return undefined;
  try {
    const binary = atob(hash.slice(KEY.length).replaceAll("-", "+").replaceAll("_", "/"));
    const packed = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    const bytes = await through(packed, new DecompressionStream("deflate-raw"), MOST);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function through(bytes: Uint8Array<ArrayBuffer>, transform: GenericTransformStream, most: number): Promise<Uint8Array> {
  const reader = (new Blob([bytes]).stream().pipeThrough(transform) as ReadableStream<Uint8Array>).getReader();
  const pieces: Uint8Array[] = [];
  let n = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    n += value.length;
    if (n > most) {
      await reader.cancel();
      throw new RangeError("the program is too long");
    }
    pieces.push(value);
  }
  const all = new Uint8Array(n);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
