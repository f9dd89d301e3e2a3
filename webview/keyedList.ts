import { setChildren } from './dom.ts';

/** What stands for one item of a list in the page; it is kept and updated as long as the item is there. */
export interface ItemView<Item> {
  readonly element: Element;
  update(item: Item): void;
  /** Called when the item is gone. */
  dispose?(): void;
}

/** The children of an element, one for each item of a list, told apart by a key. */
export class KeyedList<Item> {
  private views = new Map<string, ItemView<Item>>();

  constructor(
    private readonly parent: Element,
    private readonly keyOf: (item: Item) => string,
    private readonly create: (item: Item) => ItemView<Item>,
  ) {}

  update(items: readonly Item[]): void {
    const views = new Map<string, ItemView<Item>>();
    for (const item of items) {
      const key = this.keyOf(item);
      const view = this.views.get(key) ?? this.create(item);
      view.update(item);
      views.set(key, view);
    }
    for (const [key, view] of this.views) if (!views.has(key)) view.dispose?.();
    this.views = views;
    setChildren(
      this.parent,
      Array.from(views.values(), (view) => view.element),
    );
  }
}
