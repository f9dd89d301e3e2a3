/** Seconds since 1970. */
export function unixTime(): number {
  return Date.now() / 1000;
}
