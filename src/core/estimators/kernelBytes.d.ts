/** src/core/estimators/kernel, compiled; see esbuild.mjs. */
declare module 'otb:token-baseline-kernel' {
  /** The bytes of the WebAssembly module, in base64. */
  export const kernelBase64: string;
}
