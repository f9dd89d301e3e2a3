"""The prompts of a run: from a file, a folder or the Hub, as TRL takes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.csv
import pyarrow.parquet
from datasets import Dataset, DatasetDict, load_dataset, load_from_disk

from .errors import OTBError, said
from .models import hub_problem, is_hub_id
from .run_config import DatasetConfig

_endings = (".jsonl", ".json", ".csv", ".parquet")

# Names under which TRL hands something of its own to reward functions.
_taken = {"prompts", "completion", "completions", "completion_ids", "trainer_state", "log_extra", "log_metric", "environments"}


def load_prompts(config: DatasetConfig, is_chat: bool, needs_answer: bool) -> Dataset:
    """All rows, with the columns "prompt" and, where the data has one, "answer"; the others keep their names, for reward functions.

    is_chat: prompts become conversations, which the tokenizer's chat template renders; otherwise they are texts.
    needs_answer: a reward reads the answers.
    Raises OTBError where the data is not there, is not of this shape, or is empty.
    """
    rows = _load(config)
    if len(rows) == 0:
        raise OTBError(f"{config.path} has no rows. Name a dataset or a split that has some.")
    columns = rows.column_names
    for key, column in (("prompt", config.prompt), ("answer", config.answer)):
        is_needed = key == "prompt" or needs_answer or column != "answer"
        if is_needed and column not in columns:
            raise OTBError(f'{config.path} has no column "{column}". Its columns are {", ".join(columns)}: name one as "{key}" in "dataset".')
    # Read before anything is renamed: one column may be both, or each have the other's name.
    ours = {"prompt": [_prompt(value, config, is_chat, at) for at, value in enumerate(rows[config.prompt])]}
    if config.answer in columns:
        ours["answer"] = list(rows[config.answer])
    gone = {*_taken, *ours, config.prompt, config.answer}
    others = rows.remove_columns([column for column in columns if column in gone])
    if not others.column_names:
        return Dataset.from_dict(ours)
    for column, values in ours.items():
        others = others.add_column(column, values)
    return others


def _prompt(value: Any, config: DatasetConfig, is_chat: bool, at: int) -> str | list[dict[str, Any]]:
    is_conversation = isinstance(value, list) and all(isinstance(message, dict) and "role" in message for message in value) and value != []
    if not is_conversation and not isinstance(value, str):
        raise OTBError(
            f'Row {at + 1} of {config.path} has no text in the column "{config.prompt}". Take the row out, or name another column as "prompt".'
        )
    if not is_chat:
        if is_conversation:
            raise OTBError(
                f'The column "{config.prompt}" of {config.path} has conversations, and the tokenizer has no chat template that renders them. '
                "Take a model that was trained to chat, or a column of texts."
            )
        text = f"{config.system}\n\n{value}" if config.system is not None else value
        # Without a chat template there is nothing around it that a model could go on from.
        if not text.strip():
            raise OTBError(f'Row {at + 1} of {config.path} is empty in the column "{config.prompt}". Take the row out.')
        return text
    messages = value if is_conversation else [{"role": "user", "content": value}]
    return [{"role": "system", "content": config.system}, *messages] if config.system is not None else messages


def _load(config: DatasetConfig) -> Dataset:
    path = Path(config.path).expanduser()
    if path.suffix.lower() in _endings and not path.is_dir():
        if not path.is_file():
            raise OTBError(f'"dataset" names {config.path}, and there is no such file in {Path.cwd()}. Correct the path.')
        if config.split != "train":
            raise OTBError(f'{config.path} is one file, which has no split "{config.split}". Leave "split" out.')
        return Dataset(_table(path, config.path))
    if not path.is_dir() and not is_hub_id(config.path):
        raise OTBError(
            f'"dataset" names {config.path}, and there is no such folder in {Path.cwd()}. Correct the path, or give the id of a dataset on the Hub.'
        )
    try:
        if path.is_dir() and ((path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file()):
            found = load_from_disk(str(path))
            if isinstance(found, DatasetDict):
                if config.split not in found:
                    raise OTBError(f'{config.path} has no split "{config.split}". Write one of {", ".join(found)} as "split" in "dataset".')
                found = found[config.split]
            return found
        return load_dataset(str(path) if path.is_dir() else config.path, config.name, split=config.split)
    except OTBError:
        raise
    except Exception as error:
        raise _problem(config, error) from error


def _problem(config: DatasetConfig, error: Exception) -> OTBError:
    text = " ".join(str(error).split())
    if "Config name is missing" in text or "BuilderConfig" in text:
        return OTBError(f'{config.path} comes in parts: {said(error)}. Write which as "name" in "dataset".')
    if "split" in text.lower() and isinstance(error, ValueError):
        return OTBError(f'{config.path} has no split "{config.split}": {said(error)}. Write another as "split" in "dataset".')
    if type(error).__name__ == "DatasetNotFoundError" and "gated" not in text:
        return OTBError(
            f'"dataset" names {config.path}, which is no folder in {Path.cwd()}, and there is none of that name on the Hub, or it is private. '
            "Correct it, or run: hf auth login"
        )
    return hub_problem("dataset", config.path, error)


def _table(file: Path, name: str) -> pyarrow.Table:
    kind = file.suffix.lower()
    try:
        table = _read(file, name, kind)
    # Arrow has no integers beyond 64 bits, and no halves of surrogate pairs.
    except (OSError, pyarrow.ArrowException, UnicodeError, OverflowError) as error:
        raise OTBError(f"{name} cannot be read as {kind}: {said(error)}. Mend the file, or name another.") from error
    twice = [column for column in dict.fromkeys(table.column_names) if table.column_names.count(column) > 1]
    if twice:
        raise OTBError(f'{name} has more than one column "{twice[0]}". Give each a name of its own.')
    return table


def _read(file: Path, name: str, kind: str) -> pyarrow.Table:
    if kind == ".csv":
        return pyarrow.csv.read_csv(file, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    if kind == ".parquet":
        return pyarrow.parquet.read_table(file)
    return pyarrow.Table.from_pylist(_objects(file, name))


def _objects(file: Path, name: str) -> list[dict[str, Any]]:
    """Of an array of objects, or one object a line."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix.lower() == ".json":
        try:
            found = json.loads(text)
        except RecursionError as error:
            raise OTBError(f"{name} is nested too deeply. Mend it there.") from error
        except ValueError as error:
            # Many name files with one object a line so.
            if not _is_json(text.split("\n", 1)[0]):
                raise OTBError(f"{name} is no JSON: {said(error)}. Mend it there.") from error
        else:
            if isinstance(found, list) and all(isinstance(row, dict) for row in found):
                return _same_keys(found)
            raise OTBError(f'{name} is not an array of objects. Write [{{"prompt": "…", "answer": "…"}}, …].')
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise OTBError(f"Line {number} of {name} is no JSON: {error.msg} (column {error.colno}). Mend it there.") from error
        # Python reads no integer of more than 4300 digits.
        except (ValueError, RecursionError) as error:
            raise OTBError(f"Line {number} of {name} cannot be read: {said(error)}. Mend it there.") from error
        if not isinstance(row, dict):
            raise OTBError(f'Line {number} of {name} is no object. Write {{"prompt": "…", "answer": "…"}}.')
        rows.append(row)
    return _same_keys(rows)


def _same_keys(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A table has the columns of its first row, unless each row has those of all."""
    keys = dict.fromkeys(key for row in rows for key in row)
    return [{key: row.get(key) for key in keys} for row in rows]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
