"""The keys under "trl" as TRL's GRPOConfig, on the device that there is."""

from __future__ import annotations

import json
from dataclasses import fields
from difflib import get_close_matches
from importlib.metadata import version
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import torch
from transformers.utils import is_torch_bf16_gpu_available
from trl import GRPOConfig

from .errors import OTBError, said
from .run_config import RunConfig

# What another key of the config says.
_said_elsewhere = {
    "seed": 'Write "seeds" instead.',
    "max_steps": 'Write "steps" instead.',
    "run_name": 'Write "name" instead.',
    "output_dir": "Leave it out: checkpoints go into the run's own directory.",
    "logging_steps": "Leave it out: every step is logged.",
    "logging_strategy": "Leave it out: every step is logged.",
    "logging_first_step": "Leave it out: every step is logged.",
}

# Of which TRL, or PyTorch, fails with words of its own at less than one.
_counts = ("per_device_train_batch_size", "gradient_accumulation_steps", "num_generations", "num_iterations", "steps_per_generation")


def grpo_config(config: RunConfig) -> GRPOConfig:
    """TRL's settings of a run. Raises OTBError for keys that TRL has not, for values that it refuses, and where there is no GPU."""
    _check_keys(config.trl)
    ours: dict[str, Any] = {"report_to": "none", "save_strategy": "no", "disable_tqdm": True}
    if not torch.accelerator.is_available():
        _check_cpu(config)
        # A model from scratch is small.
        ours["use_cpu"] = True
    if config.trl.get("use_cpu", ours.get("use_cpu")):
        ours |= {"bf16": False, "dataloader_pin_memory": False}
    else:
        _check_half_precision(config.trl)
    fixed = {
        "output_dir": str(config.run_dir / "checkpoints"),
        "run_name": config.run_dir.name,
        "seed": config.seed,
        "max_steps": config.steps if config.steps is not None else -1,
        "logging_strategy": "steps",
        "logging_steps": 1,
    }
    try:
        return GRPOConfig(**{**ours, **config.trl, **fixed})
    except (ValueError, TypeError, ImportError, AttributeError, ArithmeticError, RuntimeError) as error:
        raise refused(error) from error


def refused(error: BaseException) -> OTBError:
    """What TRL says against its settings."""
    return OTBError(f'TRL refuses the settings under "trl": {said(error)}. Change them there.')


def _check_keys(given: dict[str, Any]) -> None:
    known = {field.name for field in fields(GRPOConfig) if field.init}
    hints = get_type_hints(GRPOConfig)
    for key, value in given.items():
        if key in _said_elsewhere:
            raise OTBError(f'"{key}" has no place under "trl". {_said_elsewhere[key]}')
        if key not in known:
            near = get_close_matches(key, known, n=1)
            remedy = f'Did you mean "{near[0]}"?' if near else "Leave it out, or install a newer TRL: pip install --upgrade trl"
            raise OTBError(f'TRL {version("trl")} has no setting "{key}" for "trl". {remedy}')
        kinds = _kinds(hints[key])
        if key in _counts and isinstance(value, int) and value < 1:
            raise OTBError(f'"{key}" under "trl" is {value}. Give a number from 1 there.')
        if not any(_is(value, kind) for kind in kinds):
            needed = " or ".join(dict.fromkeys(_names[kind] for kind in kinds if kind in _names))
            raise OTBError(f'"{key}" under "trl" is {json.dumps(value, ensure_ascii=False)[:80]}. Give {needed} there.')


_names = {bool: "true or false", int: "an integer", float: "a number", str: "a text", dict: "an object", list: "a list"}


def _kinds(hint: Any) -> list[type]:
    """The types of JSON that a type hint allows; null always, which TRL takes where it has no use for a value."""
    parts = [type(each) for each in get_args(hint)] if get_origin(hint) is Literal else get_args(hint)
    if parts and get_origin(hint) not in (list, dict):
        return [NoneType, *(kind for part in parts for kind in _kinds(part))]
    kind = get_origin(hint) or hint
    return [NoneType, kind if kind in (*_names, NoneType) else str]


def _is(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _check_cpu(config: RunConfig) -> None:
    if isinstance(config.model, dict):
        return
    if "use_cpu" not in config.trl or not config.trl["use_cpu"]:
        built = "This PyTorch is built without CUDA" if torch.version.cuda is None and torch.version.hip is None else "The driver offers none"
        raise OTBError(
            f'PyTorch sees no GPU on this machine ({built}; torch {torch.__version__}). Write "use_cpu": true under "trl" to train on the CPU, '
            "which is slow, or install a driver and a PyTorch for your GPU: https://pytorch.org/get-started/locally"
        )


def _check_half_precision(given: dict[str, Any]) -> None:
    """TRL's default is bfloat16, which NVIDIA's GPUs before Ampere have not, for example."""
    is_default = given.get("bf16") is None and not given.get("fp16")
    if (given.get("bf16") or is_default) and not is_torch_bf16_gpu_available():
        name = torch.cuda.get_device_name() if torch.cuda.is_available() else f"The {torch.accelerator.current_accelerator()} device"
        raise OTBError(
            f'{name} cannot compute in bfloat16, which is TRL\'s default. Write "fp16": true under "trl", or "bf16": false for 32 bits.'
        )
