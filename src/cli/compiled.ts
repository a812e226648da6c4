import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** A bundle in CommonJS, compiled and not yet run. */
interface Compiled<Exports> {
  /** Whether V8 took what was kept of it. */
  readonly isKept: boolean;
  run(): Exports;
  /** Keeps what V8 has compiled of it until now: other processes of the same Node begin with that. */
  keep(): void;
}

/**
 * Compiles a bundle, or takes what was kept of it: compiling takes a fifth of the time of a short command (measured: 0.04 s).
 * V8 itself refuses what another version of it has kept; then it is compiled as ever. (Node can do the same by itself from 22.8 on,
 * but keeps it in a folder that commands write to as they run.)
 * @param file absolute; nothing but ASCII
 */
export function compile<Exports>(file: string): Compiled<Exports> {
  const kept = `${file}.code`;
  const cachedData = bytesOf(kept);
  // esbuild writes nothing but ASCII, and of that no byte need be looked at
  const source = Module.wrap(readFileSync(file, 'latin1'));
  const script = new Script(source, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
  return {
    isKept: script.cachedDataRejected === false,
    run: () => {
      const module = { exports: {} };
      script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
      return module.exports as Exports;
    },
    keep: () => writeFileSync(kept, script.createCachedData()),
  };
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    // it is only faster with it
    return undefined;
  }
}
