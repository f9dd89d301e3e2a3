"""OTBTrainer trains a random model on advantages of its own, and asks TRL for nothing that costs."""

import pytest
import torch
from conftest import count_of_threes

from otb_trl import AdvantageBatch, OTBError, OTBTrainer, advantages, estimators


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
    trainer = Recording(model, count_of_threes, config(max_steps=1, learning_rate=0.0), dataset, processing_class=tokenizer, estimator=estimator)
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
        ({"per_device_train_batch_size": 4, "steps_per_generation": 2, "gradient_accumulation_steps": 1}, 2 / 2 + 0.5),
        # Micro-batches cut through groups: one pass without gradient, and two losses.
        ({"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}, 3),
    ],
    ids=["in the loss", "with the old log-probabilities", "by a pass of its own"],
)
def test_passes_through_the_model_for_each_step(given, passes, model, tokenizer, dataset, config):
    trainer = Recording(model, count_of_threes, config(max_steps=4, **given), dataset, processing_class=tokenizer)
    trainer.train()
    assert trainer.passes / 4 == passes


def test_an_estimator_without_energy_needs_no_pass_of_its_own(model, tokenizer, dataset, config):
    settings = config(max_steps=1, per_device_train_batch_size=4, gradient_accumulation_steps=2)
    trainer = Recording(model, count_of_threes, settings, dataset, processing_class=tokenizer, estimator="dr_grpo")
    trainer.train()
    assert trainer.passes == 2


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
        (lambda completions, **_: ["good"] * 8, r"returned str \(good\) for completion 0. Let it return a number"),
    ],
    ids=["nothing", "wrong length", "no list", "no numbers"],
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
