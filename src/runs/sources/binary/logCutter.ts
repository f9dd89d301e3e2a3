import { crc32 } from './checksums.ts';
import type { RecordListener } from './recordCutter.ts';

const blockBytes = 32 << 10;
/** Checksum of what follows the length (4 bytes), length (2), kind (1). */
const headBytes = 7;
/** Bytes beyond which a record is passed over: no metrics are that long. */
const longestRecord = 64 << 20;
/** Kinds of pieces: a whole record, or its first one, one of the middle, the last one. */
const [full, first, middle, last] = [1, 2, 3, 4];

/**
 * Cuts the bytes of a file in LevelDB's log format into records: blocks of 32 KiB, each of pieces that do not cross its end. With W&B, the
 * checksum is that of zlib, of kind and data, and the file's own header takes the first 7 bytes of its first block. The checksum does not cover
 * the length: behind damage only the next piece or the next block can be trusted.
 * https://github.com/google/leveldb/blob/main/doc/log_format.md, wandb/sdk/internal/datastore.py of wandb 0.21
 */
export class LogCutter {
  private held: Buffer = Buffer.alloc(0);
  private more: Buffer[] = [];
  private moreBytes = 0;
  private needed = 0;
  /** Where the first byte stands in the file that is not done with. */
  private at = 0;
  /** Bytes to be passed over, and the file's header before anything else. */
  private passing: number;
  /** Pieces of a record whose end is to come. */
  private pieces: Buffer[] | undefined;
  private piecesBytes = 0;
  private piecesAt = 0;
  private isInZeros = false;

  constructor(
    private readonly listener: RecordListener,
    headerBytes: number,
  ) {
    this.passing = headerBytes;
  }

  /** Bytes so far. */
  get offset(): number {
    return this.at + this.held.length + this.moreBytes;
  }

  /** Whether the bytes so far end within a record. */
  get withinRecord(): boolean {
    return this.held.length + this.moreBytes > 0 || this.pieces !== undefined;
  }

  /** Takes in the next bytes, which may be used again afterwards. */
  feed(chunk: Buffer): void {
    let bytes = chunk;
    if (this.held.length > 0) {
      this.more.push(Buffer.from(chunk));
      this.moreBytes += chunk.length;
      if (this.held.length + this.moreBytes < this.needed) return;
      bytes = Buffer.concat([this.held, ...this.more]);
      [this.more, this.moreBytes] = [[], 0];
    }
    const used = this.cut(bytes);
    this.at += used;
    this.held = Buffer.from(bytes.subarray(used));
  }

  /** Returns how many of the bytes are done with. */
  private cut(bytes: Buffer): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; ;) {
      if (this.passing > 0) {
        const passed = Math.min(this.passing, bytes.length - at);
        this.passing -= passed;
        at += passed;
        if (this.passing > 0) return at;
      }
      const left = blockBytes - ((this.at + at) % blockBytes);
      if (left < headBytes) {
        this.passing = left;
        continue;
      }
      this.needed = headBytes;
      if (bytes.length - at < headBytes) return at;
      const end = at + headBytes + view.getUint16(at + 4, true);
      const isSound = end - at <= left && (bytes[at + 6] as number) <= last;
      if (isSound && end > bytes.length) {
        this.needed = end - at;
        return at;
      }
      const isZero = view.getUint32(at, true) === 0 && view.getUint16(at + 4, true) === 0 && bytes[at + 6] === 0;
      if (isSound && !isZero && isPiece(view, at, end)) {
        this.isInZeros = false;
        this.take(bytes, view, at, end);
        at = end;
        continue;
      }
      const next = isSound && !isZero ? this.pieceBehind(view, at, end, left) : 'none';
      if (next === 'unknown') return at;
      if (!(isZero && this.isInZeros)) this.listener.damage(this.at + at, isZero ? zeros : next === 'there' ? badPiece : badBlock);
      this.isInZeros = isZero;
      [this.pieces, this.piecesBytes] = [undefined, 0];
      if (next === 'there') at = end;
      else this.passing = left;
    }
  }

  /** Whether a sound piece follows one that is not, in the same block, so that its length was right after all; unknown: its bytes are to come. */
  private pieceBehind(view: DataView, at: number, end: number, left: number): 'there' | 'none' | 'unknown' {
    const rest = left - (end - at);
    if (rest === 0) return 'there';
    if (rest < headBytes) return 'none';
    this.needed = end - at + headBytes;
    if (end + headBytes > view.byteLength) return 'unknown';
    const behind = end + headBytes + view.getUint16(end + 4, true);
    if (behind - end > rest) return 'none';
    this.needed = behind - at;
    if (behind > view.byteLength) return 'unknown';
    return isPiece(view, end, behind) ? 'there' : 'none';
  }

  /** Takes in the piece [at, end). */
  private take(bytes: Buffer, view: DataView, at: number, end: number): void {
    const kind = bytes[at + 6];
    const from = at + headBytes;
    if (kind === full || kind === first) {
      if (this.pieces) this.listener.damage(this.piecesAt, noEnd);
      this.pieces = undefined;
      if (kind === full) this.listener.record(bytes, view, from, end, this.at + at);
      else [this.pieces, this.piecesBytes, this.piecesAt] = [[], 0, this.at + at];
    }
    if (!this.pieces || kind === full) return;
    this.piecesBytes += end - from;
    if (this.piecesBytes > longestRecord) {
      this.listener.damage(this.piecesAt, `a record of more than ${longestRecord / 2 ** 20} MiB is too long to be read`);
      this.pieces = undefined;
      return;
    }
    this.pieces.push(Buffer.from(bytes.subarray(from, end)));
    if (kind !== last) return;
    const whole = Buffer.concat(this.pieces);
    this.pieces = undefined;
    this.listener.record(whole, new DataView(whole.buffer, whole.byteOffset, whole.length), 0, whole.length, this.piecesAt);
  }
}

/** Whether kind and data of the piece [at, end) have the right checksum. */
function isPiece(view: DataView, at: number, end: number): boolean {
  const kind = view.getUint8(at + 6);
  return kind >= full && kind <= middle + 1 && crc32(view, at + 6, end) === view.getUint32(at, true);
}

const badPiece = 'a part of a record does not match its checksum; the record is left out';
const badBlock = 'a part of a record does not match its checksum; reading goes on at the next 32 KiB of the file';
const noEnd = 'the end of a record is missing';
const zeros = 'zero bytes, as a crash of the machine leaves them, where a record should be';
