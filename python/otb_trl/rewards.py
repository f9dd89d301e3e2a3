"""Reward functions that say what is wrong with what they return."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import torch

from .errors import OTBError


def checked_reward(reward: Any) -> Any:
    """The same reward, which raises OTBError where it returns nothing, too few or too many numbers, or something that is none.

    Models and their names are handed through: they give what they give.
    """
    if reward is None or isinstance(reward, str | torch.nn.Module) or not callable(reward):
        return reward
    name = getattr(reward, "__name__", type(reward).__name__)

    if inspect.iscoroutinefunction(reward) or inspect.iscoroutinefunction(getattr(reward, "__call__", None)):

        async def checked(*args: Any, **keywords: Any) -> Any:
            return _checked_values(name, await reward(*args, **keywords), keywords.get("completions"))

    else:

        def checked(*args: Any, **keywords: Any) -> Any:
            return _checked_values(name, reward(*args, **keywords), keywords.get("completions"))

    # TRL names metrics after `__name__`, which an object that is called has not.
    checked.__name__ = name
    return wraps(reward, assigned=("__doc__", "__module__"), updated=())(checked)


def _checked_values(name: str, values: Any, completions: Sequence[Any] | None) -> list[float | None]:
    needed = "one number for each completion" if completions is None else f"a list of {len(completions)} numbers, one for each completion"
    if values is None:
        raise OTBError(f"The reward function {name} returned nothing. Let it end with `return` and {needed}.")
    if isinstance(values, torch.Tensor):
        values = values.tolist()
    if isinstance(values, str | bytes | dict) or not hasattr(values, "__iter__"):
        raise OTBError(f"The reward function {name} returned {_described(values)}. Let it return {needed}.")
    values = list(values)
    if completions is not None and len(values) != len(completions):
        raise OTBError(
            f"The reward function {name} returned {len(values)} rewards for {len(completions)} completions. Let it return {needed}."
        )
    for at, value in enumerate(values):
        if value is not None and not _is_number(value):
            raise OTBError(
                f"The reward function {name} returned {_described(value)} for completion {at}. "
                "Let it return a finite number there, or None where it does not apply."
            )
    return values


def _is_number(value: Any) -> bool:
    try:
        # TRL reads NaN as None. Infinity would be the end of all weights.
        if math.isinf(float(value)):
            return False
    except (TypeError, ValueError, OverflowError):
        return False
    return not isinstance(value, str | bytes)


def _described(value: Any) -> str:
    kind = type(value).__name__
    # Python writes no integer of more than 4300 digits.
    if isinstance(value, int) and not _is_number(value):
        return "an integer that is too large for a number of 64 bits"
    return f"{kind} ({str(value)[:40]})" if isinstance(value, str | int | float | bool) else f"an object of type {kind}"
