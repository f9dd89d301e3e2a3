/** What VS Code gives to a webview. */
interface VSCodeApi<Message, State> {
  postMessage(message: Message): void;
  getState(): unknown;
  setState(state: State): void;
}

declare global {
  /** Can be called once. */
  function acquireVsCodeApi<Message, State>(): VSCodeApi<Message, State>;
}

export {};
