"""`python -m otb_trl RUN_DIR [--resume]`, which `otb run` calls for a config with "trainer": "trl"."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .run_config import read_run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m otb_trl", description="Trains a run that `otb run` has made.")
    parser.add_argument("run_dir", type=Path, help="the run's directory, with its run.json")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
    given = parser.parse_args()
    try:
        config = read_run(given.run_dir)
        # Imports TRL, which takes seconds.
        from .runner import train

        train(config, given.resume)
    except KeyboardInterrupt:
        # During a step it is a request to stop: this is before the first, or after the last.
        sys.exit("Interrupted before the training began.")


if __name__ == "__main__":
    main()
