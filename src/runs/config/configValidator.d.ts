declare module 'otb:config-validator' {
  import type { ValidateFunction } from 'ajv';

  /** Made from media/otb-config.schema.json by esbuild.mjs. Fills the defaults in, in place; its findings are on the function. */
  export const validate: ValidateFunction;
}
