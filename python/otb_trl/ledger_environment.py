"""The rules of the ledger: arithmetic modulo 10 in several turns with a calculator that sometimes fails.

The built-in trainer's task, as text. A prompt is `d op d`. The calculator answers a call of `x op y` with `<res> r` and the next `op d`
(or `=` when the hidden number of operations is done), or with `<err>` and the same `op d` again. It does not check that a call continues
the chain.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .ledger_tokenizer import equals, error, operators, result

base = 10
_call = re.compile(rf"([0-9]) ([{re.escape(''.join(operators))}]) ([0-9])")


@dataclass(frozen=True)
class LedgerConfig:
    """The section "task" of a config."""

    operations: tuple[int, int] = (2, 8)
    """Least and most number of operations in a prompt."""
    max_turns: int = 100
    """Calls after which a response is cut off: TRL's max_tool_calling_iterations."""
    tool_failure_rate: float = 0.1
    """Probability that one valid call fails for the moment."""
    tool_outage_rate: float = 0.1
    """Probability, per response, that the calculator fails for good after a random number of calls."""


@dataclass(frozen=True)
class LedgerPrompt:
    digits: tuple[int, ...]
    """One more than there are operations; the first is where the sum starts."""
    operators: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the policy sees of it at first."""
        return f"{self.digits[0]} {self.operators[0]} {self.digits[1]}"

    @property
    def target(self) -> int:
        value = self.digits[0]
        for operator, digit in zip(self.operators, self.digits[1:], strict=True):
            value = calculate(value, operator, digit)
        return value

    def pending(self, done: int) -> str:
        """What stands before the policy after so many operations."""
        return equals if done >= len(self.operators) else f"{self.operators[done]} {self.digits[done + 1]}"


def calculate(x: int, operator: str, y: int) -> int:
    return (x + y if operator == "+" else x - y if operator == "-" else x * y) % base


def sample_prompt(config: LedgerConfig, stream: random.Random) -> LedgerPrompt:
    count = stream.randint(*config.operations)
    return LedgerPrompt(
        digits=tuple(stream.randrange(base) for _ in range(count + 1)), operators=tuple(stream.choice(operators) for _ in range(count))
    )


def sample_outage(config: LedgerConfig, prompt: LedgerPrompt, stream: Any) -> float:
    """Number of calls that work before the calculator fails for good; infinite for most responses."""
    return stream.randrange(len(prompt.operators)) if stream.random() < config.tool_outage_rate else math.inf


class LedgerEnvironment:
    """One response's calculator, as TRL's `environment_factory` makes them: every public method but `reset` is a tool."""

    def __init__(self, config: LedgerConfig, stream: Any = random) -> None:
        """stream: decides which calls fail; by default Python's own, which the trainer seeds and keeps in checkpoints."""
        self._config, self._stream = config, stream

    def reset(self, *, digits: Sequence[int], operators: Sequence[str], **_: Any) -> None:
        self._prompt = LedgerPrompt(tuple(digits), tuple(operators))
        self._outage_after = sample_outage(self._config, self._prompt, self._stream)
        self._turns = self._done = 0

    def calculator(self, expression: str) -> str:
        """
        Computes one operation modulo 10, and reveals the next operand.

        Args:
            expression: A digit, one of + - * and a digit, such as "3 + 4".

        Returns:
            The result, or an error, and what is to be done next.
        """
        self._turns += 1
        valid = _call.fullmatch(expression)
        if valid is None or self._stream.random() < self._config.tool_failure_rate or self._turns > self._outage_after:
            return f"{error} {self._prompt.pending(self._done)}"
        self._done += 1
        return f"{result} {calculate(int(valid[1]), valid[2], int(valid[3]))} {self._prompt.pending(self._done)}"
