import assert from 'node:assert/strict';

const unclosed = new Set(['meta', 'br', 'hr']);

/** Fails unless every tag is closed in order, every attribute is quoted and no character that needs it is left unescaped. */
export function assertWellFormed(document: string): void {
  const open: string[] = [];
  const text = document.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/g, '');
  const rest = text.replace(
    /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*>/g,
    (_tag, slash: string, name: string, attributes: string) => {
      assert.doesNotMatch(attributes, /&(?!(amp|lt|gt|quot|#39);)/);
      if (slash === '') {
        if (!unclosed.has(name)) open.push(name);
      } else assert.equal(open.pop(), name, `</${name}> closes another tag`);
      return '';
    },
  );
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]|&(?!(amp|lt|gt|quot|#39);)/);
}
