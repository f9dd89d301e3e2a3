"""Tasks that bring all that a run needs: prompts, reward, tools, and perhaps a model that is made from scratch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

from datasets import Dataset

from .errors import OTBError
from .number import last_number, number
from .prompts import load_prompts
from .run_config import RunConfig
from .tools import load_tools
from .user_code import is_file_name, load_function


@dataclass(frozen=True)
class Task:
    """What OTBTrainer is given, besides its settings."""

    dataset: Dataset | None
    """None: `environment_factory` makes the prompts."""
    rewards: list[Callable[..., Any]]
    tools: list[Callable[..., Any]] = field(default_factory=list)
    environment_factory: Callable[[], Any] | None = None
    make_model: Callable[[], tuple[Any, Any]] | None = None
    """() → (model, tokenizer) of a run whose "model" is {"kind": "scratch", …}; called once, with the random numbers seeded."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Keys of GRPOConfig that hold where "trl" says nothing of them, such as max_tool_calling_iterations."""


named: dict[str, str] = {"ledger": ".ledger"}
"""Name in "dataset" → module with `task(config: RunConfig, tokenizer) -> Task`; the tokenizer is None where the model is made from scratch."""


def is_named(config: RunConfig) -> bool:
    return config.dataset.path in named


def make_task(config: RunConfig, tokenizer: Any) -> Task:
    """The task that the dataset names, with the rewards and tools of the config; or one of a dataset, rewards and tools.

    `tokenizer`: of the model; None where that is made from scratch.
    """
    if is_named(config):
        return import_module(named[config.dataset.path], __package__).task(config, tokenizer)
    tools = load_tools(config.tools)
    is_chat = getattr(tokenizer, "chat_template", None) is not None
    if tools and not is_chat:
        raise OTBError('The tokenizer has no chat template, so that the model cannot call tools. Take a model that was trained to, or leave "tools" out.')
    rewards = load_rewards(config)
    needs_answer = "number" in config.rewards
    dataset = load_prompts(config.dataset, is_chat, needs_answer)
    if needs_answer and all(last_number(str(answer)) is None for answer in dataset["answer"]):
        raise OTBError(
            f'No answer of {config.dataset.path} has a number that the reward "number" could compare with. '
            'Name the column that has as "answer" in "dataset".'
        )
    return Task(dataset, rewards, tools)


named_rewards: dict[str, Callable[..., Any]] = {"number": number}


def load_rewards(config: RunConfig) -> list[Callable[..., Any]]:
    """The functions that "reward" names. Raises OTBError for a name that is none, and for a function that TRL could not call."""
    return [named_rewards[name] if name in named_rewards else _own(name) for name in config.rewards]


def _own(name: str) -> Callable[..., Any]:
    if not is_file_name(name):
        belongs = f'"{name}" is only for "dataset": "{name}". ' if name in named else ""
        raise OTBError(f'"reward" names {name}. {belongs}Write {", ".join(named_rewards)}, or "file.py:function".')
    reward = load_function(name, "reward")
    _check_signature(name, reward)
    return reward


def _check_signature(name: str, reward: Callable[..., Any]) -> None:
    try:
        kinds = [parameter.kind for parameter in signature(reward).parameters.values()]
    except (TypeError, ValueError):
        return
    if Parameter.VAR_KEYWORD not in kinds:
        raise OTBError(
            f"The reward function {name} takes no **kwargs, and TRL hands it prompts, completions and every column of the dataset by name. "
            f"Write def {getattr(reward, '__name__', 'reward')}(completions, **kwargs)."
        )
