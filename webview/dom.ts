export type Child = Node | string;

export interface Attributes {
  readonly [name: string]: string | number | boolean | null;
}

/** An HTML element. Attributes that are null or false are left out; there is no `style` among them, which the page's CSP forbids. */
export function html<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) setAttribute(element, key, value);
  element.append(...children);
  return element;
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes,
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) setAttribute(element, key, value);
  element.append(...children);
  return element;
}

/** Sets, changes or removes an attribute; leaves the document alone where nothing changes. True stands for an attribute without a value. */
export function setAttribute(element: Element, name: string, value: string | number | boolean | null): void {
  const text = value === null || value === false ? null : value === true ? '' : String(value);
  if (element.getAttribute(name) === text) return;
  if (text === null) element.removeAttribute(name);
  else element.setAttribute(name, text);
}

/** Shows or hides an element; leaves the document alone where nothing changes. */
export function setVisible(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Sets the text of an element that holds nothing else; leaves the document alone where nothing changes. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets the children of an element; leaves them alone where nothing changes, so that focus and selection stay. */
export function setChildren(element: Element, children: readonly Element[]): void {
  let next = element.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else element.insertBefore(child, next);
  }
  while (next !== null) {
    const gone = next;
    next = next.nextElementSibling;
    gone.remove();
  }
}
