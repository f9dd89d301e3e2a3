"""A tokenizer whose tokens are the ledger's words, made here: nothing is downloaded."""

from __future__ import annotations

from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

digits = tuple(str(digit) for digit in range(10))
operators = ("+", "-", "*")
equals, call, end_call, result, error, answer = "=", "<call>", "</call>", "<res>", "<err>", "<ans>"
end_of_response, begin = "<eos>", "<bos>"
words = ("hm", "so", "ok")
padding, unknown = "<pad>", "<unk>"

# The built-in trainer's, in its order, and two that every tokenizer has.
vocabulary = (*digits, *operators, equals, call, end_call, result, error, answer, end_of_response, begin, *words, padding, unknown)

# Only prompts and what the calculator answers are rendered: what the policy said stays the tokens that it chose. Another tool's name
# and keys are written out because TRL refuses a template that drops them.
_chat_template = """
{%- for message in messages %}
{%- if message.role == "user" %}<bos> {{ message.content }} {% else %}
{%- if message.content %}{{ message.content }} {% endif %}
{%- for tool_call in message.tool_calls or [] %}<call>{% set function = tool_call.function %}
{%- if function.name != "calculator" %} {{ function.name }}{% endif %}
{%- for key, value in function.arguments.items() %}{% if key != "expression" %} {{ key }}{% endif %} {{ value }}{% endfor %} </call> {% endfor %}
{%- endif %}
{%- endfor %}"""


class LedgerTokenizer(PreTrainedTokenizerFast):
    """One token for each word; a turn that ends with `</call>` is a call of the calculator."""

    def __init__(self, **keywords: Any) -> None:
        made = Tokenizer(models.WordLevel({word: at for at, word in enumerate(vocabulary)}, unk_token=unknown))
        made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        super().__init__(
            tokenizer_object=made, pad_token=padding, eos_token=end_of_response, unk_token=unknown, chat_template=_chat_template
        )
        # TRL asks for one before it calls `parse_response`.
        self.response_template = {"fields": {}}

    def parse_response(self, response: list[int], *_: Any, **__: Any) -> dict[str, Any]:
        """A turn as a message. A call that is malformed is a call, which the calculator answers with an error; a template of regular
        expressions would make it an answer, and the response would end there."""
        tokens = self.convert_ids_to_tokens(list(response))
        if not tokens or tokens[-1] != end_call:
            return {"role": "assistant", "content": " ".join(tokens)}
        said = tokens[:-1]
        start = len(said) - said[::-1].index(call) if call in said else None
        expression = "" if start is None else " ".join(said[start:])
        content = " ".join(said if start is None else said[: start - 1])
        function = {"name": "calculator", "arguments": {"expression": expression}}
        return {"role": "assistant", "content": content, "tool_calls": [{"type": "function", "function": function}]}
