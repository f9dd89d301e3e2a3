import { metricsGrammar, shapeOf } from './lineShape.ts';
import type { LineGrammar, ValueSource } from './lineShape.ts';

/** A shape as columns: 0 is the step, 1 the time, the others are metrics. */
export interface ColumnShape {
  /** Columns that have a number in a line. */
  readonly slots: ReadonlySet<number>;
  /** Columns that are the same in every line. */
  readonly constants: ReadonlyMap<number, number>;
  /** Columns that are what another one is. */
  readonly copies: ReadonlyMap<number, number>;
  /** A line of this shape, with its newline. */
  readonly example: Buffer;
}

/** A node in the kernel's memory; see kernel/index.ts. A path from the root to a leaf is a shape. */
interface ShapeNode {
  readonly address: number;
  /** Empty: the root. */
  readonly text: Buffer;
  /** Column of the number behind the text, −1 if it goes nowhere; of a leaf: index of the shape. */
  readonly column: number;
  readonly isLeaf: boolean;
  readonly children: ShapeNode[];
}

/** Records that have no shape, beyond which it is not worth looking for one. */
const mostShapeless = 1000;

const nodeBytes = 48;
const blockBytes = 16;
const fields = { text: 0, length: 4, column: 8, child: 12, sibling: 16, mask: 32 } as const;

export interface ShapeLimits {
  /** Bytes of the longest text. */
  readonly longestText: number;
  readonly columns: number;
}

/** The shapes of lines seen so far, as a tree in the kernel's memory: shapes that begin alike share their beginning. */
export class LineShapes {
  /** By index, as in the leaves. */
  readonly shapes: ColumnShape[] = [];
  /** Names of the metrics; that of column i is at i − 2. */
  readonly keys: string[] = [];
  private readonly columns = new Map<string, number>();
  private readonly memory: Buffer;
  private readonly limits: ShapeLimits;
  private readonly root: ShapeNode;
  private end: number;
  /** Lines whose shape is always another are not worth the time. */
  private full = false;
  private shapeless = 0;

  /** `memory`: all of the kernel's; the tree may take `length` bytes from `address`, both multiples of 16. */
  constructor(
    memory: Buffer,
    address: number,
    length: number,
    limits: ShapeLimits,
    private readonly grammar: LineGrammar = metricsGrammar,
  ) {
    this.memory = memory.subarray(0, address + length);
    this.limits = limits;
    this.root = { address, text: Buffer.alloc(0), column: -1, isLeaf: false, children: [] };
    this.end = address + nodeBytes;
  }

  /** Address of the first node; 0: there is none. */
  get first(): number {
    return this.root.children[0]?.address ?? 0;
  }

  /** Adds the shape of a line that is a record, given with its newline, unless it is there or does not fit in. */
  learn(line: Buffer): void {
    if (this.full) return;
    const shape = shapeOf(line, this.grammar);
    if (!shape || shape.texts.some(({ length }) => length > this.limits.longestText)) {
      this.full = ++this.shapeless > mostShapeless;
      return;
    }
    const columns = new Map<number, number>();
    const constants = new Map<number, number>();
    const copies = new Map<number, number>();
    const place = (source: ValueSource, column: number): void => {
      const other = 'slot' in source ? columns.get(source.slot) : undefined;
      if ('constant' in source) constants.set(column, source.constant);
      else if (other === undefined) columns.set(source.slot, column);
      else copies.set(column, other);
    };
    place(shape.step, 0);
    place(shape.time, 1);
    for (const [key, source] of shape.data) place(source, this.columnOf(key));
    this.full = this.end + this.bytesFor(shape.texts) > this.memory.length || this.keys.length + 2 > this.limits.columns;
    if (this.full) return;
    let node: ShapeNode | undefined = this.root;
    for (const [slot, text] of shape.texts.entries()) {
      const isLeaf = slot === shape.texts.length - 1;
      node = this.child(node, text, isLeaf ? this.shapes.length : (columns.get(slot) ?? -1), isLeaf);
      if (!node) return;
    }
    if (node.column === this.shapes.length)
      this.shapes.push({ slots: new Set(columns.values()), constants, copies, example: Buffer.from(line) });
  }

  private columnOf(key: string): number {
    let column = this.columns.get(key);
    if (column === undefined) {
      column = 2 + this.keys.push(key) - 1;
      this.columns.set(key, column);
    }
    return column;
  }

  /** The child with this text, made if need be; undefined where the same text leads to another column. */
  private child(parent: ShapeNode, text: Buffer, column: number, isLeaf: boolean): ShapeNode | undefined {
    const same = parent.children.find((child) => child.isLeaf === isLeaf && child.text.equals(text));
    if (same) return isLeaf || same.column === column ? same : undefined;
    const node = { address: this.end, text: Buffer.from(text), column, isLeaf, children: [] };
    this.write(node);
    this.end += this.bytesFor([text]);
    const before = parent.children.at(-1);
    if (before) this.memory.writeUInt32LE(node.address, before.address + fields.sibling);
    else this.memory.writeUInt32LE(node.address, parent.address + fields.child);
    parent.children.push(node);
    return node;
  }

  private write({ address, text, column }: ShapeNode): void {
    const { memory } = this;
    const textAddress = address + nodeBytes;
    memory.writeUInt32LE(textAddress, address + fields.text);
    memory.writeUInt32LE(text.length, address + fields.length);
    memory.writeInt32LE(column, address + fields.column);
    memory.fill(0xff, address + fields.mask, address + fields.mask + (((text.length - 1) % blockBytes) + 1));
    memory.set(text, textAddress);
  }

  /** Bytes that nodes with these texts take. */
  private bytesFor(texts: readonly Buffer[]): number {
    return texts.reduce((bytes, { length }) => bytes + nodeBytes + blockBytes * Math.ceil(length / blockBytes), 0);
  }
}
