"""OTBTrainer trains a random model on advantages of its own, and asks TRL for nothing that costs."""

import importlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import count_of_threes, model_of_seed_0

from otb_trl import AdvantageBatch, OTBCallback, OTBError, OTBTrainer, advantages, estimators


class Recording(OTBTrainer):
    """Keeps what reaches the loss, and counts passes through the model."""

    def __init__(self, *args, **keywords):
        self.batches, self.passes = [], 0
        super().__init__(*args, **keywords)

    def _get_per_token_logps_and_entropies(self, *args, **keywords):
        self.passes += 1
        return super()._get_per_token_logps_and_entropies(*args, **keywords)

    def _compute_loss(self, model, inputs):
        loss = super()._compute_loss(model, inputs)
        self.batches.append({name: value.clone() for name, value in inputs.items() if isinstance(value, torch.Tensor)})
        return loss


def probabilities(model, batch):
    """log π of each response token and Σπ², from the logits themselves."""
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], 1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], 1)
    with torch.no_grad():
        log_pi = model(input_ids=ids, attention_mask=mask).logits[:, -batch["completion_ids"].shape[1] - 1 : -1].log_softmax(-1)
    return log_pi.gather(-1, batch["completion_ids"][..., None])[..., 0], log_pi.exp().square().sum(-1)


