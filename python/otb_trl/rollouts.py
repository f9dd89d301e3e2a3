"""Sampled rollouts as `rollouts/step-….jsonl` has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .estimators import AdvantageBatch

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

    def rows(self, most: int) -> Iterator[dict[str, Any]]:
        """At most so many responses, whole groups first; one JSON object each, null at tokens that the policy did not choose."""
        # Responses to one prompt are generated side by side, and shuffled only later.
        order = self.numbers.argsort()[:most].tolist()
        groups = {group: number for number, group in enumerate(dict.fromkeys(self.batch.groups[order].tolist()))}
        for row in order:
            yield {"sequence": self.numbers[row].item(), "group": groups[self.batch.groups[row].item()], **self._row(row)}

    def _row(self, row: int) -> dict[str, Any]:
        is_token = self.completion_mask[row].bool()
        response = self.completion_ids[row][is_token].tolist()
        is_action = self.batch.mask[row][is_token].tolist()
        reward = self.rewards[row].item()

        def per_action(values: Tensor) -> list[float | None]:
            return [_rounded(value) if action else None for value, action in zip(values[row][is_token].tolist(), is_action, strict=True)]

        log_probs, sum_pi_squared = self.batch.log_probs, self.batch.sum_pi_squared
        return {
            "prompt": self._texts(self.prompt_ids[row][self.prompt_mask[row].bool()].tolist()),
            "response": self._texts(response),
            "reward": _rounded(reward),
            "turns": sum(action and not before for action, before in zip(is_action, [False, *is_action], strict=False)),
            "truncated": bool(response) and response[-1] not in self.ends,
            "log_probs": per_action(log_probs),
            "sum_pi_squared": per_action(sum_pi_squared),
            "realized_energy": per_action(1 - 2 * log_probs.exp() + sum_pi_squared),
            "advantages": {name: _collapsed(per_action(values)) for name, values in self.advantages.items()},
            "baselines": {
                name: _collapsed(per_action(reward - values)) for name, values in self.advantages.items() if name not in _rescaling
            },
        }

    def _texts(self, tokens: list[int]) -> list[str]:
        return [self.tokenizer.decode([token]) for token in tokens]


def _rounded(value: float) -> float:
    """Six significant digits: enough to look at, a third of the space."""
    return float(f"{value:.6g}")


def _collapsed(values: list[float | None]) -> float | list[float | None]:
    actions = [value for value in values if value is not None]
    return actions[0] if actions and all(value == actions[0] for value in actions) else values
