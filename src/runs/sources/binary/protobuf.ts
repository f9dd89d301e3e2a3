/** Bytes that are no protobuf message, or not the one that was expected. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** How a field is written: `fixed64` and `fixed32` little-endian. */
export type WireType = 'varint' | 'fixed64' | 'bytes' | 'fixed32';

const wireTypes: readonly (WireType | undefined)[] = ['varint', 'fixed64', 'bytes', undefined, undefined, 'fixed32'];

/**
 * Goes through the fields of a protobuf message, which is [at, end) of some bytes. Every length is checked against the message before it
 * is used. Throws a ProtobufError where the bytes are no message.
 * https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  /** Of the field that `next` came to. */
  field = 0;
  wire: WireType = 'varint';
  /** Where its value begins: of bytes, behind their length. */
  from = 0;
  /** Behind its value. */
  to = 0;

  constructor(
    readonly bytes: Buffer,
    readonly view: DataView,
    private at = 0,
    private readonly end = bytes.length,
  ) {}

  /** Comes to the next field. Returns whether there is one. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const key = this.varint();
    const wire = wireTypes[key & 7];
    if (wire === undefined) throw new ProtobufError(`a field is of the unknown wire type ${key & 7}`);
    this.field = key < 2 ** 31 ? key >>> 3 : Math.floor(key / 8);
    this.wire = wire;
    if (wire === 'varint') {
      this.from = this.at;
      this.varint();
    } else {
      const length = wire === 'bytes' ? this.varint() : wire === 'fixed64' ? 8 : 4;
      this.from = this.at;
      if (length > this.end - this.at) throw new ProtobufError(`field ${this.field} goes beyond the end of its message`);
      this.at += length;
    }
    this.to = this.at;
    return true;
  }

  /** The value of a varint, unsigned; beyond 2^53 as near as a number comes. */
  get unsigned(): number {
    const end = this.at;
    this.at = this.from;
    const value = this.varint();
    this.at = end;
    return value;
  }

  /** The value of a varint, as a signed number of 64 bits. */
  get signed(): number {
    return this.signedBetween(this.from, this.to);
  }

  /** The first signed varints that are packed into the field, at most so many. */
  packed(most: number): readonly number[] {
    const end = this.at;
    const numbers: number[] = [];
    for (this.at = this.from; this.at < this.to && numbers.length < most;) {
      const from = this.at;
      this.varint();
      if (this.at > this.to) throw new ProtobufError('a number goes beyond the end of its field');
      numbers.push(this.signedBetween(from, this.at));
    }
    this.at = end;
    return numbers;
  }

  get double(): number {
    return this.view.getFloat64(this.from, true);
  }

  get float(): number {
    return this.view.getFloat32(this.from, true);
  }

  get text(): string {
    return this.bytes.toString('utf8', this.from, this.to);
  }

  /** The message that the field holds. */
  get message(): ProtobufReader {
    return new ProtobufReader(this.bytes, this.view, this.from, this.to);
  }

  private signedBetween(from: number, to: number): number {
    // Without a sign up to 49 bits.
    if (to - from <= 7) {
      let short = 0;
      for (let at = to - 1; at >= from; at--) short = short * 128 + ((this.bytes[at] as number) & 0x7f);
      return short;
    }
    let value = 0n;
    for (let at = to - 1; at >= from; at--) value = (value << 7n) | BigInt((this.bytes[at] as number) & 0x7f);
    return Number(BigInt.asIntN(64, value));
  }

  private varint(): number {
    // Most keys and lengths are below 128: as small integers, these need no object.
    const first = this.at < this.end ? (this.bytes[this.at] as number) : 0x80;
    if (first >= 0x80) return this.longVarint();
    this.at++;
    return first;
  }

  private longVarint(): number {
    let value = 0;
    let unit = 1;
    for (let count = 0; count < 10 && this.at < this.end; count++) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
    throw new ProtobufError('a number goes beyond the end of its message');
  }
}
