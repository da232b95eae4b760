"""Trains a preset as a worker does, until it is decided which stepper runs; tells what came of it as one line of JSON.

python stepping_process.py PRESET [--at-once]    (--at-once: do not wait for a compiler)
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from torchglass.presets import load_preset
from torchglass.training.steppers import compiled
from torchglass.training.trainer import Trainer
from torchglass.worker.stepping import Stepping


def main(preset: str, at_once: bool) -> None:
    sent: list[Any] = []
    trainer = Trainer(load_preset(preset), device="cpu", threads=1)
    stepping = Stepping(trainer, sent.append)
    losses: list[float] = []
    while True:
        losses += trainer.run(10).metrics["loss"].tolist()
        stepping.serve()
        if at_once or trainer.choice is None or trainer.choice.refused != compiled.NOT_YET:
            break
        time.sleep(0.05)
    losses += trainer.run(10).metrics["loss"].tolist()
    stepping.close()
    told = [message.model_dump(mode="json") for message in sent]
    resolved = trainer.resolved.model_dump(mode="json")
    print(json.dumps({"resolved": resolved, "losses": losses, "step": trainer.step, "told": told}))


if __name__ == "__main__":
    main(sys.argv[1], "--at-once" in sys.argv)
