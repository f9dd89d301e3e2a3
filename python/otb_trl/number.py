"""The reward "number": 1 where a response ends with the number that the answer ends with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

# 1,234.5 or .5 or 6e23, with a sign that is none where it stands between two numbers, and perhaps a denominator.
_plain = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_number = re.compile(rf"(?P<sign>(?<![\w.)])[-−]\s?)?[$€£]?(?P<value>{_plain})(?:[eE](?P<power>[+-]?\d{{1,3}})\b)?(?:\s?/\s?(?P<below>\d+))?")
_fraction = re.compile(r"\\[dt]?frac\s*\{\s*(-?[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}")
_boxed = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
# Longer ones are noise of an untrained model.
_most_digits = 100


def number(completions: Sequence[Any], answer: Sequence[Any], **_: Any) -> list[float | None]:
    """1.0 where the two numbers are equal, exactly; 0.0 where they are not, or the response has none; None where the answer has none.

    completions: texts, or conversations, of which the last message of the assistant counts.
    answer: the column of the dataset, texts or numbers.
    """
    rewards: list[float | None] = []
    for completion, expected in zip(completions, answer, strict=True):
        right = last_number(str(expected))
        rewards.append(None if right is None else float(last_number(text_of(completion)) == right))
    return rewards


def text_of(completion: Any) -> str:
    """A response as text: of a conversation, what the assistant said last."""
    if isinstance(completion, str):
        return completion
    said = [message.get("content") for message in completion if message.get("role") == "assistant"]
    return said[-1] if said and isinstance(said[-1], str) else ""


def last_number(text: str) -> Fraction | None:
    r"""The last number of a text, exactly; in the last \boxed{…} of one that has any.

    1,234 is one number; -5, 0.5, 6.02e23, $3 and 3/4 are, too; 50% is 50. None where there is none.
    """
    boxes = _boxed.findall(text)
    if boxes:
        text = boxes[-1]
    text = _fraction.sub(r"\1/\2", text)
    value = None
    for match in _number.finditer(text):
        value = _value(match) or value if match["below"] else _value(match)
    return value


def _value(match: re.Match[str]) -> Fraction | None:
    digits, below = match["value"].replace(",", ""), match["below"]
    if len(digits) > _most_digits or (below is not None and len(below) > _most_digits):
        return None
    value = Fraction(digits) * Fraction(10) ** int(match["power"] or 0)
    if below is not None:
        if int(below) == 0:
            return None
        value /= int(below)
    return -value if match["sign"] else value
