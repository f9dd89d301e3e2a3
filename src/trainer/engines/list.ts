import type { EngineEntry } from './engineEntry.ts';
import { tfjsCpu, tfjsTensorflow, tfjsWasm } from './tfjs/entries.ts';
import { wasmRelaxedSimd, wasmSimd } from './wasm/entries.ts';

/** All engines that there are; among equally fast ones `auto` takes the first. */
export const engines: readonly EngineEntry[] = [
  wasmSimd, // what every other engine is held against
  wasmRelaxedSimd,
  tfjsTensorflow,
  tfjsWasm,
  tfjsCpu,
];
