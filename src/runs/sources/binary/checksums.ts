/** A checksum of the bytes [from, to) of a view, unsigned. */
type Checksum = (view: DataView, from: number, to: number) => number;

/** CRC-32C (Castagnoli). */
const crc32c = reflectedCrc(0x82f63b78);

/** The CRC-32 of zlib. */
export const crc32 = reflectedCrc(0xedb88320);

/** A CRC-32C as TFRecord files store it: turned and shifted, because a CRC of data that hold their own CRC says little. */
export function maskedCrc32c(view: DataView, from: number, to: number): number {
  const crc = crc32c(view, from, to);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A CRC of 32 bits with a reflected polynomial, eight bytes at a time: table k is of a byte that k bytes follow. */
function reflectedCrc(polynomial: number): Checksum {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = Array.from({ length: 8 }, () => new Int32Array(256)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    t0[byte] = crc;
  }
  let before = t0;
  for (const table of [t1, t2, t3, t4, t5, t6, t7]) {
    for (let byte = 0; byte < 256; byte++) {
      const crc = before[byte] as number;
      table[byte] = (t0[crc & 0xff] as number) ^ (crc >>> 8);
    }
    before = table;
  }
  return (view, from, to) => {
    let crc = -1;
    let at = from;
    for (const last = to - 8; at <= last; at += 8) {
      const low = crc ^ view.getInt32(at, true);
      const high = view.getInt32(at + 4, true);
      crc =
        (t7[low & 0xff] as number) ^
        (t6[(low >>> 8) & 0xff] as number) ^
        (t5[(low >>> 16) & 0xff] as number) ^
        (t4[low >>> 24] as number) ^
        (t3[high & 0xff] as number) ^
        (t2[(high >>> 8) & 0xff] as number) ^
        (t1[(high >>> 16) & 0xff] as number) ^
        (t0[high >>> 24] as number);
    }
    for (; at < to; at++) crc = (t0[(crc ^ view.getUint8(at)) & 0xff] as number) ^ (crc >>> 8);
    return ~crc >>> 0;
  };
}
