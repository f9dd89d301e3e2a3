import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandLink, definitionMarkdown, pictureMarkdown, runsMarkdown } from '../../../src/runs/inline/estimatorMarkdown.ts';
import { collapsedOverview, overview } from './overview.ts';

describe('the hover over an estimator', () => {
  it('defines it, with its formula and the paper', () => {
    assert.equal(
      definitionMarkdown('dr_grpo'),
      '**dr\\_grpo** · `A = R − mean(R)` · [Dr. GRPO](https://arxiv.org/abs/2503.20783)  \nSubtracts the mean reward of the responses to the same prompt.',
    );
  });

  it('shows the name of an estimator that is not known here as code, whatever is in it', () => {
    assert.equal(definitionMarkdown('my`[x](command:evil)`'), '`my[x](command:evil)`');
  });

  it('has a row of numbers for each run, up to a limit', () => {
    const table = runsMarkdown([collapsedOverview('opo', 1, 181), overview('opo', 2), overview('opo', 3)], 2).split('\n');
    assert.deepEqual(
      table.map((line) => line.replaceAll('&emsp;', '')),
      [
        '| seed | state | step | score | gradient norm |',
        '| --: | :-- | --: | --: | --: |',
        '| 1 | collapsed at 181 | 600/600 | 0.05 | 0.312 |',
        '| 2 | running | 120/600 | 0.42 | 0.312 |',
        '',
        'and 1 more',
      ],
    );
  });

  it('holds the whole picture in its text', () => {
    const [, data = ''] = /^!\[opo\]\(data:image\/svg\+xml;base64,(.*)\)$/.exec(pictureMarkdown('<svg>–</svg>', 'opo')) ?? [];
    assert.equal(Buffer.from(data, 'base64').toString(), '<svg>–</svg>');
  });

  it('links to commands whatever the paths of their runs look like', () => {
    const node = { kind: 'run', dir: "/a (b)/c'd" };
    const [, encoded = ''] =
      /^\[Show panel\]\(command:otb\.openPanel\?([^()' ]*)\)$/.exec(commandLink('Show panel', 'otb.openPanel', node)) ?? [];
    assert.deepEqual(JSON.parse(decodeURIComponent(encoded)), [node]);
  });
});
