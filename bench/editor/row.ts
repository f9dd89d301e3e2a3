/** One measured number of the editor, and what it has to be below. */
export interface EditorRow {
  readonly name: string;
  readonly measured: number;
  /** Null: a number to know, not to reach. */
  readonly below: number | null;
  readonly unit: string;
}