@pytest.mark.parametrize("estimator", estimators)
def test_the_loss_is_taken_with_the_advantages_of_the_estimator(estimator, model, tokenizer, dataset, config):
    settings = config(max_steps=1, learning_rate=0.0)
    trainer = Recording(model, count_of_threes, settings, dataset, processing_class=tokenizer, estimator=estimator)
    trainer.train()
    (batch,) = trainer.batches
    mask = batch["completion_mask"]
    log_probs, sum_pi_squared = probabilities(model, batch)
    rewards = torch.tensor(count_of_threes(tokenizer.batch_decode(batch["completion_ids"], skip_special_tokens=True)))
    at_last = torch.zeros_like(log_probs).scatter(1, mask.sum(1, keepdim=True) - 1, rewards[:, None])
    expected = advantages(estimator, AdvantageBatch(at_last, mask, batch["otb_rows"] // 4, log_probs, sum_pi_squared))
    assert batch["advantages"].shape == mask.shape
    assert torch.allclose(batch["advantages"], expected, atol=1e-5)
    assert expected.abs().max() > 0.05


@pytest.mark.parametrize(
    ("given", "passes"),
    [
        # A micro-batch is the whole generation batch: the loss's own forward is the only one.
        ({}, 1),
        # TRL computes old log-probabilities by itself: once for the generation batch, and one loss for each of two micro-batches.
        ({"per_device_train_batch_size": 4, "steps_per_generation": 2, "gradient_accumulation_steps": 1}, 1.5),
        # Two micro-batches of a whole group each.
        ({"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}, 2),
        # Micro-batches cut through groups: one pass without gradient, and four losses.
        ({"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4}, 5),
    ],
    ids=["in the loss", "with the old log-probabilities", "in the losses of one step", "by a pass of its own"],
)
def test_passes_through_the_model_for_each_step(given, passes, model, tokenizer, dataset, config):
    trainer = Recording(model, count_of_threes, config(max_steps=4, **given), dataset, processing_class=tokenizer)
    trainer.train()
    assert trainer.passes / 4 == passes


def test_an_estimator_without_energy_needs_no_pass_of_its_own(model, tokenizer, dataset, config):
    settings = config(max_steps=1, per_device_train_batch_size=2, gradient_accumulation_steps=4)
    trainer = Recording(model, count_of_threes, settings, dataset, processing_class=tokenizer, estimator="dr_grpo")
    trainer.train()
    assert trainer.passes == 4


@pytest.mark.parametrize("estimator", ["tir_optimal_token_baseline", "reinforce_plus_plus"])
def test_advantages_do_not_depend_on_how_a_step_is_cut(estimator, tokenizer, dataset, config):
    found = []
    for size in (8, 4, 2):
        settings = config(max_steps=1, learning_rate=0.0, per_device_train_batch_size=size, gradient_accumulation_steps=8 // size)
        trainer = Recording(model_of_seed_0(), count_of_threes, settings, dataset, processing_class=tokenizer, estimator=estimator)
        trainer.train()
        names = ("otb_rows", "advantages", "completion_mask")
        rows, values, mask = (torch.cat([batch[name] for batch in trainer.batches]) for name in names)
        found.append(values[rows.argsort()])
        means = (values.sum(1) / mask.sum(1))[rows.argsort()]
        assert list(trainer._logs["advantages"]) == pytest.approx(means.tolist(), abs=1e-5)
    assert torch.allclose(found[0], found[1], atol=1e-5)
    assert torch.allclose(found[0], found[2], atol=1e-5)


def test_the_total_power_of_every_estimator_is_logged(model, tokenizer, dataset, config):
    trainer = OTBTrainer(model, count_of_threes, config(max_steps=2), dataset, processing_class=tokenizer)
    trainer.train()
    logged = trainer.state.log_history[0]
    assert {f"estimator/{name}/total_power" for name in estimators} <= logged.keys()
    assert logged["variance_proxy/proxy2_total_power"] == logged["estimator/tir_optimal_token_baseline/total_power"]
    assert 0 < logged["estimator/tir_optimal_token_baseline/total_power"] < logged["estimator/reinforce/total_power"]


def test_a_response_without_a_reward_teaches_nothing(model, tokenizer, dataset, config):
    def first_is_unknown(completions, **_):
        return [None, *(float(at) for at in range(1, len(completions)))]

    trainer = Recording(model, first_is_unknown, config(max_steps=1), dataset, processing_class=tokenizer)
    trainer.train()
    (batch,) = trainer.batches
    is_first = batch["otb_rows"] == 0
    assert (batch["advantages"][is_first] == 0).all()
    assert batch["advantages"].isfinite().all()
    assert (batch["advantages"][~is_first] != 0).any()


@pytest.mark.parametrize(
    ("reward", "message"),
    [
        (lambda completions, **_: None, "returned nothing. Let it end with `return` and a list of 8 numbers"),
        (lambda completions, **_: [1.0], "returned 1 rewards for 8 completions"),
        (lambda completions, **_: 1.0, r"returned float \(1.0\). Let it return a list of 8 numbers"),
        (lambda completions, **_: [10**5000] * 8, "returned an integer that is too large for a number of 64 bits for completion 0"),
        (lambda completions, **_: [*[0.0] * 7, float("inf")], r"returned float \(inf\) for completion 7. Let it return a finite number"),
        (lambda completions, **_: ["good"] * 8, r"returned str \(good\) for completion 0. Let it return a finite number"),
    ],
    ids=["nothing", "wrong length", "no list", "too large", "infinite", "no numbers"],
)
def test_a_reward_function_is_told_what_it_returned(reward, message, model, tokenizer, dataset, config):
    trainer = OTBTrainer(model, reward, config(), dataset, processing_class=tokenizer)
    with pytest.raises(OTBError, match=message):
        trainer.train()


def test_an_asynchronous_reward_is_told_too(model, tokenizer, dataset, config):
    async def forgetful(completions, **_):
        return None

    trainer = OTBTrainer(model, forgetful, config(), dataset, processing_class=tokenizer)
    with pytest.raises(OTBError, match="forgetful returned nothing"):
        trainer.train()


def test_a_tokenizer_without_a_padding_token_is_told_what_to_set(model, tokenizer, dataset, config):
    tokenizer.pad_token = tokenizer.eos_token = None
    with pytest.raises(OTBError, match="neither a padding token nor an end-of-sequence token.*tokenizer.pad_token ="):
        OTBTrainer(model, count_of_threes, config(), dataset, processing_class=tokenizer)


def test_a_wrong_estimator_is_told_before_anything_is_loaded():
    with pytest.raises(OTBError, match='no estimator "otb"'):
        OTBTrainer("nowhere/no-model", count_of_threes, estimator="otb")


def test_rewards_that_have_a_baseline_already_are_refused(model, tokenizer, dataset, config):
    with pytest.raises(OTBError, match="normalize_then_sum"):
        OTBTrainer(model, count_of_threes, config(multi_objective_aggregation="normalize_then_sum"), dataset, processing_class=tokenizer)


def test_tool_output_is_no_action(model, tokenizer, dataset, config, tmp_path):
    def rollouts(prompts, trainer):
        """Two turns with two words of a tool between them; response n says n % 3 + 1 words in its first turn."""
        ids = [tokenizer(prompt)["input_ids"] for prompt in prompts]
        first = [at % 3 + 1 for at in range(len(prompts))]
        return {
            "prompt_ids": ids,
            "completion_ids": [[5] * count + [15, 16, 6 + at % 4, 1] for at, count in enumerate(first)],
            "env_mask": [[1] * count + [0, 0, 1, 1] for count in first],
            "logprobs": None,
        }

    def by_count(completions, **_):
        return [float(at % 3) for at in range(len(completions))]

    callback = OTBCallback(tmp_path / "run")
    made = {"processing_class": tokenizer, "rollout_func": rollouts, "callbacks": [callback]}
    trainer = Recording(model, by_count, config(max_steps=1, learning_rate=0.0), dataset, **made)
    trainer.train()
    (batch,) = trainer.batches
    mask = batch["completion_mask"] * batch["tool_mask"]
    log_probs, sum_pi_squared = probabilities(model, batch)
    last = (mask * torch.arange(mask.shape[1])).argmax(1, keepdim=True)
    rewards = torch.zeros_like(log_probs).scatter(1, last, (batch["otb_rows"] % 3).float()[:, None])
    expected = advantages("tir_optimal_token_baseline", AdvantageBatch(rewards, mask, batch["otb_rows"] // 4, log_probs, sum_pi_squared))
    assert torch.allclose(batch["advantages"], expected, atol=1e-5)
    assert (batch["advantages"][mask == 0] == 0).all()
    row = json.loads((tmp_path / "run/rollouts/step-000001.jsonl").read_text().splitlines()[0])
    assert row["turns"] == 2
    assert [entry is None for entry in row["log_probs"]] == [False, True, True, False, False]


distributed = """
import os, sys, torch
sys.path.insert(0, sys.argv[1])
import conftest
from test_trainer import Recording
from otb_trl import OTBCallback

tokenizer, model, dataset = (getattr(conftest, name).__wrapped__() for name in ("tokenizer", "model", "dataset"))
given = {"per_device_train_batch_size": 4, "num_generations": 8, "max_steps": 4, "learning_rate": 0.0, **eval(sys.argv[3])}
settings = conftest.config.__wrapped__(__import__("pathlib").Path(sys.argv[2]))(**given)
rank = int(os.environ["RANK"])
run = os.path.join(sys.argv[2], "run")

class Stopping(OTBCallback):
    def on_step_begin(self, args, state, control, **_):
        if rank == 0 and state.global_step == 1:
            open(os.path.join(run, "control", "stop"), "w").close()

trainer = Recording(model, conftest.count_of_threes, settings, dataset, processing_class=tokenizer, callbacks=[Stopping(run)])
trainer.train()
torch.save((trainer.state.global_step, trainer.batches), os.path.join(sys.argv[2], f"{rank}.pt"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="starts two processes that talk by Gloo")
@pytest.mark.parametrize(
    "given", [{}, {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 2}], ids=["in the loss", "by a pass"]
)
def test_a_group_that_is_dealt_out_to_two_processes_is_one_group(given, model, tmp_path):
    script = tmp_path / "train.py"
    script.write_text(distributed)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)]
    arguments = [str(Path(__file__).parent), str(tmp_path), repr(given)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([*command, *arguments], check=True, capture_output=True, text=True, env=environment, timeout=300)
    (steps, first), (other_steps, second) = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    # A request to stop that only the main process saw ends both.
    assert steps == other_steps == 2
    parts = first[: len(first) // 2] + second[: len(second) // 2]
    length = max(part["completion_ids"].shape[1] for part in parts)

    def joined(name):
        return torch.cat([torch.nn.functional.pad(part[name], (0, length - part[name].shape[1])) for part in parts])

    mask, rows = joined("completion_mask"), torch.cat([part["otb_rows"] for part in parts])
    pairs = [probabilities(model, part) for part in parts]
    log_probs, sum_pi_squared = (
        torch.cat([torch.nn.functional.pad(pair[at], (0, length - pair[at].shape[1])) for pair in pairs]) for at in range(2)
    )
    rewards = torch.cat([part["otb_rewards"] for part in parts])
    at_last = torch.zeros_like(log_probs).scatter(1, mask.sum(1, keepdim=True) - 1, rewards[:, None])
    expected = advantages("tir_optimal_token_baseline", AdvantageBatch(at_last, mask, rows // 8, log_probs, sum_pi_squared))
    assert sorted(rows.tolist()) == list(range(8))
    assert torch.allclose(joined("advantages"), expected, atol=1e-5)


def test_a_response_that_is_masked_because_it_was_cut_off_still_has_a_reward(model, tokenizer, dataset, config):
    def rollouts(prompts, trainer):
        """The first response to each prompt does not end."""
        ids = [tokenizer(prompt)["input_ids"] for prompt in prompts]
        return {"prompt_ids": ids, "completion_ids": [[5, 6 if at % 4 == 0 else 1] for at in range(len(ids))], "logprobs": None}

    def first_is_best(completions, **_):
        return [float(at % 4 == 0) for at in range(len(completions))]

    settings = config(max_steps=1, mask_truncated_completions=True)
    made = {"processing_class": tokenizer, "rollout_func": rollouts, "estimator": "dr_grpo"}
    trainer = Recording(model, first_is_best, settings, dataset, **made)
    trainer.train()
    (batch,) = trainer.batches
    is_first = batch["otb_rows"] % 4 == 0
    assert (batch["advantages"][is_first] == 0).all()
    assert torch.allclose(batch["advantages"][~is_first], torch.tensor(-0.25))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("1.15.0", 'needs TRL 1.16 or newer; here is 1.15.0. Run: pip install --upgrade "trl>=1.16"'),
        (None, 'needs TRL 1.16 or newer, and here is none. Run: pip install "trl>=1.16"'),
    ],
    ids=["too old", "missing"],
)
def test_trl_that_will_not_do_is_told_with_the_remedy(found, message, monkeypatch):
    def version(name):
        if found is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.delitem(sys.modules, "otb_trl.trainer")
    with pytest.raises(OTBError, match=re.escape(message)):
        importlib.import_module("otb_trl.trainer")
