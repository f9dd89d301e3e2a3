"""What a run of `trainer: "trl"` is to do, from the run.json that its supervisor wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import OTBError, said
from .estimators import checked_name


@dataclass(frozen=True)
class DatasetConfig:
    """Where prompts come from, and which columns are what."""

    path: str
    """Name of a task, Hub id, folder, or file."""
    name: str | None = None
    split: str = "train"
    prompt: str = "prompt"
    answer: str = "answer"
    system: str | None = None


@dataclass(frozen=True)
class RunConfig:
    """One run: one estimator, one seed."""

    run_dir: Path
    name: str
    estimator: str
    seed: int
    steps: int | None
    """Of the optimizer; None: as many as TRL's num_train_epochs makes."""
    model: str | dict[str, Any]
    """Hub id or folder, or the sizes of one that is made from scratch, which a task does."""
    dataset: DatasetConfig
    rewards: tuple[str, ...]
    tools: tuple[str, ...]
    task: dict[str, Any]
    warm_start: dict[str, Any]
    trl: dict[str, Any]
    """Keys of GRPOConfig."""


def read_run(run_dir: Path) -> RunConfig:
    """The run in a directory. Raises OTBError where there is none, or what is there is none of `trainer: "trl"`."""
    run_dir = run_dir.absolute()
    file = run_dir / "run.json"
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OTBError(f"{file} cannot be read: {error.strerror}. Name the directory of a run that `otb run` made.") from error
    except ValueError as error:
        raise OTBError(f"{file} is no JSON: {said(error)}. Start the run anew.") from error
    config = record.get("config") if isinstance(record, dict) else None
    if not isinstance(config, dict) or config.get("trainer") != "trl":
        raise OTBError(f'{file} is not of a run with "trainer": "trl". Name the directory of one that is.')
    return _parsed(run_dir, record, config)


def _parsed(run_dir: Path, record: dict[str, Any], config: dict[str, Any]) -> RunConfig:
    def value(key: str, kinds: type | tuple[type, ...], default: Any = None) -> Any:
        found = record.get(key) if key in ("name", "estimator", "seed") and key in record else config.get(key)
        if found is None:
            found = default
        if not isinstance(found, kinds) or isinstance(found, bool):
            raise OTBError(f'"{key}" is {_shown(found)}. {_expected[key]}')
        return found

    none = type(None)
    given = value("dataset", (str, dict))
    dataset = _dataset(given if isinstance(given, dict) else {"path": given})
    reward = value("reward", (str, list), "ledger" if dataset.path == "ledger" else None)
    rewards, tools = [reward] if isinstance(reward, str) else reward, value("tools", list, [])
    for key, names in (("reward", rewards), ("tools", tools)):
        if not all(isinstance(name, str) for name in names):
            raise OTBError(f'"{key}" is {_shown(names)}. {_expected[key]}')
    if not rewards:
        raise OTBError(f'"reward" is empty. {_expected["reward"]}')
    return RunConfig(
        run_dir=run_dir,
        name=value("name", str),
        estimator=checked_name(value("estimator", str)),
        seed=value("seed", int),
        steps=value("steps", (int, none)),
        model=value("model", (str, dict)),
        dataset=dataset,
        rewards=tuple(rewards),
        tools=tuple(tools),
        task=value("task", dict, {}),
        warm_start=value("warmStart", dict, {}),
        trl=value("trl", dict, {}),
    )


def _dataset(given: dict[str, Any]) -> DatasetConfig:
    known = {key: given[key] for key in DatasetConfig.__dataclass_fields__ if given.get(key) is not None}
    if "path" not in known or not all(isinstance(entry, str) for entry in known.values()):
        raise OTBError(f'"dataset" is {_shown(given)}. {_expected["dataset"]}')
    return DatasetConfig(**known)


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


_expected = {
    "name": "Give the run a name.",
    "estimator": "Name one of the estimators.",
    "seed": "Give an integer.",
    "steps": "Give the number of steps of the optimizer.",
    "model": 'Give a Hub id like "Qwen/Qwen2.5-0.5B-Instruct", or the folder of a model.',
    "dataset": 'Give "ledger", a Hub id, a file (.jsonl, .json, .csv, .parquet), or an object with "path" and names of columns.',
    "reward": 'Give "number", "rewards.py:function", or a list of those.',
    "tools": 'Give a list of "calculator" and "tools.py:function".',
    "task": "Give an object.",
    "warmStart": "Give an object.",
    "trl": "Give an object of GRPOConfig's keys.",
}
