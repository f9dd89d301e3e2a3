/**
 * What `load` gives, loaded at the first call and the same at every later one; where it fails, the next call tries again. Of the extension's
 * code a window loads what it needs when it needs it: `late(async () => new (await import('./part.ts')).Part())`.
 */
export function late<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
