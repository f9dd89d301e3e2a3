import type { PanelMessage } from '../src/core/panel/messages.ts';
import type { PanelMemory } from '../src/core/panel/view.ts';

/** What VS Code gives to a webview. */
interface VSCodeApi {
  postMessage(message: PanelMessage): void;
  getState(): unknown;
  setState(state: PanelMemory): void;
}

declare global {
  /** Can be called once. */
  function acquireVsCodeApi(): VSCodeApi;
}
