"""Sampled rollouts as `rollouts/step-….jsonl` has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypedDict

import torch
from torch import Tensor

from .estimators import AdvantageBatch

TokenNumbers = list[float | None]
"""Of each response token; None at tokens that the policy did not choose."""


class Trajectory(TypedDict):
    """A line of the file. docs/ROLLOUTS.md says what its keys mean."""

    sequence: int
    group: int
    prompt: list[str]
    response: list[str]
    reward: float
    turns: int
    truncated: bool
    log_probs: TokenNumbers
    sum_pi_squared: TokenNumbers
    realized_energy: TokenNumbers
    """w_t = 1 − 2π + Σπ²."""
    accumulated_energy: TokenNumbers
    """W_t = Σ_{j≤t} w_j."""
    advantages: dict[str, float | TokenNumbers]
    """One number where it is the same at every token that the policy chose; so are the baselines."""
    baselines: dict[str, float | TokenNumbers]


# The advantage of the others is a reward less a baseline.
_rescaling = ("grpo", "reinforce_plus_plus", "reinforce_plus_plus_baseline")


@dataclass(frozen=True)
class Rollouts:
    """The responses of one process with all that is known of them; tensors are (batch, tokens) unless said otherwise."""

    batch: AdvantageBatch
    advantages: dict[str, Tensor]
    prompt_ids: Tensor
    prompt_mask: Tensor
    completion_ids: Tensor
    completion_mask: Tensor
    rewards: Tensor
    """(batch,)"""
    numbers: Tensor
    """(batch,) number of each response among those of the step, in the order in which they were generated."""
    ends: frozenset[int]
    """Tokens with which a response that was not cut off ends."""
    tokenizer: Any

    def rows(self, most: int) -> Iterator[Trajectory]:
        """At most so many responses, whole groups first; one JSON object each, null at tokens that the policy did not choose."""
        # Responses to one prompt are generated side by side, and shuffled only later.
        order = self.numbers.argsort()[:most].tolist()
        groups = {group: number for number, group in enumerate(dict.fromkeys(self.batch.groups[order].tolist()))}
        for row in order:
            yield self._row(row, self.numbers[row].item(), groups[self.batch.groups[row].item()])

    def _row(self, row: int, sequence: int, group: int) -> Trajectory:
        is_token = self.completion_mask[row].bool()
        response = self.completion_ids[row][is_token].tolist()
        is_action = self.batch.mask[row][is_token].tolist()
        reward = self.rewards[row].item()

        def of_tokens(values: Tensor) -> list[float]:
            return values[row][is_token].tolist()

        def per_action(values: list[float]) -> TokenNumbers:
            return [_rounded(value) if action else None for value, action in zip(values, is_action, strict=True)]

        log_probs, sum_pi_squared = of_tokens(self.batch.log_probs), of_tokens(self.batch.sum_pi_squared)
        energies = of_tokens(1 - 2 * self.batch.log_probs.exp() + self.batch.sum_pi_squared)
        accumulated = list(accumulate(energy if action else 0.0 for energy, action in zip(energies, is_action, strict=True)))
        advantages = {name: of_tokens(values) for name, values in self.advantages.items()}

        def collapsed(values: list[float]) -> float | TokenNumbers:
            """One number instead of many that are the same, which need not be written out to be compared."""
            actions = {value for value, action in zip(values, is_action, strict=True) if action}
            if len(actions) > 1:
                actions = {_rounded(value) for value in actions}
            return _rounded(actions.pop()) if len(actions) == 1 else per_action(values)

        return {
            "sequence": sequence,
            "group": group,
            "prompt": self._texts(self.prompt_ids[row][self.prompt_mask[row].bool()].tolist()),
            "response": self._texts(response),
            "reward": _rounded(reward),
            "turns": sum(action and not before for action, before in zip(is_action, [False, *is_action], strict=False)),
            "truncated": bool(response) and response[-1] not in self.ends,
            "log_probs": per_action(log_probs),
            "sum_pi_squared": per_action(sum_pi_squared),
            "realized_energy": per_action(energies),
            "accumulated_energy": per_action(accumulated),
            "advantages": {name: collapsed(values) for name, values in advantages.items()},
            "baselines": {
                name: collapsed([reward - value for value in values]) for name, values in advantages.items() if name not in _rescaling
            },
        }

    def _texts(self, tokens: list[int]) -> list[str]:
        return [self.tokenizer.decode([token]) for token in tokens]


def _rounded(value: float) -> float:
    """Six significant digits: enough to look at, a third of the space."""
    return float(f"{value:.6g}")
