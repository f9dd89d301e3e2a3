/** Powers of ten that the kernel multiplies with itself; the others are left to JavaScript's Number. */
export const smallestPower = -80;
export const largestPower = 40;

/** Bytes of a power: the leading 64 bits, cut off, of 5^q as u64; then as i64 the exponent field that float64 needs with them. */
const powerBytes = 16;

export const powersBytes = powerBytes * (largestPower - smallestPower + 1);

/** Writes 10^smallestPower … 10^largestPower. */
export function writePowersOfTen(to: DataView): void {
  for (let power = smallestPower; power <= largestPower; power++) {
    const { bits, exponent } = leadingBits(power);
    const at = powerBytes * (power - smallestPower);
    to.setBigUint64(at, bits, true);
    // 10^q = 5^q · 2^q. The product's upper 64 bits count 2^64, its float has 52 bits below the leading one, and the bias is 1023,
    // less 1 because the leading one is added to the field.
    to.setBigInt64(at + 8, BigInt(exponent + power + 64 + 52 + 1022), true);
  }
}

/** 5^q = bits · 2^exponent, bits cut off after 64. */
function leadingBits(power: number): { readonly bits: bigint; readonly exponent: number } {
  const five = 5n ** BigInt(Math.abs(power));
  const length = five.toString(2).length;
  if (power >= 0) return { bits: length > 64 ? five >> BigInt(length - 64) : five << BigInt(64 - length), exponent: length - 64 };
  // 2^(length − 1) < five < 2^length, so that the quotient has 64 bits.
  return { bits: (1n << BigInt(length + 63)) / five, exponent: -(length + 63) };
}
