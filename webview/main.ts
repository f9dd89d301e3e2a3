import { parsePanelMemory } from '../src/core/panel/parseMessages.ts';
import type { PanelMemory } from '../src/core/panel/view.ts';
import { Frames } from './chart/frames.ts';
import { Page } from './page.ts';
import { Theme } from './theme.ts';
import './vscodeApi.ts';

const api = acquireVsCodeApi();

function report(error: unknown): void {
  api.postMessage({ type: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

window.addEventListener('error', (event) => report(event.error ?? event.message));
window.addEventListener('unhandledrejection', (event) => report(event.reason));

/** Keeps the newest state, at most a few times a second; and the last one when the page goes. */
class Memory {
  private latest: PanelMemory | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    window.addEventListener('pagehide', () => this.keep());
  }

  remember(memory: PanelMemory): void {
    this.latest = memory;
    this.timer ??= setTimeout(() => this.keep(), 100);
  }

  private keep(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.latest !== null) api.setState(this.latest);
    this.latest = null;
  }
}

/** The state that the last page of this panel has kept; null where there was none. */
function recall(): PanelMemory | null {
  const state = api.getState();
  if (state === undefined || state === null) return null;
  const memory = parsePanelMemory(state);
  if (typeof memory !== 'string') return memory;
  report(new Error(`What the panel looked like cannot be restored: ${memory}.`));
  return null;
}

const memory = new Memory();
const page = new Page(
  { post: (message) => api.postMessage(message), remember: (state) => memory.remember(state) },
  recall(),
  new Theme(),
  new Frames(),
);
document.body.append(page.element);
window.addEventListener('message', (event: MessageEvent<unknown>) => page.receive(event.data));
