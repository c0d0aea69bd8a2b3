// One measurement under Node: node bench.mjs ENGINE FILE warm|cold MODULE.
//
// ENGINE is `cu` (the raw module at MODULE) or `wasmoon` (from npm). The last line of the output is the
// time in seconds that running the program took in a fresh state, without starting the engine. Warm
// means that the same program ran before, in other states of the same compiled module, until V8 had
// the time to compile what is hot.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileModule, instantiateBare } from '../../tests/node/module.mjs';

const WARM_UP_MS = 700;
const MEMORY_LIMIT = 1024 * 1024 * 1024;

const engines = {
  cu(modulePath) {
    const module = compileModule(modulePath);
    return (source) => {
      const exports = instantiateBare(module);
      exports.set_memory_limit(MEMORY_LIMIT);
      if (exports.init() !== 0) throw new Error('init failed');
      const view = () => new Uint8Array(exports.memory.buffer, exports.get_buffer_ptr());
      if (source.length > exports.get_buffer_size()) throw new Error('the program is too long');
      view().set(source);
      return () => {
        const n = exports.compute(exports.get_buffer_ptr(), source.length);
        if (n < 0) throw new Error(Buffer.from(view().subarray(0, -n - 1)).toString());
      };
    };
  },

  async wasmoon() {
    const { LuaFactory } = await import('wasmoon');
    const factory = new LuaFactory();
    return async (source) => {
      const engine = await factory.createEngine();
      const text = source.toString('latin1');
      return () => engine.doStringSync(text);
    };
  },
};

const [engine, file, mode, modulePath] = process.argv.slice(2);
const source = fs.readFileSync(file);
// What programs print is not of interest.
console.log = () => {};
try {
  const prepare = await engines[engine](modulePath);
  if (mode === 'warm') {
    const start = performance.now();
    do (await prepare(source))();
    while (performance.now() - start < WARM_UP_MS);
    // Optimised code is compiled in the background and taken up by the next call.
    await sleep(100);
    (await prepare(source))();
  }
  const run = await prepare(source);
  const start = performance.now();
  run();
  const seconds = (performance.now() - start) / 1000;
  fs.writeSync(1, `\n${seconds}\n`);
} catch (error) {
  fs.writeSync(2, `${error.message}\n`);
  process.exit(1);
}
