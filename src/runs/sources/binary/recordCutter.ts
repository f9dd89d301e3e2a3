import { maskedCrc32c } from './checksums.ts';

/** Before the data of a record: its length in 8 bytes, and their checksum. */
const headBytes = 12;
/** Behind them: their checksum. */
const footBytes = 4;
/** Bytes beyond which a record is passed over unread: no scalars are that long, and it would have to be held as a whole. */
const longestRecord = 64 << 20;
const usualLength = 4096;

export interface RecordListener {
  /** The data of the next record, [from, to) of `view`, which is of all `bytes`. */
  record(bytes: Buffer, view: DataView, from: number, to: number, offset: number): void;
  /** A part of the file that cannot be used, and where it begins. */
  damage(offset: number, why: string): void;
}

/**
 * Cuts the bytes of a TFRecord file into records: length (8 bytes, little-endian), masked CRC-32C of the length, data, masked CRC-32C of
 * the data. A record whose data are damaged is left out. Where a length is damaged, nobody knows where the next record begins: it is
 * looked for by a length that has its right checksum, which 96 bits have by chance as good as never.
 * https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export class RecordCutter {
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Bytes that have to be there before there is anything new in those held. */
  private needed = 0;
  /** Bytes of a record that is too long which are still to come. */
  private passing = 0;
  private isLost = false;
  /** Where the first byte stands in the file that is not done with. */
  private at = 0;
  /** Checksums of small lengths; 0: not known yet. */
  private readonly lengths = new Uint32Array(usualLength);

  constructor(private readonly listener: RecordListener) {}

  /** Whether the bytes so far end within a record. */
  get withinRecord(): boolean {
    return !this.isLost && (this.heldBytes > 0 || this.passing > 0);
  }

  /** Whether the bytes so far end in what no record could be found in. */
  get withinDamage(): boolean {
    return this.isLost;
  }

  /** Bytes so far. */
  get offset(): number {
    return this.at + this.heldBytes;
  }

  /** Takes in the next bytes, which may be used again afterwards. */
  feed(chunk: Buffer): void {
    const passed = Math.min(this.passing, chunk.length);
    this.passing -= passed;
    this.at += passed;
    let bytes = chunk.subarray(passed);
    if (this.heldBytes > 0) {
      this.hold(Buffer.from(bytes));
      if (this.heldBytes < this.needed) return;
      bytes = Buffer.concat(this.held);
      [this.held, this.heldBytes] = [[], 0];
    }
    const used = this.cut(bytes);
    this.at += used;
    if (used < bytes.length) this.hold(Buffer.from(bytes.subarray(used)));
  }

  private hold(bytes: Buffer): void {
    this.held.push(bytes);
    this.heldBytes += bytes.length;
  }

  /** Returns how many of the bytes are done with. */
  private cut(bytes: Buffer): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; ;) {
      if (this.isLost) at = this.nextSound(view, at);
      if (this.isLost || bytes.length - at < headBytes) {
        this.needed = headBytes;
        return at;
      }
      if (!this.hasSoundLength(view, at)) {
        this.isLost = true;
        this.listener.damage(this.at + at, isZero(view, at) ? zeros : badLength);
        continue;
      }
      const length = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
      const from = at + headBytes;
      const end = from + length + footBytes;
      if (length > longestRecord) {
        this.listener.damage(this.at + at, `a record of ${Math.round(length / 2 ** 20)} MiB is too long to be read`);
        this.passing = Math.max(0, end - bytes.length);
        if (this.passing > 0) return bytes.length;
      } else if (end > bytes.length) {
        this.needed = end - at;
        return at;
      } else if (maskedCrc32c(view, from, end - footBytes) === view.getUint32(end - footBytes, true))
        this.listener.record(bytes, view, from, end - footBytes, this.at + at);
      else this.listener.damage(this.at + at, badData);
      at = end;
    }
  }

  private hasSoundLength(view: DataView, at: number): boolean {
    const length = view.getUint32(at, true);
    const found = view.getUint32(at + 8, true);
    if (length >= usualLength || view.getUint32(at + 4, true) !== 0) return maskedCrc32c(view, at, at + 8) === found;
    const known = this.lengths[length] as number;
    if (known !== 0) return known === found;
    return (this.lengths[length] = maskedCrc32c(view, at, at + 8)) === found;
  }

  /** Where the next record that has a right length begins; where none does, from where on to look again when there are more bytes. */
  private nextSound(view: DataView, from: number): number {
    let at = from;
    for (; at + headBytes <= view.byteLength; at++) {
      const length = view.getUint32(at, true);
      if (length === 0 || length > longestRecord || view.getUint32(at + 4, true) !== 0 || !this.hasSoundLength(view, at)) continue;
      this.isLost = false;
      break;
    }
    return at;
  }
}

const goesOn = 'reading goes on at the next sound record';
const badLength = `the length of a record does not match its checksum; ${goesOn}`;
const badData = 'the data of a record do not match their checksum; it is left out';
const zeros = `zero bytes, as a crash of the machine leaves them, where a record should be; ${goesOn}`;

function isZero(view: DataView, at: number): boolean {
  return view.getUint32(at, true) === 0 && view.getUint32(at + 4, true) === 0 && view.getUint32(at + 8, true) === 0;
}
