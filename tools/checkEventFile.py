"""Reads what `otb export --to tensorboard` wrote with TensorBoard itself, and compares it bit by bit with what `--to csv` wrote.

    node dist/otb.mjs export RUN --to tensorboard --out /tmp/events
    node dist/otb.mjs export RUN --to csv --out /tmp/run.csv
    pip install tensorboard && python tools/checkEventFile.py /tmp/events /tmp/run.csv
"""

import csv
import struct
import sys

from tensorboard import context
from tensorboard.backend.event_processing import data_provider, event_accumulator, plugin_event_multiplexer
from tensorboard.data import provider
from tensorboard.util import tensor_util

folder, table = sys.argv[1:]
bits = lambda value: struct.pack("<d", value) if value == value else b"nan"
with open(table, newline="") as file:
    header, *rows = csv.reader(file)
# A metric may be called "step" as well.
columns = list(enumerate(header))[2:]
expected = {key: [(int(r[0]), bits(float(r[1] or 0)), bits(float(r[i]))) for r in rows if r[i] != ""] for i, key in columns}

accumulator = event_accumulator.EventAccumulator(folder, size_guidance={event_accumulator.TENSORS: 0})
accumulator.Reload()
value_of = lambda event: tensor_util.make_ndarray(event.tensor_proto).item()
read = {tag: [(e.step, bits(e.wall_time), bits(value_of(e))) for e in accumulator.Tensors(tag)] for tag in accumulator.Tags()["tensors"]}
assert read == expected, "EventAccumulator reads something else"

multiplexer = plugin_event_multiplexer.EventMultiplexer(tensor_size_guidance={"scalars": 0})
multiplexer.AddRun(folder, "run")
multiplexer.Reload()
pages = data_provider.MultiplexerDataProvider(multiplexer, folder)
ask = dict(experiment_id="", plugin_name="scalars", run_tag_filter=provider.RunTagFilter())
found = pages.read_scalars(context.RequestContext(), downsample=10**9, **ask)["run"]
shown = {tag: [(d.step, bits(d.wall_time), bits(d.value)) for d in data] for tag, data in found.items()}
assert shown == expected, "TensorBoard shows something else"
print(f"{sum(map(len, expected.values()))} values of {len(columns)} metrics are the same, bit by bit")
