/** Bytes of a file that is worth other threads: a shorter one is read line by line before they would have begun. */
export const worthBulk = 1 << 20;
