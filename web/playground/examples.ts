/** The examples, in the order of the menu. */

import coroutines from "./examples/coroutines.lua";
import endless from "./examples/endless.lua";
import first from "./examples/first.lua";
import limits from "./examples/limits.lua";
import mandelbrot from "./examples/mandelbrot.lua";
import mistake from "./examples/mistake.lua";
import vectors from "./examples/vectors.lua";
import visits from "./examples/visits.lua";
import words from "./examples/words.lua";

export interface Example {
  title: string;
  /** What it shows. */
  about: string;
  source: string;
}

export const EXAMPLES: readonly Example[] = [
  { title: "A first look", about: "tables, formats, a result to look into", source: first },
  { title: "Things that last", about: "a table that survives a reload", source: visits },
  { title: "A picture", about: "output as it comes", source: mandelbrot },
  { title: "Words", about: "patterns and sorting", source: words },
  { title: "Coroutines", about: "taking turns", source: coroutines },
  { title: "Vectors", about: "metatables", source: vectors },
  { title: "A mistake", about: "an error, underlined", source: mistake },
  { title: "An endless loop", about: "stopped when you say so", source: endless },
  { title: "Too much memory", about: "a limit that can be caught", source: limits },
];
