"""``torchglass catalog`` and ``torchglass presets``: what there is, as text for people or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TextIO

from torchglass.catalog import describe
from torchglass.presets import presets


def print_catalog(*, as_json: bool = False, out: TextIO | None = None) -> int:
    """Lists every entry of every registry; returns the exit status."""
    out = out or sys.stdout
    described = describe()
    if as_json:
        json.dump(described, out, ensure_ascii=False, indent=1)
        out.write("\n")
        return 0
    for registry, entries in described.items():
        out.write(f"{registry} ({len(entries)})\n")
        width = max((len(entry["kind"]) for entry in entries), default=0)
        for entry in sorted(entries, key=lambda entry: (entry["group"], entry["kind"])):
            group = f"{entry['group']}: " if entry["group"] else ""
            out.write(f"  {entry['kind']:<{width}}  {group}{entry['summary']}\n")
        out.write("\n")
    return 0


def print_presets(*, as_json: bool = False, out: TextIO | None = None) -> int:
    """Lists the ready experiments; returns the exit status."""
    out = out or sys.stdout
    if as_json:
        whole = [
            preset.summary() | {"experiment": preset.experiment.model_dump(mode="json")}
            for preset in presets().values()
        ]
        json.dump(whole, out, ensure_ascii=False, indent=1)
        out.write("\n")
        return 0
    width = max(len(preset_id) for preset_id in presets())
    for preset_id, preset in presets().items():
        out.write(f"{preset_id:<{width}}  {preset.promise}\n")
    return 0
