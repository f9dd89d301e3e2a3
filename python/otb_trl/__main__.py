"""`python -m otb_trl RUN_DIR [--resume]`, which `otb start` calls for a config with "trainer": "trl"."""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m otb_trl", description="Trains a run that `otb start` has made.")
    parser.add_argument("run_dir", type=Path, help="the run's directory, with its run.json")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
    given = parser.parse_args()
    # Seconds, which nobody should wait for who mistyped an option.
    from .runner import train

    train(given.run_dir, given.resume)


if __name__ == "__main__":
    main()
