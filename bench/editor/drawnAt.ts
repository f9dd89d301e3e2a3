/** In a panel: when Figure 1 has lines, in milliseconds since 1970. */
export function drawnAt(): Promise<number> {
  return new Promise((resolve) => {
    const look = (): void => {
      const isDrawn = document.querySelectorAll('.chart[data-points]:not([data-points="0"])').length >= 2;
      // What is there now is drawn in the next frame.
      requestAnimationFrame(isDrawn ? () => resolve(performance.timeOrigin + performance.now()) : look);
    };
    look();
  });
}
