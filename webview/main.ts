import type { PanelMessage } from '../src/core/panel/messages.ts';
import { parsePanelMemory } from '../src/core/panel/parseMessages.ts';
import type { PanelMemory } from '../src/core/panel/view.ts';
import { Frames } from './chart/frames.ts';
import { KeptState, reportsTo } from './keptState.ts';
import { Page } from './page.ts';
import { Theme } from './theme.ts';
import './vscodeApi.ts';

const api = acquireVsCodeApi<PanelMessage, PanelMemory>();
const report = reportsTo((message) => api.postMessage({ type: 'error', message }));

/** The state that the last page of this panel has kept; null where there was none. */
function recall(): PanelMemory | null {
  const state = api.getState();
  if (state === undefined || state === null) return null;
  const memory = parsePanelMemory(state);
  if (typeof memory !== 'string') return memory;
  report(new Error(`What the panel looked like cannot be restored: ${memory}.`));
  return null;
}

const memory = new KeptState<PanelMemory>((state) => api.setState(state));
const page = new Page(
  { post: (message) => api.postMessage(message), remember: (state) => memory.remember(state) },
  recall(),
  new Theme(),
  new Frames(),
);
document.body.append(page.element);
window.addEventListener('message', (event: MessageEvent<unknown>) => page.receive(event.data));
