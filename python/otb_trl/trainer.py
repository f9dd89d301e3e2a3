"""TRL's GRPOTrainer with any of our estimators."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
from packaging.version import Version
from torch import Tensor

from .callback import OTBCallback
from .errors import OTBError
from .estimators import AdvantageBatch, advantages, checked_name, estimator_powers, estimators, needs_energy
from .rewards import checked_reward
from .rollouts import Rollouts

oldest_trl = "1.16"


def _check_trl() -> None:
    try:
        found = version("trl")
    except PackageNotFoundError:
        raise OTBError(f'OTBTrainer needs TRL {oldest_trl} or newer, and here is none. Run: pip install "trl>={oldest_trl}"') from None
    if Version(found) < Version(oldest_trl):
        raise OTBError(f'OTBTrainer needs TRL {oldest_trl} or newer; here is {found}. Run: pip install --upgrade "trl>={oldest_trl}"')


# Before TRL is imported: what fails there says nothing of its version.
_check_trl()

from trl import GRPOTrainer
from trl.trainer.utils import add_fused_lm_head

# What TRL's forward takes besides the tokens, for models that see images too.
_image_inputs = (
    "pixel_values",
    "image_grid_thw",
    "num_images",
    "pixel_attention_mask",
    "spatial_shapes",
    "num_tiles",
    "image_sizes",
    "token_type_ids",
    "mm_token_type_ids",
    "image_position_ids",
)


class OTBTrainer(GRPOTrainer):
    """GRPOTrainer whose advantages come from `estimator`, one number for each token of each response.

    All arguments but these two are GRPOTrainer's, in its order:

    estimator: a name from `otb_trl.estimators`. With tools or several turns "tir_optimal_token_baseline" is the one to take; without,
        it is the same as "optimal_token_baseline".
    compare_estimators: log what the total power would have been under every other estimator on the same rollouts, as
        `estimator/<name>/total_power`, at every step at which Σπ² is there.

    `scale_rewards` has no effect: an estimator says itself how it scales. Σπ² comes from the fused LM head: with the old
    log-probabilities where TRL computes those anyway, with the loss's own forward where a micro-batch holds whole groups
    (`steps_per_generation=1`), and elsewhere from one forward pass without gradient. Evaluation keeps TRL's own advantages, which only
    `eval_loss` depends on.
    """

    def __init__(
        self,
        model: Any,
        reward_funcs: Any = None,
        args: Any = None,
        *positional: Any,
        estimator: str = "tir_optimal_token_baseline",
        compare_estimators: bool = True,
        **keywords: Any,
    ) -> None:
        self.estimator = checked_name(estimator)
        self.compare_estimators = compare_estimators
        if getattr(args, "multi_objective_aggregation", "sum_then_normalize") != "sum_then_normalize":
            raise OTBError(
                "multi_objective_aggregation is normalize_then_sum, which subtracts a baseline from each reward before the estimator "
                'sees it. Leave it out, or set it to "sum_then_normalize".'
            )
        _check_padding(keywords.get("processing_class"))
        if isinstance(reward_funcs, list | tuple):
            reward_funcs = [checked_reward(reward) for reward in reward_funcs]
        else:
            reward_funcs = checked_reward(reward_funcs)
        # Σπ² of the policy at the response tokens, of each pass over a generation batch; reset with each.
        self._passes: list[Tensor] = []
        # The micro-batch whose advantages wait for the loss's own forward.
        self._waiting: dict[str, Any] | None = None
        self._rewards_per_func: Tensor | None = None
        super().__init__(model, reward_funcs, args, *positional, **keywords)
        _check_padding(self.processing_class)
        # Once more, with Σπ² among what it gives: a head that is there already is passed by.
        add_fused_lm_head(
            _base_model(self.model),
            temperature=self.temperature,
            cast_lm_head_to_fp32=self.args.cast_lm_head_to_fp32,
            outputs=("log_probs", "entropy", "log_sum_sq_probs"),
        )

    def train(self, *args: Any, **keywords: Any) -> Any:
        """GRPOTrainer's; tells callbacks that write a run which estimator it is."""
        for callback in self.callback_handler.callbacks:
            if isinstance(callback, OTBCallback):
                callback.estimator = self.estimator
        return super().train(*args, **keywords)

    def _calculate_rewards(self, *args: Any, **keywords: Any) -> Tensor:
        """(batch of all processes, reward functions); kept, because TRL hands on only what it makes of it."""
        self._rewards_per_func = super()._calculate_rewards(*args, **keywords)
        return self._rewards_per_func

    def _get_per_token_logps_and_entropies(self, model: Any, input_ids: Tensor, attention_mask: Tensor, logits_to_keep: int, *args, **keywords):
        """TRL's, which drops Σπ²: it only calls `model`, so that a function in its place can keep it."""
        kept: list[Tensor] = []

        def forward(**inputs: Any) -> Any:
            outputs = model(**inputs)
            if outputs.log_sum_sq_probs is not None:
                kept.append(outputs.log_sum_sq_probs[:, -logits_to_keep:].detach().exp())
            return outputs

        result = super()._get_per_token_logps_and_entropies(forward, input_ids, attention_mask, logits_to_keep, *args, **keywords)
        # The reference model's own head gives none.
        if kept:
            self._passes.append(torch.cat(kept))
            if self._waiting is not None:
                self._finish(self._waiting, result[0].detach(), self._passes.pop())
        return result

    def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
        self._passes.clear()
        output = super()._generate_and_score_completions(inputs)
        if not self.model.training:
            return output
        self._add_rewards(output)
        old_log_probs = output.get("old_per_token_logps")
        if old_log_probs is not None:
            # The first pass: one of the same model with its adapter switched off, as a reference, comes later.
            self._finish(output, old_log_probs, self._passes[0])
        elif self.args.steps_per_generation == 1 and (self.compare_estimators or needs_energy(self.estimator)):
            output["otb_waits"] = torch.ones_like(output["otb_rewards"], dtype=torch.bool)
        elif needs_energy(self.estimator):
            self._finish(output, *self._score(output))
        else:
            self._finish(output, None, None)
        self._passes.clear()
        return output

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Tensor:
        self._waiting = inputs if "otb_waits" in inputs else None
        try:
            return super()._compute_loss(model, inputs)
        finally:
            self._waiting = None
            self._passes.clear()

    def _add_rewards(self, output: dict[str, Any]) -> None:
        """What the estimators need and TRL's batch has not, by response, so that it is shuffled and split with it."""
        rewards_per_func = self._rewards_per_func
        batch, first = len(output["completion_ids"]), self.accelerator.process_index * len(output["completion_ids"])
        rewards = (rewards_per_func * self.reward_weights.to(rewards_per_func.device)).nansum(1)
        # Without any reward a response teaches nothing, and the others of its group are compared without it.
        rewards[rewards_per_func.isnan().all(1)] = torch.nan
        output["otb_rewards"] = rewards[first : first + batch]
        output["otb_rows"] = torch.arange(first, first + batch, device=rewards.device)

    def _score(self, output: dict[str, Any]) -> tuple[Tensor, Tensor]:
        """Log-probabilities and Σπ² of the response tokens, (batch, tokens), by a pass without gradient."""
        with torch.no_grad():
            log_probs, _, _ = self._get_per_token_logps_and_entropies(
                self.model,
                torch.cat([output["prompt_ids"], output["completion_ids"]], 1),
                torch.cat([output["prompt_mask"], output["completion_mask"]], 1),
                output["completion_ids"].shape[1],
                batch_size=self.args.per_device_train_batch_size,
                **{name: output.get(name) for name in _image_inputs},
            )
        return log_probs, self._passes.pop()

    def _finish(self, output: dict[str, Any], log_probs: Tensor | None, sum_pi_squared: Tensor | None) -> None:
        """Puts the advantages, (batch, tokens), into a batch, and logs what there is to log of it.

        `log_probs`, `sum_pi_squared`: (batch, tokens), or None where the estimator does without.
        """
        batch = self._batch_of(output, log_probs, sum_pi_squared)
        everywhere = self._gathered(batch)
        found = advantages(self.estimator, everywhere)
        first = self.accelerator.process_index * len(batch.groups) if self.accelerator.num_processes > 1 else 0
        output["advantages"] = found[first : first + len(batch.groups), : batch.mask.shape[1]]
        self._log_advantages(found, everywhere.mask)
        if sum_pi_squared is None:
            return
        powers = estimator_powers(everywhere, estimators if self.compare_estimators else [self.estimator])
        values = dict(zip(powers, torch.stack(list(powers.values())).tolist(), strict=True))
        self._metrics["train"]["variance_proxy/proxy2_total_power"].append(values[self.estimator])
        for name, value in values.items():
            self._metrics["train"][f"estimator/{name}/total_power"].append(value)
        self._offer_rollouts(output, batch, everywhere, first)

    def _batch_of(self, output: dict[str, Any], log_probs: Tensor | None, sum_pi_squared: Tensor | None) -> AdvantageBatch:
        """This process's part."""
        mask = output["completion_mask"].bool()
        if "tool_mask" in output:
            mask = mask & output["tool_mask"].bool()
        rewards, rows = output["otb_rewards"], output["otb_rows"]
        is_scored = ~rewards.isnan()
        mask = mask & is_scored[:, None]
        # A response that nobody scored is a group of its own, with numbers that no other group has.
        groups = torch.where(is_scored, rows // self.num_generations, -1 - rows)
        tokens = torch.arange(mask.shape[1], device=mask.device)
        # A response without an action, like one that was cut off where those are masked, still has a reward that the others are compared with.
        last = torch.where(mask, tokens, 0).amax(1, keepdim=True)
        weights = output.get("importance_sampling_ratio")
        return AdvantageBatch(
            token_rewards=torch.where(tokens == last, rewards.nan_to_num()[:, None], 0.0),
            mask=mask,
            groups=groups,
            log_probs=log_probs,
            sum_pi_squared=sum_pi_squared,
            importance_weights=None if weights is None else weights.expand_as(mask),
        )

    def _gathered(self, batch: AdvantageBatch) -> AdvantageBatch:
        """That of all processes: TRL deals the responses to one prompt out to several."""
        if self.accelerator.num_processes == 1:
            return batch

        def gather(values: Tensor | None) -> Tensor | None:
            if values is None:
                return None
            padded = self.accelerator.pad_across_processes(values.contiguous(), dim=1) if values.dim() > 1 else values
            return self.accelerator.gather(padded)

        names = ("token_rewards", "groups", "log_probs", "sum_pi_squared", "importance_weights")
        return AdvantageBatch(mask=gather(batch.mask.int()).bool(), **{name: gather(getattr(batch, name)) for name in names})

    def _log_advantages(self, found: Tensor, mask: Tensor) -> None:
        """The table of completions shows the mean advantage of each response instead of TRL's own."""
        if self._waiting is not None:
            # Shuffled by now; the table keeps the order of generation.
            order = self.accelerator.gather(self._waiting["otb_rows"]).argsort()
            found, mask = found[order], mask[order]
        means = found.sum(1) / mask.sum(1).clamp(min=1)
        logged = self._logs["advantages"]
        for _ in range(min(len(means), len(logged))):
            logged.pop()
        logged.extend(means.tolist())

    def _offer_rollouts(self, output: dict[str, Any], batch: AdvantageBatch, everywhere: AdvantageBatch, first: int) -> None:
        """Hands the main process's rollouts to every callback that samples some at this step."""
        step = self.state.global_step + 1
        takers = [taker for taker in self.callback_handler.callbacks if isinstance(taker, OTBCallback) and taker.wants_rollouts(step)]
        # Asked on the main process alone: only there do callbacks write.
        if not takers or not self.accelerator.is_main_process:
            return
        found = {name: advantages(name, everywhere)[first : first + len(batch.groups), : batch.mask.shape[1]] for name in estimators}
        rollouts = Rollouts(
            batch=batch,
            advantages=found,
            prompt_ids=output["prompt_ids"],
            prompt_mask=output["prompt_mask"],
            completion_ids=output["completion_ids"],
            completion_mask=output["completion_mask"],
            rewards=output["otb_rewards"],
            numbers=output["otb_rows"],
            ends=frozenset({*self.eos_token_ids, self._tokenizer.pad_token_id}),
            tokenizer=self._tokenizer,
        )
        for callback in takers:
            callback.take_rollouts(step, rollouts)


def _base_model(model: Any) -> Any:
    """The model below a PEFT adapter, whose forward it is that TRL patches."""
    return model.get_base_model() if hasattr(model, "peft_config") and hasattr(model, "get_base_model") else model


def _check_padding(processing_class: Any) -> None:
    tokenizer = getattr(processing_class, "tokenizer", processing_class)
    if tokenizer is None or getattr(tokenizer, "pad_token", None) is not None or getattr(tokenizer, "eos_token", None) is not None:
        return
    raise OTBError(
        "The tokenizer has neither a padding token nor an end-of-sequence token that could serve as one. "
        'Set one before the trainer is made: tokenizer.pad_token = "<pad>", or any token that no response uses.'
    )
