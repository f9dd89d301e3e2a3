/** What is drawn when its turn comes. */
export interface Drawn {
  draw(): void;
}

/** Draws all that asked for it together, once in the next animation frame. A hidden page has no frames, so nothing is drawn there. */
export class Frames {
  readonly #due = new Set<Drawn>();
  #frame: number | null = null;

  request(drawn: Drawn): void {
    this.#due.add(drawn);
    this.#frame ??= requestAnimationFrame(() => this.#drawAll());
  }

  cancel(drawn: Drawn): void {
    this.#due.delete(drawn);
  }

  #drawAll(): void {
    this.#frame = null;
    const due = [...this.#due];
    this.#due.clear();
    for (const drawn of due) {
      try {
        drawn.draw();
      } catch (error) {
        // The others are still drawn; the error reaches the page's handler.
        reportError(error);
      }
    }
  }
}
