"""The keys that the editor knows under "trl" are those of the TRL that these tests run with."""

import json
import runpy
from pathlib import Path

root = Path(__file__).parents[2]


def test_the_table_of_grpo_config_is_that_of_the_pinned_trl():
    written = json.loads((root / "media/trl-config.schema.json").read_text(encoding="utf-8"))
    generated = runpy.run_path(str(root / "tools/trlKeys.py"))["schema"]()
    assert written == generated, "Run tools/trlKeys.py as its first lines say."
