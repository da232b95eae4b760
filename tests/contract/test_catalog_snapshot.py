"""Nothing appears in the catalogue, vanishes from it or changes its settings unseen.

After a change that is meant: ``python tests/contract/test_catalog_snapshot.py`` writes the snapshot anew; commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torchglass.catalog import describe

SNAPSHOT = Path(__file__).parent / "catalog_snapshot.json"
REFRESH = "If this is meant, run `.venv/bin/python tests/contract/test_catalog_snapshot.py` and commit the snapshot."
#: Words may be improved freely; what documents and exports rely on may not change unseen.
WORDS = {"docs", "summary", "formula", "description", "title"}


def wordless(value: Any, *, names: bool = False) -> Any:
    """The value without its texts for people; keys that are names of settings stay."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if names or key not in WORDS}
        return {key: wordless(item, names=key in ("properties", "fields") and not names) for key, item in kept.items()}
    return [wordless(item) for item in value] if isinstance(value, list) else value


def current() -> dict[str, dict[str, Any]]:
    return {name: {item["kind"]: wordless(item) for item in items} for name, items in describe().items()}


def test_catalogue_is_as_committed() -> None:
    committed, now = json.loads(SNAPSHOT.read_text(encoding="utf-8")), json.loads(json.dumps(current()))
    differences = []
    for registry in sorted(committed.keys() | now.keys()):
        before, after = committed.get(registry, {}), now.get(registry, {})
        differences += [f"{registry}: {kind} vanished" for kind in before.keys() - after.keys()]
        differences += [f"{registry}: {kind} is new" for kind in after.keys() - before.keys()]
        changed = [kind for kind in before.keys() & after.keys() if before[kind] != after[kind]]
        differences += [f"{registry}: {kind} changed" for kind in changed]
    assert not differences, f"{'; '.join(sorted(differences))}. {REFRESH}"


if __name__ == "__main__":
    text = json.dumps(current(), indent=1, sort_keys=True, ensure_ascii=False)
    SNAPSHOT.write_text(text + "\n", encoding="utf-8")
