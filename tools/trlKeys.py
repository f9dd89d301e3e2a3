"""Writes media/trl-config.schema.json: the keys of the installed TRL's GRPOConfig, with type, default and a line of help.

    python tools/trlKeys.py > media/trl-config.schema.json && npx prettier --write media/trl-config.schema.json

Run it with the TRL that python/requirements.lock names; python/tests/test_config_keys.py fails where the file says something else.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import re
import types
import typing
from typing import Any

from trl import GRPOConfig

_longest = 200
# What TRL takes besides what it declares.
_also = {"fsdp": ["boolean"], "scale_rewards": ["boolean"]}
# What other keys of a config say, or nobody may write into one: editors do not offer them.
_elsewhere = {"hub_token", "logging_first_step", "logging_steps", "logging_strategy", "max_steps", "output_dir", "run_name", "seed"}
# The words of keys that TRL declares as any text, and lists in its help only.
_words = {
    "importance_sampling_level": ["token", "sequence"],
    "loss_type": ["grpo", "dr_grpo", "dapo", "bnpo", "cispo", "sapo", "luspo", "vespo"],
    "multi_objective_aggregation": ["sum_then_normalize", "normalize_then_sum"],
    "scale_rewards": ["group", "batch", "none"],
    "vllm_importance_sampling_mode": ["token_truncate", "token_mask", "sequence_truncate", "sequence_mask"],
    "vllm_mode": ["colocate", "server"],
    "vllm_model_impl": ["vllm", "transformers"],
}
_names = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array", type(None): "null"}


def schema() -> dict[str, Any]:
    hints = typing.get_type_hints(GRPOConfig)
    fields = sorted((field for field in dataclasses.fields(GRPOConfig) if field.init), key=lambda field: field.name)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Arguments of TRL's GRPOConfig, written by tools/trlKeys.py; otb-config.schema.json refers to it, and says what it is.",
        "type": "object",
        "properties": {field.name: _key(field, hints[field.name]) for field in fields},
    }


def _key(field: dataclasses.Field, hint: Any) -> dict[str, Any]:
    help_text = " ".join(field.metadata.get("help", "").split())
    default = _plain(field.default_factory() if field.default is dataclasses.MISSING else field.default)
    types_of = list(dict.fromkeys([*_types(hint), *_also.get(field.name, [])]))
    if default is None and "null" not in types_of:
        types_of.append("null")
    key: dict[str, Any] = {
        "description": f"{_first_sentence(help_text)} Default: {json.dumps(default, ensure_ascii=False)}.",
        "default": default,
    }
    if types_of != ["null"]:
        key["type"] = types_of[0] if len(types_of) == 1 else types_of
    if field.name in _elsewhere:
        key["doNotSuggest"] = True
    choices = _choices(field, hint)
    if choices:
        key["examples"] = choices
    return key


def _types(hint: Any) -> list[str]:
    """Names of JSON's types for an annotation, what no JSON can be left out."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return [name for part in typing.get_args(hint) for name in _types(part)]
    if typing.get_origin(hint) is typing.Literal:
        return [_names[type(value)] for value in typing.get_args(hint)]
    plain = typing.get_origin(hint) or hint
    if isinstance(plain, type) and issubclass(plain, enum.Enum):
        return ["string"]
    return [_names[plain]] if plain in _names else []


def _choices(field: dataclasses.Field, hint: Any) -> list[str]:
    """The words that a key may have; empty: any, or numbers and the like."""
    enums = [part for part in (typing.get_args(hint) or (hint,)) if isinstance(part, type) and issubclass(part, enum.Enum)]
    if enums:
        return [member.value for member in enums[0]]
    if "choices" in field.metadata:
        return [word for word in field.metadata["choices"] if isinstance(word, str)]
    return _words.get(field.name, [])


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def _first_sentence(text: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "")
    # "Deprecated." alone says nothing of what to take instead.
    sentence = re.split(r"(?<!Deprecated)(?<!e\.g)(?<!i\.e)(?<!etc)\.\s+(?=[A-Z\[(])", plain)[0].rstrip(". ")
    if len(sentence) > _longest:
        return sentence[:_longest].rsplit(" ", 1)[0] + " …"
    return f"{sentence}."


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
