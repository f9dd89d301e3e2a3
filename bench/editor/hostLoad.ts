import type { ExtensionHost } from '../../test/e2e/harness/extensionHost.ts';

export interface HostLoad {
  /** Longest time that the event loop was blocked, in milliseconds. */
  readonly longestBlock: number;
  readonly residentMb: number;
  readonly heapMb: number;
}

type Watched = typeof globalThis & { otbDelay: { reset(): void; readonly max: number } };

/** Starts to watch the event loop of an extension host. */
export async function watchHost(host: ExtensionHost): Promise<void> {
  await host.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const histogram = monitorEventLoopDelay({ resolution: 5 });
    histogram.enable();
    (globalThis as Watched).otbDelay = histogram;
  });
}

/** What it has seen since the last call. */
export async function hostLoad(host: ExtensionHost): Promise<HostLoad> {
  return host.evaluate(() => {
    const { otbDelay } = globalThis as Watched;
    const resolution = 5;
    const longestBlock = Math.max(0, otbDelay.max / 1e6 - resolution);
    otbDelay.reset();
    const { rss, heapUsed } = process.memoryUsage();
    return { longestBlock, residentMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20 };
  });
}
