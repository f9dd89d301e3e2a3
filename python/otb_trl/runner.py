"""One run of `trainer: "trl"`: what its run.json says, trained with OTBTrainer, told to its supervisor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
from transformers import PrinterCallback, TrainerCallback, set_seed
from transformers.trainer_utils import get_last_checkpoint
from trl import GRPOConfig

from .callback import OTBCallback
from .errors import OTBError, said
from .models import checked_model, hub_problem, out_of_memory
from .run_config import RunConfig, read_run
from .settings import grpo_config
from .tasks import Task, is_named, make_task
from .trainer import OTBTrainer


def train(run_dir: Path, resume: bool) -> None:
    """Trains the run in a directory to its end, or until a signal asks it to stop.

    resume: go on from its newest checkpoint. Raises OTBError for all that the user can mend.
    """
    run_dir = run_dir.absolute()
    config = read_run(run_dir)
    checkpoint = _newest_checkpoint(run_dir / "checkpoints") if resume else None
    datasets.disable_progress_bars()
    args = grpo_config(config)
    try:
        trainer = _trainer(config, args)
        trainer.train(resume_from_checkpoint=checkpoint)
    except (RuntimeError, MemoryError) as error:
        problem = out_of_memory(error, args)
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
    if task.make_model is not None:
        set_seed(config.seed)
        model, tokenizer = task.make_model()
    trainer = _made(config, args, task, model, tokenizer)
    # It prints each step's metrics, fifty of them, of which the run directory has all.
    trainer.remove_callback(PrinterCallback)
    return trainer


def _made(config: RunConfig, args: GRPOConfig, task: Task, model: Any, tokenizer: Any) -> OTBTrainer:
    try:
        return OTBTrainer(
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
    except OTBError:
        raise
    except OSError as error:
        raise hub_problem("model", str(config.model), error) from error
    except (ValueError, TypeError, ImportError, NotImplementedError, AttributeError) as error:
        if not _is_refusal(error):
            raise
        if "chat template" in str(error):
            raise OTBError(f'The model cannot call tools: {said(error)}. Take one whose chat template can, or leave "tools" out.') from error
        raise OTBError(f'TRL refuses the settings: {said(error)}. Change "trl" in the config accordingly.') from error


def _is_refusal(error: BaseException) -> bool:
    """Whether TRL or what it stands on raised it by itself: not the user's code, and no mistake of ours."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = "" if trace is None else trace.tb_frame.f_globals.get("__name__", "")
    return module.split(".")[0] in ("trl", "transformers", "accelerate", "peft", "deepspeed")


def _newest_checkpoint(folder: Path) -> str:
    found = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    if found is None:
        raise OTBError(f"{folder} has no checkpoint to resume from. Start the run anew.")
    if not Path(found, "trainer_state.json").is_file():
        raise OTBError(f"{found} is incomplete: it has no trainer_state.json. Delete it, and resume from the one before.")
    return found


class StepLines(TrainerCallback):
    """One line a step for the run's log."""

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if not state.is_world_process_zero or not logs or "train_runtime" in logs:
            return
        shown = {"reward": "reward", "grad_norm": "gradient norm", "completions/mean_length": "tokens", "step_time": "seconds"}
        values = [f"{name} {float(logs[key]):.4g}" for key, name in shown.items() if key in logs]
        print(f"step {state.global_step}/{state.max_steps}: {', '.join(values)}", flush=True)
