import { readFileSync } from 'node:fs';
import { largestPower, powersBytes, smallestPower, writePowersOfTen } from './powersOfTen.ts';

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly position: { readonly value: number };
  scan(
    at: number,
    end: number,
    root: number,
    block: number,
    stride: number,
    shapes: number,
    capacity: number,
    powers: number,
    smallest: number,
    largest: number,
    longest: number,
    whole: boolean,
    first: number,
  ): number;
}

const pageBytes = 1 << 16;
/** Lines read by one call: their values fit into the processor's cache. */
export const blockLines = 2048;
/** One line more, so that the columns do not all fall on the same sets of the cache. */
const stride = 8 * (blockLines + 8);

const sizes = { tree: 1 << 20, shapes: 2 * blockLines, input: 1 << 20, longestText: 1 << 16, columns: 512 } as const;

/** The WASM kernel that reads lines of known shapes, with its memory, laid out once. */
export class ScanKernel {
  static readonly columns = sizes.columns;
  static readonly longestText = sizes.longestText;
  readonly memory: Buffer;
  /** Lines are read from here; a byte behind it is the kernel's. */
  readonly input: Buffer;
  readonly tree: { readonly address: number; readonly length: number };
  private readonly kernel: KernelExports;
  private readonly addresses: { readonly powers: number; readonly shapes: number; readonly input: number; readonly block: number };

  /** `file`: the compiled kernel. Throws where it is not there. */
  constructor(file: string) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {
      env: { parseNumber: (from: number, to: number) => Number(this.memory.toString('latin1', from, to)) },
    });
    this.kernel = instance.exports as unknown as KernelExports;
    let end = this.kernel.memory.buffer.byteLength;
    const take = (bytes: number): number => {
      const address = end;
      end = Math.ceil((end + bytes) / 64) * 64;
      return address;
    };
    const powers = take(powersBytes);
    this.tree = { address: take(sizes.tree), length: sizes.tree };
    const shapes = take(sizes.shapes);
    const input = take(sizes.input + 1 + sizes.longestText);
    const block = take(stride * sizes.columns);
    this.addresses = { powers, shapes, input, block };
    this.kernel.memory.grow(Math.ceil(end / pageBytes) - this.kernel.memory.buffer.byteLength / pageBytes);
    const { buffer } = this.kernel.memory;
    this.memory = Buffer.from(buffer);
    this.input = this.memory.subarray(input, input + sizes.input);
    writePowersOfTen(new DataView(buffer, powers, powersBytes));
  }

  /** Offset in `input` up to which the last scan came. */
  get position(): number {
    return this.kernel.position.value - this.addresses.input;
  }

  /**
   * Reads up to `blockLines` lines of `input`; those of shapes below the node `root`. Returns how many there are then. `longest`: bytes of the
   * longest line; `wholeSteps`: whether a step has to be written as a whole number; `before`: lines that were
   * read already and stay in the columns.
   */
  scan(from: number, to: number, root: number, longest = sizes.input, wholeSteps = false, before = 0): number {
    const { powers, shapes, input, block } = this.addresses;
    const end = input + to;
    this.memory[end] = 0x0a;
    return this.kernel.scan(
      input + from,
      end,
      root,
      block,
      stride,
      shapes,
      blockLines,
      powers,
      smallestPower,
      largestPower,
      longest,
      wholeSteps,
      before,
    );
  }

  /** Values of a column of the lines read last; a view. */
  column(index: number, lines: number): Float64Array {
    return new Float64Array(this.memory.buffer, this.addresses.block + index * stride, lines);
  }

  /** Shape of each of the lines read last; a view. */
  shapes(lines: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, this.addresses.shapes, lines);
  }
}
