declare module 'sql.js' {
  export type SqlValue = number | string | Uint8Array | null;

  export interface Statement {
    bind(values: readonly SqlValue[]): boolean;
    /** Whether there is another row. */
    step(): boolean;
    get(): SqlValue[];
    free(): boolean;
  }

  export interface Database {
    prepare(sql: string): Statement;
    run(sql: string): Database;
    /** As many values as the function has parameters. */
    create_function(name: string, call: (value: SqlValue) => SqlValue): Database;
    close(): void;
  }

  export interface SqlJs {
    readonly Database: new (data: Uint8Array) => Database;
  }

  /** Once a process: the next calls get the same. */
  // eslint-disable-next-line no-restricted-exports -- as the package has it
  export default function initSqlJs(options: { readonly wasmBinary: Uint8Array }): Promise<SqlJs>;
}
