"""One run of `trainer: "trl"`: what its run.json says, trained with OTBTrainer, told to its supervisor."""

from __future__ import annotations

from pathlib import Path
from traceback import walk_tb
from typing import Any

import datasets
from transformers import PrinterCallback, TrainerCallback, set_seed
from trl import GRPOConfig

from .callback import OTBCallback
from .errors import OTBError, said
from .models import checked_model, hub_problem, out_of_memory
from .run_config import RunConfig
from .settings import grpo_config, refused
from .tasks import is_named, make_task
from .trainer import OTBTrainer
from .user_code import is_loaded_from


def train(config: RunConfig, resume: bool) -> None:
    """Trains a run to its end, or until a signal asks it to stop.

    resume: go on from its newest checkpoint. Raises OTBError for all that the user can mend.
    """
    checkpoint = _newest_checkpoint(config.run_dir / "checkpoints") if resume else None
    datasets.disable_progress_bars()
    args = grpo_config(config)
    try:
        trainer = _trainer(config, args)
        trainer.train(resume_from_checkpoint=checkpoint)
        _keep_model(trainer, config)
    except OTBError:
        raise
    except SystemExit as error:
        # Otherwise a run that is not at its end would end as one that is.
        raise OTBError(_left(error)) from error
    except Exception as error:
        problem = out_of_memory(error, args) or _refusal(config, error)
        if problem is None:
            raise
        raise problem from error


def _trainer(config: RunConfig, args: GRPOConfig) -> OTBTrainer:
    is_scratch = isinstance(config.model, dict)
    if is_scratch and not is_named(config):
        raise OTBError(
            f'"model" is {{"kind": "scratch"}}, which goes only with "dataset": "ledger": here it is {config.dataset.path}. '
            "Name a model on the Hub, or a folder."
        )
    model, tokenizer = (None, None) if is_scratch else checked_model(config.model, args)
    task = make_task(config, tokenizer)
    for key, value in task.settings.items():
        if key not in config.trl:
            setattr(args, key, value)
    if task.make_model is not None:
        set_seed(config.seed)
        model, tokenizer = task.make_model()
    trainer = OTBTrainer(
        model,
        task.rewards or None,
        args,
        task.dataset,
        processing_class=tokenizer,
        estimator=config.estimator,
        callbacks=[OTBCallback(config.run_dir, attached=True), StepLines()],
        tools=task.tools or None,
        environment_factory=task.environment_factory,
    )
    # It prints each step's metrics, fifty of them, of which the run directory has all.
    trainer.remove_callback(PrinterCallback)
    return trainer


def _keep_model(trainer: OTBTrainer, config: RunConfig) -> None:
    """The model of a run that came to its end; one that was stopped has a checkpoint. Nothing where the user wants nothing saved."""
    if config.trl.get("save_strategy") == "no" or trainer.state.global_step < trainer.state.max_steps:
        return
    folder = config.run_dir / "model"
    trainer.save_model(str(folder))
    if trainer.is_world_process_zero():
        print(f"The model is in {folder}.", flush=True)


def _left(error: SystemExit) -> str:
    """Of code that ends the process, most often a file of the user's that was written as a script."""
    frame, line = list(walk_tb(error.__traceback__))[-1]
    code = "" if error.code is None else error.code
    return f"{Path(frame.f_code.co_filename).name} ends the training with sys.exit({code}) at line {line}. Let it raise an exception, or go on."


# Functions of transformers that read a part of a checkpoint.
_readers = {"load_from_json", "_load_from_checkpoint", "_load_optimizer_and_scheduler", "_load_scaler", "_load_rng_state"}


def _refusal(config: RunConfig, error: Exception) -> OTBError | None:
    """What TRL, or what it stands on, finds wrong with what it was given; None for all else: the user's own code, and bugs."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    if any(is_loaded_from(frame.f_code.co_filename) for frame in frames):
        return None
    names = {frame.f_code.co_name for frame in frames}
    raised_in = frames[-1].f_globals.get("__name__", "").split(".")[0]
    # While the trainer is made they look at settings; later, an error of another kind is no refusal.
    kinds: tuple[type[Exception], ...] = (ValueError, ImportError, NotImplementedError)
    if "training_step" not in names:
        kinds = (*kinds, TypeError, RuntimeError)
    if "create_model_from_path" in names and (isinstance(error, OSError) or type(error).__name__ == "SafetensorError"):
        return hub_problem("model", str(config.model), error)
    if names & _readers:
        return OTBError(
            f"The checkpoint {_newest_checkpoint(config.run_dir / 'checkpoints')} cannot be read: {said(error)}. Remove that folder, "
            "and resume from one before it; without one, start the run anew."
        )
    if "init_hf_repo" in names:
        return OTBError(f'"push_to_hub" under "trl" needs a repository on the Hub: {said(error)}. Connect, run hf auth login, or leave it out.')
    if raised_in == "transformers" and "probability tensor contains" in str(error):
        return OTBError(
            "The model's probabilities are no numbers any more: its weights have grown beyond all bounds. "
            'Under "trl", lower "learning_rate", or clip the gradient with "max_grad_norm".'
        )
    # PyTorch looks at the optimizer's settings, and at the data loader's.
    if raised_in == "torch" and isinstance(error, ValueError) and names & {"create_optimizer", "get_train_dataloader"}:
        return refused(error)
    if raised_in not in ("trl", "transformers", "accelerate", "deepspeed") or not isinstance(error, kinds):
        return None
    if "tool call" in str(error) and "template" in str(error):
        return OTBError(f'The model cannot call tools: {said(error)}. Take one whose chat template can, or leave "tools" out.')
    return refused(error)


def _newest_checkpoint(folder: Path) -> str:
    """The newest that is whole: its trainer_state.json is written last."""
    found = [(int(state.parent.name.removeprefix("checkpoint-")), state.parent) for state in folder.glob("checkpoint-[0-9]*/trainer_state.json")]
    if not found:
        raise OTBError(f"{folder} has no checkpoint to resume from. Start the run anew.")
    return str(max(found)[1])


class StepLines(TrainerCallback):
    """One line a step for the run's log."""

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if not state.is_world_process_zero or not logs or "train_runtime" in logs:
            return
        shown = {"reward": "reward", "grad_norm": "gradient norm", "completions/mean_length": "tokens", "step_time": "seconds"}
        # A mean of nothing is None: of a step, say, in which no response has a reward.
        values = [f"{name} {logs[key]:.4g}" for key, name in shown.items() if isinstance(logs.get(key), int | float)]
        print(f"step {state.global_step}/{state.max_steps}: {', '.join(values)}", flush=True)
