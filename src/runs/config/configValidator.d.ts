declare module 'otb:config-validator' {
  /** Made from media/otb-config.schema.json by esbuild.mjs. Fills the defaults in, in place; its findings are on the function. */
  export const validate: import('ajv').ValidateFunction<import('../../core/config/config.ts').Config>;
}
