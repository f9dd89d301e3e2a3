import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownText } from '../../../src/editor/view/markdownText.ts';

test('text in Markdown means nothing but itself, and breaks at words', () => {
  assert.equal(markdownText('set *a_b* to [x](y)\n  <b>'), String.raw`set \*a\_b\* to \[x\]\(y\) &lt;b\>`);
  assert.equal(markdownText('$(flame) & `code`'), String.raw`$\(flame\) &amp; \`code\``);
});
