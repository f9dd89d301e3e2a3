/** Pages of a database that stand in a file beside it, instead of those at their places in the database. */
export interface PagesElsewhere {
  /** Bytes. */
  readonly pageSize: number;
  /** Where a page stands in the file beside the database, by the page's number from 1. */
  readonly offsets: ReadonlyMap<number, number>;
  /** Pages of the database, with these. */
  readonly pageCount: number;
}

export function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;
}
