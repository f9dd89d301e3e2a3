"""What the sampled rollouts cost a run of OTBTrainer, of all its time, as OTBCallback keeps them by default: part of `npm run bench:rollouts`.

As in cost.py the responses are given, so that a step is all but generation, which would only make the share smaller. Rollouts are kept at
every step here, to measure well what the default does once in twenty. CPU seconds of one thread.
"""

import inspect
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from cost import trainer_of
from transformers import TrainerCallback

from otb_trl import OTBCallback, OTBTrainer

steps, warm_up = 10, 2
defaults = {name: parameter.default for name, parameter in inspect.signature(OTBCallback).parameters.items()}


class TimedTrainer(OTBTrainer):
    """Keeps the seconds that each sampling of rollouts takes."""

    writing: list[float]

    def _offer_rollouts(self, *arguments):
        began = time.process_time()
        super()._offer_rollouts(*arguments)
        self.writing.append(time.process_time() - began)


class Steps(TrainerCallback):
    """Keeps the seconds of each step."""

    def __init__(self):
        self.seconds = []

    def on_step_begin(self, *_, **__):
        self.began = time.process_time()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.process_time() - self.began)


def main():
    torch.set_num_threads(1)
    stepping = Steps()
    with tempfile.TemporaryDirectory() as folder:
        given = {"max_steps": steps, "per_device_train_batch_size": defaults["rollouts_per_step"]}
        trainer = trainer_of(TimedTrainer, {}, given, folder, stepping)
        trainer.writing = []
        trainer.add_callback(OTBCallback(Path(folder) / "run", rollouts_every=1))
        trainer.train()
    assert len(trainer.writing) == len(stepping.seconds) == steps
    writing = median(trainer.writing[warm_up:])
    step = median(whole - part for whole, part in zip(stepping.seconds[warm_up:], trainer.writing[warm_up:], strict=True))
    every = defaults["rollouts_every"]
    print(
        f"otb_trl: {defaults['rollouts_per_step']} rollouts take {writing * 1e3:.1f} ms; once in {every} steps of {step * 1e3:,.0f} ms "
        f"(without generation) this is {writing / (every * step):.3%} of the run's time"
    )


main()
