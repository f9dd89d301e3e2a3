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
    log-probabilities where TRL computes those anyway, with the loss's own forward where micro-batches can hold whole groups
    (`per_device_train_batch_size` a multiple of `num_generations`), and elsewhere from one forward pass without gradient. Total powers
    are means over micro-batches in the second case, and there the two estimators that whiten do so over each. Evaluation keeps TRL's own
    advantages, which only `eval_loss` depends on.
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

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: Tensor, attention_mask: Tensor, logits_to_keep: int, *args: Any, **keywords: Any
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
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
        weighs = needs_energy(self.estimator)
        old_log_probs = output.get("old_per_token_logps")
        if old_log_probs is not None:
            # The first pass: one of the same model with its adapter switched off, as a reference, comes later.
            self._finish(output, old_log_probs, self._passes[0])
        elif self._has_whole_groups(output) and (weighs or self.compare_estimators):
            if not weighs:
                self._finish_without_energy(output)
            output["otb_waits"] = torch.ones_like(output["otb_rewards"], dtype=torch.bool)
        elif weighs:
            self._finish(output, *self._score(output))
        else:
            self._finish_without_energy(output)
        self._passes.clear()
        return output

    def _has_whole_groups(self, output: dict[str, Any]) -> bool:
        """Whether a micro-batch, of all processes together, is or can be made to be of whole groups."""
        if self.args.steps_per_generation == 1:
            return True
        # Images are not dealt out with the responses that they belong to.
        return self.args.per_device_train_batch_size % self.num_generations == 0 and "pixel_values" not in output

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        """TRL's, which shuffles what was generated before it cuts it: undone where the loss needs whole groups.

        All these micro-batches are of one step of the optimizer, for which their order makes no difference.
        """
        before = self._buffered_inputs
        inputs = super()._prepare_inputs(generation_batch)
        buffered = self._buffered_inputs
        if buffered is before or len(buffered) == 1 or "otb_waits" not in buffered[0]:
            return inputs
        self._buffered_inputs = _in_order(buffered)
        return self._buffered_inputs[self._step % self.args.steps_per_generation]

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

    def _finish(self, output: dict[str, Any], log_probs: Tensor, sum_pi_squared: Tensor) -> None:
        """Puts the advantages into a batch where they are not yet, and logs what can be said of it.

        `log_probs`, `sum_pi_squared`: (batch, tokens).
        """
        batch = self._batch_of(output, log_probs, sum_pi_squared)
        everywhere = self._gathered(batch)
        if self._waiting is None or needs_energy(self.estimator):
            self._set_advantages(output, batch, everywhere)
        powers = estimator_powers(everywhere, estimators if self.compare_estimators else [self.estimator])
        values = dict(zip(powers, torch.stack(list(powers.values())).tolist(), strict=True))
        self._metrics["train"]["variance_proxy/proxy2_total_power"].append(values[self.estimator])
        for name, value in values.items():
            self._metrics["train"][f"estimator/{name}/total_power"].append(value)
        self._offer_rollouts(output, batch, everywhere)

    def _finish_without_energy(self, output: dict[str, Any]) -> None:
        batch = self._batch_of(output, None, None)
        self._set_advantages(output, batch, self._gathered(batch))

    def _set_advantages(self, output: dict[str, Any], batch: AdvantageBatch, everywhere: AdvantageBatch) -> None:
        """Writes (batch, tokens) into a batch, and the mean of each response into the table of completions."""
        found = advantages(self.estimator, everywhere)
        output["advantages"] = self._own_part(found, batch)
        means = found.sum(1) / everywhere.mask.sum(1).clamp(min=1)
        # The last that TRL has logged are of this generation, in the order of generation.
        logged = self._logs["advantages"]
        first = len(logged) - len(self._rewards_per_func)
        if first < 0:
            return
        for row, mean in zip(self.accelerator.gather(output["otb_rows"]).tolist(), means.tolist(), strict=True):
            logged[first + row] = mean

    def _own_part(self, values: Tensor, batch: AdvantageBatch) -> Tensor:
        """Of what is (batch, tokens) of all processes, that of this one."""
        first = self.accelerator.process_index * len(batch.groups)
        return values[first : first + len(batch.groups), : batch.mask.shape[1]]

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
        # Without an action, as where responses that were cut off are masked, a response still has a reward to compare others with.
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

    def _offer_rollouts(self, output: dict[str, Any], batch: AdvantageBatch, everywhere: AdvantageBatch) -> None:
        """Hands the main process's rollouts to every callback that samples some at this step."""
        step = self.state.global_step + 1
        takers = [taker for taker in self.callback_handler.callbacks if isinstance(taker, OTBCallback) and taker.wants_rollouts(step)]
        # Asked on the main process alone: only there do callbacks write.
        if not takers or not self.accelerator.is_main_process:
            return
        found = {name: self._own_part(advantages(name, everywhere), batch) for name in estimators}
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


def _in_order(batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same micro-batches with their responses in the order of generation, in which those to one prompt are side by side."""
    order = torch.cat([batch["otb_rows"] for batch in batches]).argsort()
    parts = {
        name: torch.cat([batch[name] for batch in batches])[order].split(len(value))
        for name, value in batches[0].items()
        if isinstance(value, Tensor) and value.dim() > 0
    }
    return [{**batch, **{name: part[at] for name, part in parts.items()}} for at, batch in enumerate(batches)]


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
