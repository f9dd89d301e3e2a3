"""A small model from random weights, taught the ledger before reinforcement learning starts; kept in a folder of the user's for other runs."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

from .demonstrations import Noise, demonstrate
from .ledger_environment import LedgerConfig, sample_prompt
from .ledger_tokenizer import LedgerTokenizer, end_call

_max_grad_norm = 1.0
# The learning rate rises over the first steps and falls linearly to zero over the last part.
_rise_steps, _decay_share = 20, 0.3


@dataclass(frozen=True)
class ScratchModel:
    """Sizes of a model that starts from random weights."""

    width: int = 64
    layers: int = 2
    heads: int = 4


@dataclass(frozen=True)
class WarmStart:
    """Cross-entropy training on noisy demonstrations: the section "warmStart" of a config."""

    steps: int = 2500
    """0: start from random weights."""
    batch_size: int = 32
    learning_rate: float = 0.005
    noise: Noise = Noise()


def scratch_model(sizes: ScratchModel, tokenizer: LedgerTokenizer, seed: int) -> LlamaForCausalLM:
    """Random weights, the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(tokenizer),
                hidden_size=sizes.width,
                intermediate_size=2 * sizes.width,
                num_hidden_layers=sizes.layers,
                num_attention_heads=sizes.heads,
                num_key_value_heads=sizes.heads,
                max_position_embeddings=1 << 20,
                tie_word_embeddings=False,
                bos_token_id=None,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
        )
    # A call ends a turn as an answer does: what follows is the calculator's.
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids(end_call)]
    return model


def warm_started(
    sizes: ScratchModel,
    task: LedgerConfig,
    phase: WarmStart,
    most_tokens: int,
    seed: int,
    cache: Path | None = None,
    log: Callable[[str], None] = lambda line: print(line, flush=True),
) -> LlamaForCausalLM:
    """The model of a run, on the CPU. Runs that differ only in their estimator share it, under a hash of all that it depends on.

    most_tokens: response tokens of the longest demonstration.
    cache: by default that of OTB_CACHE_DIR, as for the built-in trainer, else `otb-run-inspector/warm-starts` in the user's folder for caches.
    log: by default standard output, whose last line tells how far a run is that has not come to its first step.
    """
    tokenizer = LedgerTokenizer()
    model = scratch_model(sizes, tokenizer, seed)
    if phase.steps == 0:
        return model
    inputs = {"version": 1, "sizes": asdict(sizes), "task": asdict(task), "phase": asdict(phase), "tokens": most_tokens, "seed": seed}
    key = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]
    file = (cache or _cache_folder()) / f"trl-warm-start-{key}.safetensors"
    if file.is_file():
        try:
            model.load_state_dict(load_file(file))
            log(f"warm start: read from {file}")
            return model
        except Exception as error:
            log(f"warm start: {file} cannot be used ({error}); it is made again")
            model = scratch_model(sizes, tokenizer, seed)
    _train(model, tokenizer, task, phase, most_tokens, seed, log)
    _keep(model, file, log)
    return model


def _train(
    model: LlamaForCausalLM,
    tokenizer: LedgerTokenizer,
    task: LedgerConfig,
    phase: WarmStart,
    most_tokens: int,
    seed: int,
    log: Callable[[str], None],
) -> None:
    stream = random.Random(f"ledger demonstrations {seed}")
    optimizer = torch.optim.Adam(model.parameters(), lr=phase.learning_rate)
    for step in range(phase.steps):
        rate = min(1, (step + 1) / _rise_steps, (phase.steps - step) / (_decay_share * phase.steps))
        optimizer.param_groups[0]["lr"] = phase.learning_rate * rate
        shown = [demonstrate(task, phase.noise, sample_prompt(task, stream), most_tokens, stream) for _ in range(phase.batch_size)]
        longest = max(len(one.tokens) for one in shown)
        ids = torch.full((len(shown), longest), tokenizer.pad_token_id)
        labels = torch.full((len(shown), longest), -100)
        for row, one in enumerate(shown):
            ids[row, : len(one.tokens)] = torch.tensor(tokenizer.convert_tokens_to_ids(one.tokens))
            is_action = torch.tensor(one.is_action)
            labels[row, : len(one.tokens)] = torch.where(is_action, ids[row, : len(one.tokens)], -100)
        # Padding stands behind what is learned, and causal attention does not look there.
        logits = model(input_ids=ids).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), _max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % 25 == 0 or step + 1 == phase.steps:
            log(f"warm start: step {step + 1} of {phase.steps}, cross-entropy {loss.item():.3g}")


def _keep(model: LlamaForCausalLM, file: Path, log: Callable[[str], None]) -> None:
    # Another run may want the same file at the same moment; it would write the same numbers.
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(model.state_dict(), temporary)
        temporary.replace(file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        log(f"warm start: not kept for other runs ({error})")


def _cache_folder() -> Path:
    if os.environ.get("OTB_CACHE_DIR"):
        return Path(os.environ["OTB_CACHE_DIR"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "otb-run-inspector" / "warm-starts"
