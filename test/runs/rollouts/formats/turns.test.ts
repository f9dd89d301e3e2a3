import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { promptTurns, responseTurns } from '../../../../src/runs/rollouts/formats/turns.ts';

/** "policy: …" and "tool: …", or "all: …" where the text does not tell. */
function told(text: string): readonly string[] {
  const { texts, mask } = responseTurns(text);
  assert.equal(texts.join(''), text, 'nothing of the text is lost');
  return texts.map((piece, i) => `${mask === null ? 'all' : mask[i] === 1 ? 'policy' : 'tool'}: ${piece}`);
}

describe('the turns of a response', () => {
  it('are told by the special tokens of ChatML, template and tool apart from the policy', () => {
    assert.deepEqual(told('Look.<|im_end|>\n<|im_start|>tool\n5<|im_end|>\n<|im_start|>assistant\nIt is 5.<|im_end|>'), [
      'policy: Look.<|im_end|>',
      'tool: \n<|im_start|>tool\n5<|im_end|>\n<|im_start|>assistant\n',
      'policy: It is 5.<|im_end|>',
    ]);
  });

  it('are told by those of Llama 3', () => {
    const text =
      'call()<|eom_id|><|start_header_id|>ipython<|end_header_id|>\n\n5<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nFive.<|eot_id|>';
    assert.deepEqual(
      told(text).map((piece) => piece.slice(0, 12)),
      ['policy: call', 'tool: <|star', 'policy: Five'],
    );
  });

  it('are told by tags where special tokens were left out, calls apart from what is said before them', () => {
    const text = 'Look.\n<tool_call>\n{}\n</tool_call>\nuser\n<tool_response>\n5\n</tool_response>\nassistant\nIt is 5.';
    assert.deepEqual(told(text), [
      'policy: Look.\n',
      'policy: <tool_call>\n{}\n</tool_call>',
      'tool: \nuser\n<tool_response>\n5\n</tool_response>\nassistant\n',
      'policy: It is 5.',
    ]);
  });

  it('take several results of one turn together', () => {
    const text =
      '<tool_call>a</tool_call>\n<tool_call>b</tool_call>\n<tool_response>1</tool_response>\n<tool_response>2</tool_response>Done.';
    assert.deepEqual(told(text).slice(-2), ['tool: \n<tool_response>1</tool_response>\n<tool_response>2</tool_response>', 'policy: Done.']);
  });

  it('are told where calls come last and nothing answers them', () => {
    assert.deepEqual(told('Look. <tool_call>a</tool_call>\n'), ['policy: Look. ', 'policy: <tool_call>a</tool_call>', 'policy: \n']);
  });

  for (const text of [
    'It is 5.',
    '',
    'Look. <tool_call>a</tool_call> 5. So it is 5.',
    'A result is written <tool_response>5</tool_response>, I think.',
    '<tool_call>a</tool_call><tool_response>5',
    '<tool_response>5</tool_response></tool_response>',
    'No end of a turn <|im_start|>user\nhere',
  ]) {
    it(`are one, of nobody knows whom, where that is not certain: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(told(text), [`all: ${text}`]);
    });
  }

  it('take no long time whatever is in a text', () => {
    const text = '</tool_call>'.repeat(50_000) + '<tool_call>'.repeat(50_000) + '<|im_start|>user\n'.repeat(20_000);
    assert.deepEqual(responseTurns(text), { texts: [text], mask: null });
  });
});

describe('the messages of a prompt', () => {
  it('are told by the headers of a chat template', () => {
    assert.deepEqual(promptTurns('<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2 + 3?<|im_end|>\n<|im_start|>assistant\n'), [
      '<|im_start|>system\nBe brief.<|im_end|>\n',
      '<|im_start|>user\n2 + 3?<|im_end|>\n',
      '<|im_start|>assistant\n',
    ]);
  });

  it('are one text where there are none', () => {
    assert.deepEqual(promptTurns('user\n2 + 3?\nassistant\n'), ['user\n2 + 3?\nassistant\n']);
  });
});
