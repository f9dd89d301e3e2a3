"""A run directory of OTB Run Inspector from any trainer of TRL or Hugging Face."""

from __future__ import annotations

import atexit
import os
import re
import signal
import sys
import threading
import time
from numbers import Real
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .rollouts import Rollouts
from .run_directory import AttachedDirectory, RunDirectory, git_state, now

# verl's names, because the field's dashboards use them. What is not here keeps the name that the trainer gave it.
metric_names = {
    "grad_norm": "actor/grad_norm",
    "loss": "actor/pg_loss",
    "learning_rate": "actor/lr",
    "entropy": "actor/entropy",
    "kl": "actor/kl_loss",
    "clip_ratio/region_mean": "actor/pg_clipfrac",
    "reward": "critic/score/mean",
    "completions/mean_length": "response_length/mean",
    "completions/max_length": "response_length/max",
    "completions/min_length": "response_length/min",
    "completions/clipped_ratio": "response_length/clip_ratio",
    "step_time": "timing_s/step",
}

# Endings of names of settings that hold a secret.
_secret = re.compile(r"(_|^)(token|key|secret|password)$", re.IGNORECASE)

# Within which the same request comes from elsewhere, too.
_echo_seconds = 2.0


class OTBCallback(TrainerCallback):
    """Writes what happens into a run directory, and does what is asked for there.

    run_dir: where; by default `.otb/runs/<date>-<name>-<estimator>-s<seed>` below the current folder, which the inspector watches.
    name, group: what the run is called, and which runs it belongs to.
    every_step: log at each step, whatever `logging_steps` says: a collapse is told from the gradient norm of every step.
    rollouts_every, rollouts_per_step: how often rollouts are kept, and how many at a time, from a trainer that hands them out, which
        OTBTrainer does; 0: never.
    attached: `run_dir` belongs to a supervisor, which has begun the run and will end it. Stopped by SIGINT or SIGTERM, the training saves a
        checkpoint from which it can be resumed.

    `control/stop` and SIGTERM end the training after the current step, `control/checkpoint` saves one. Only the main process writes.
    """

    def __init__(
        self,
        run_dir: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
        group: str | None = None,
        every_step: bool = True,
        rollouts_every: int = 20,
        rollouts_per_step: int = 16,
        attached: bool = False,
    ) -> None:
        self.run_dir = run_dir
        self.attached = attached
        self.name = name
        self.group = group
        self.every_step = every_step
        self.rollouts_every = rollouts_every
        self.rollouts_per_step = rollouts_per_step
        self.estimator: str | None = None
        """Set by a trainer that computes its advantages by an estimator of ours."""
        self.directory: RunDirectory | None = None
        self._last_step = 0
        self._sampled_step: int | None = None
        self._stopped_by: str | None = None
        self._signal: str | None = None
        self._previous_handlers: dict[int, Any] = {}
        self._signalled_at = 0.0
        self._previous_hook: Any = None
        self._failure: BaseException | None = None

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        # Of a training that an exception ended in a notebook, say, where the process goes on.
        self._end("failed", f"The training was given up after step {self._last_step}.", code=None)
        self._last_step, self._sampled_step = state.global_step, None
        self._stopped_by = self._signal = self._failure = None
        self._listen()
        if not state.is_world_process_zero:
            return
        if self.attached:
            self.directory = AttachedDirectory(Path(self.run_dir))
            return
        path, record = self._record(args, state, kwargs.get("model"))
        self.directory = RunDirectory(path, record)
        self.directory.event("started", state.global_step, **{key: record[key] for key in ("engine", "device")})
        atexit.register(self._end_unfinished)
        self._watch_exceptions()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> TrainerControl:
        self._last_step = state.global_step
        if self.every_step:
            control.should_log = True
        directory = self.directory
        by = self._signal or ("control/stop" if directory is not None and directory.is_requested("stop") else None)
        wants_checkpoint = directory is not None and directory.is_requested("checkpoint")
        # All processes have to do the same: one that trains on would wait for the others for ever.
        stop, checkpoint = _agreed(by is not None, wants_checkpoint, args.device)
        if checkpoint:
            control.should_save = True
        if stop:
            control.should_training_stop = True
            control.should_save = control.should_save or self.attached
            if directory is not None and self._stopped_by is None:
                self._stopped_by = by or "another process"
                directory.event("stop-requested", state.global_step, by=self._stopped_by)
        return control

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        # The summary at the end belongs to no step.
        if self.directory is None or not logs or "train_runtime" in logs:
            return
        data = {metric_names.get(name, name): float(value) for name, value in logs.items() if _is_number(value)}
        norm = data.get("actor/grad_norm")
        if norm is not None:
            data["variance_proxy/proxy1_signal_strength"] = norm * norm
        self.directory.metrics(state.global_step, data)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if self.directory is None:
            return
        self.directory.event("checkpoint", state.global_step, path=str(Path(args.output_dir, f"checkpoint-{state.global_step}").resolve()))
        self.directory.clear_request("checkpoint")

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if self.directory is not None:
            if self._stopped_by is not None:
                self._end("stopped", f"Stopped after step {state.global_step}, as asked by {self._stopped_by}.", signal_name=self._signal)
            else:
                self._end("completed", f"Completed after step {state.global_step}.")
        self._unlisten()

    def wants_rollouts(self, step: int) -> bool:
        """Whether rollouts of this step (from 1) are to be kept."""
        if self.directory is None or step == self._sampled_step:
            return False
        return self.rollouts_every > 0 and (step == 1 or step % self.rollouts_every == 0)

    def take_rollouts(self, step: int, rollouts: Rollouts) -> None:
        if self.directory is None:
            return
        # A step can come in several batches, of which one is enough.
        self._sampled_step = step
        self.directory.rollouts(step, rollouts.rows(self.rollouts_per_step))

    def _record(self, args: TrainingArguments, state: TrainerState, model: Any) -> tuple[Path, dict[str, Any]]:
        estimator = self.estimator or _estimator_of(args)
        name = self.name or args.run_name or Path(args.output_dir).name or "run"
        started, seed = now(), args.seed
        identity = re.sub(r"[^\w.-]+", "-", f"{started:%Y%m%d-%H%M%S}-{name}-{estimator}-s{seed}")
        path = Path(self.run_dir).absolute() if self.run_dir is not None else _free(Path.cwd() / ".otb" / "runs" / identity)
        norm = args.max_grad_norm
        return path, {
            "id": path.name,
            "name": name,
            "group": self.group or name,
            "estimator": estimator,
            "seed": seed,
            "config": {
                "name": name,
                "trainer": "command",
                "estimator": estimator,
                "seed": seed,
                "steps": state.max_steps,
                "onCollapse": "warn",
                "command": _command(),
                "metrics": {"from": "stdout", "path": None, "format": "auto", "gradNorm": "actor/grad_norm", "score": _score_of(args)},
                "model": getattr(getattr(model, "config", None), "_name_or_path", None),
                "optimizer": {"learningRate": args.learning_rate, "maxGradNorm": norm if norm and norm > 0 else None},
                "trl": _settings(args),
            },
            "configFile": None,
            "configLines": {},
            "command": _command(),
            "cwd": str(Path.cwd()),
            "engine": f"torch {torch.__version__}",
            "device": _device(args.device),
            "engineReason": f"the device that {type(args).__name__} chose",
            "git": git_state(Path.cwd()),
            "createdAt": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }

    def _end(self, reason: str, message: str, code: int | None = 0, signal_name: str | None = None) -> None:
        directory, self.directory = self.directory, None
        if directory is None:
            return
        atexit.unregister(self._end_unfinished)
        self._unwatch_exceptions()
        directory.event("failed" if reason == "failed" else "finished", self._last_step, reason=reason, message=message)
        directory.end(reason, self._last_step, message, code=None if signal_name else code, signal=signal_name)
        if directory.problem is not None:
            print(f"otb: {directory.problem}", file=sys.stderr)

    def _watch_exceptions(self) -> None:
        if self._previous_hook is None:
            self._previous_hook, sys.excepthook = sys.excepthook, self._note_exception

    def _unwatch_exceptions(self) -> None:
        # Otherwise a hook that somebody set later calls ours, which has to stay where it is.
        if sys.excepthook == self._note_exception:
            sys.excepthook, self._previous_hook = self._previous_hook, None

    def _note_exception(self, kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        self._failure = error
        self._previous_hook(kind, error, traceback)

    def _end_unfinished(self) -> None:
        """The process ends before the training has: by an exception, or because the script left."""
        error = self._failure
        if isinstance(error, KeyboardInterrupt):
            self._end("stopped", f"Interrupted after step {self._last_step}.", signal_name="SIGINT")
        elif error is not None:
            self._end("failed", f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}", code=1)
        else:
            self._end("failed", f"The program ended after step {self._last_step}, before the training did.", code=None)

    def _listen(self) -> None:
        """SIGTERM becomes a request to stop, unless the script has a handler of its own; where a supervisor asks, SIGINT does, too."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT) if self.attached else (signal.SIGTERM,):
            if self.attached or signal.getsignal(number) is signal.SIG_DFL:
                self._previous_handlers[number] = signal.signal(number, self._note_signal)

    def _unlisten(self) -> None:
        for number, handler in self._previous_handlers.items():
            signal.signal(number, handler)
        self._previous_handlers.clear()

    def _note_signal(self, number: int, _frame: Any) -> None:
        # Sent to the group of several processes, a signal comes twice: once by itself, and once more from their launcher.
        if self._signal is not None and time.monotonic() - self._signalled_at < _echo_seconds:
            return
        if self._signal is not None:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self._signal, self._signalled_at = signal.Signals(number).name, time.monotonic()
        if _processes() == 1:
            # A second one ends a step that does not, even one that hangs outside of Python.
            for each in self._previous_handlers:
                signal.signal(each, signal.SIG_DFL)


def _agreed(stop: bool, checkpoint: bool, device: torch.device) -> tuple[bool, bool]:
    """What any of the processes of a distributed training wants."""
    if _processes() == 1:
        return stop, checkpoint
    wanted = torch.tensor([int(stop), int(checkpoint)], device=device)
    torch.distributed.all_reduce(wanted, torch.distributed.ReduceOp.MAX)
    return bool(wanted[0]), bool(wanted[1])


def _processes() -> int:
    """That train together."""
    return torch.distributed.get_world_size() if torch.distributed.is_available() and torch.distributed.is_initialized() else 1


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _free(path: Path) -> Path:
    """The same path, with a number behind it where two runs of one name start in one second."""
    taken, number = path, 1
    while taken.exists():
        number += 1
        taken = path.with_name(f"{path.name}-{number}")
    return taken


def _command() -> list[str]:
    """As it was started, without values of options that hold a secret."""
    words, hide = [sys.executable], False
    for word in sys.argv:
        option, equals, _ = word.partition("=")
        is_secret = option.startswith("-") and _secret.search(option.replace("-", "_")) is not None
        is_value = hide and not word.startswith("-")
        words.append("…" if is_value else f"{option}=…" if is_secret and equals else word)
        hide = is_secret and not equals
    return words


def _settings(args: TrainingArguments) -> dict[str, Any]:
    """All settings that say something, without secrets and without what is left at None."""
    return _without_secrets({key: value for key, value in args.to_dict().items() if value is not None})


def _without_secrets(value: Any) -> Any:
    """The same at every depth: what a model is loaded with may have a token, too."""
    if isinstance(value, dict):
        return {key: _without_secrets(entry) for key, entry in value.items() if not _secret.search(str(key))}
    return [_without_secrets(entry) for entry in value] if isinstance(value, list | tuple) else value


def _estimator_of(args: TrainingArguments) -> str:
    """What a trainer that is not ours does, by the name of ours that does the same; of one that has no advantages its own name."""
    kind = type(args).__name__
    if kind == "GRPOConfig":
        return "dr_grpo" if args.scale_rewards in ("none", False) else "grpo"
    return re.sub("(Config|Arguments)$", "", kind).lower()


def _score_of(args: TrainingArguments) -> str | None:
    """Trainers that sample responses have a reward; that of others is for the inspector to find, or not to have."""
    return "critic/score/mean" if hasattr(args, "num_generations") else None


def _device(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
