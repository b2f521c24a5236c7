"""A run of the official client of Weights & Biases, for tools/oracles/wandb-protocol.ts, which serves what it talks to.

Needs `pip install wandb` (tried with 0.31.0). Logs two lines, resumes, logs one more, and says whether it heard Stop.
"""

import os
import sys
import time

import wandb

settings = wandb.Settings(console="off", x_disable_stats=True, x_disable_meta=True, disable_git=True, silent=True)
place = dict(project="runs_miners", id="m007_official", name="M007", tags=["5Mine"], resume="allow", settings=settings)

run = wandb.init(config={"profile": "practice"}, **place)
run.define_metric("train/total_step")
run.define_metric("train/loss", step_metric="train/total_step")
run.log({"train/total_step": 1, "train/loss": 8.5})
run.log({"train/total_step": 2, "train/loss": 8.25})
run.finish()

run = wandb.init(**place)
print("resumes at", run.starting_step, flush=True)
run.log({"train/total_step": 3, "train/loss": 8.0})
run.finish()

if len(sys.argv) > 1:
    # Somebody presses Stop meanwhile: the client interrupts the program.
    run = wandb.init(**place)
    print("listens", flush=True)
    try:
        for _ in range(60):
            time.sleep(1)
        print("heard nothing", flush=True)
    except KeyboardInterrupt:
        print("heard stop", flush=True)
    finally:
        os._exit(0)
