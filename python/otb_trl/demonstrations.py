"""Noisy demonstrations of the ledger, from which a warm start learns."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .ledger_environment import LedgerConfig, LedgerPrompt, base, calculate, sample_outage
from .ledger_tokenizer import answer, begin, call, end_call, end_of_response, error, operators, result, words

# One that wanders calls with this probability each time it could utter a word instead, and copies wrongly with that one.
_wandering_call_rate, _wandering_noise = 0.06, 0.5


@dataclass(frozen=True)
class Noise:
    """How demonstrations go wrong: keys of the section "warmStart"."""

    wander_rate: float = 0.01
    """Probability per turn that one starts to wander until the limit."""
    quit_rate: float = 0.01
    """Probability per turn that one answers too early."""
    copy_noise: float = 0.03
    """Probability that an operand, operator or answer is copied wrongly."""
    word_rate: float = 0.4
    """Probability that another filler word follows before a call."""


@dataclass(frozen=True)
class Demonstration:
    tokens: list[str]
    """Prompt and response."""
    is_action: list[bool]
    """For each token, whether the policy is to learn it: neither the prompt nor what the calculator says."""


def demonstrate(config: LedgerConfig, noise: Noise, prompt: LedgerPrompt, most_tokens: int, stream: random.Random) -> Demonstration:
    """One that mostly does the right thing, and sometimes copies wrongly, quits early, or wanders; at most so many response tokens."""
    tokens: list[str] = []
    is_action: list[bool] = []

    def add(action: bool, *said: str) -> None:
        tokens.extend(said)
        is_action.extend([action] * len(said))

    count, outage_after = len(prompt.operators), sample_outage(config, prompt, stream)
    value, done, turns, wandering = prompt.digits[0], 0, 0, False
    while len(tokens) < most_tokens:
        wandering = wandering or stream.random() < noise.wander_rate
        if wandering:
            if turns >= config.max_turns or stream.random() >= _wandering_call_rate:
                add(True, stream.choice(words))
                continue
        else:
            while len(tokens) < most_tokens and stream.random() < noise.word_rate:
                add(True, stream.choice(words))
            if done >= count or stream.random() < noise.quit_rate:
                add(True, answer, str(stream.randrange(base) if stream.random() < noise.copy_noise else value), end_of_response)
                break
        following = min(done, count - 1)
        wrong = _wandering_noise if wandering else noise.copy_noise
        x = stream.randrange(base) if stream.random() < wrong else value
        y = stream.randrange(base) if stream.random() < wrong else prompt.digits[following + 1]
        operator = stream.choice(operators) if stream.random() < wrong else prompt.operators[following]
        add(True, call, str(x), operator, str(y), end_call)
        turns += 1
        if turns > config.max_turns:
            break
        if stream.random() >= config.tool_failure_rate and turns <= outage_after:
            value = calculate(x, operator, y)
            done += 1
            add(False, result, str(value))
        else:
            add(False, error)
        add(False, *prompt.pending(done).split())
    shown = [begin, *prompt.text.split()]
    return Demonstration([*shown, *tokens[:most_tokens]], [*[False] * len(shown), *is_action[:most_tokens]])
