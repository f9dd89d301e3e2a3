"""The ledger as a task of a run: its prompts, its calculator, its reward, and the model that learns it from scratch."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Any

from datasets import Dataset
from trl import GRPOConfig

from .demonstrations import Noise
from .errors import OTBError
from .ledger_environment import LedgerConfig, LedgerEnvironment, LedgerPrompt, sample_prompt
from .ledger_tokenizer import LedgerTokenizer, answer
from .run_config import RunConfig
from .tasks import Task
from .warm_start import ScratchModel, WarmStart, warm_started

# More than a run of a thousand steps shows.
_prompts = 8192
_answer = re.compile(rf"{re.escape(answer)}\s*([0-9])\s*")
# For models that can read it.
_instructions = (
    "Work out a chain of operations modulo 10, from left to right. Call the tool calculator with one operation at a time, such as 3 + 4. "
    "It answers with the result and with what comes next, for which you call it again with the result as the first operand; after <err>, "
    f"call it once more. When it shows = instead, end with {answer} and the last result."
)


def task(config: RunConfig, tokenizer: Any) -> Task:
    """`tokenizer`: of a model that is there already; None where the model is made from scratch, with a tokenizer of its own.

    Raises OTBError for a reward or tools of the user's: the ledger has its own.
    """
    if config.rewards != ("ledger",):
        raise OTBError(f'"reward" is {", ".join(config.rewards)}, and "dataset": "ledger" brings its own. Leave "reward" out.')
    if config.tools:
        raise OTBError(f'"tools" are {", ".join(config.tools)}, and "dataset": "ledger" brings its own. Leave "tools" out.')
    rules = _rules(config.task)
    is_scratch = isinstance(config.model, dict)
    tokenizer = LedgerTokenizer() if is_scratch else tokenizer
    most_tokens = config.trl.get("max_completion_length", GRPOConfig.max_completion_length)

    def make_model() -> tuple[Any, Any]:
        sizes = ScratchModel(**{key: config.model[key] for key in ("width", "layers", "heads") if key in config.model})
        return warm_started(sizes, rules, _warm_start(config.warm_start), most_tokens, config.seed), tokenizer

    return Task(
        dataset=ledger_dataset(rules, config.seed, system=None if is_scratch else _instructions),
        rewards=[ledger_reward(tokenizer)],
        environment_factory=lambda: LedgerEnvironment(rules),
        make_model=make_model if is_scratch else None,
        settings={"max_tool_calling_iterations": rules.max_turns},
    )


def ledger_dataset(rules: LedgerConfig, seed: int, count: int = _prompts, system: str | None = None) -> Dataset:
    """So many prompts, the same for every estimator; the columns beside "prompt" reach the environment and the reward."""
    stream = random.Random(f"ledger prompts {seed}")
    prompts = [sample_prompt(rules, stream) for _ in range(count)]
    first = [] if system is None else [{"role": "system", "content": system}]
    return Dataset.from_dict(
        {
            "prompt": [[*first, {"role": "user", "content": prompt.text}] for prompt in prompts],
            "digits": [list(prompt.digits) for prompt in prompts],
            "operators": [list(prompt.operators) for prompt in prompts],
        }
    )


def ledger_reward(tokenizer: Any) -> Callable[..., list[float]]:
    """1 for a response whose last turn ends with `<ans>` and the target, else 0; one that was cut off has not ended."""

    def ledger(
        completions: Sequence[Sequence[dict[str, Any]]],
        completion_ids: Sequence[Sequence[int]],
        digits: Sequence[Sequence[int]],
        operators: Sequence[Sequence[str]],
        **_: Any,
    ) -> list[float]:
        def score(messages: Sequence[dict[str, Any]], ids: Sequence[int], prompt: LedgerPrompt) -> float:
            text = messages[-1].get("content") or ""
            found = None if answer not in text else _answer.fullmatch(text, text.rindex(answer))
            return float(found is not None and ids[-1] == tokenizer.eos_token_id and int(found[1]) == prompt.target)

        prompts = [LedgerPrompt(tuple(found), tuple(given)) for found, given in zip(digits, operators, strict=True)]
        return [score(*each) for each in zip(completions, completion_ids, prompts, strict=True)]

    return ledger


def _rules(section: dict[str, Any]) -> LedgerConfig:
    names = {"max_turns": "maxTurns", "tool_failure_rate": "toolFailureRate", "tool_outage_rate": "toolOutageRate"}
    given = {name: section[key] for name, key in names.items() if key in section}
    return LedgerConfig(operations=tuple(section.get("operations", LedgerConfig.operations)), **given)


def _warm_start(section: dict[str, Any]) -> WarmStart:
    names = {"wander_rate": "wanderRate", "quit_rate": "quitRate", "copy_noise": "copyNoise", "word_rate": "wordRate"}
    noise = Noise(**{name: float(section[key]) for name, key in names.items() if key in section})
    phase = {"steps": "steps", "batch_size": "batchSize", "learning_rate": "learningRate"}
    return WarmStart(noise=noise, **{name: section[key] for name, key in phase.items() if key in section})
