"""What the real TensorBoard reads in a folder of event files, as JSON: a scalar a line.

Needs `pip install tensorboard` (tried with 2.21.0). Used once for the fixture test/fixtures/run-logs, whose bytes the
tests compare with what Butterfly writes.

    python tools/oracles/tensorboard_reads.py test/fixtures/run-logs
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import SCALARS, TENSORS, EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={SCALARS: 0, TENSORS: 0})
events.Reload()
for tag in sorted(events.Tags()["scalars"]):
    for scalar in events.Scalars(tag):
        print(json.dumps([tag, scalar.step, scalar.wall_time, scalar.value]))
