"""The built front end: which scripts and styles a page needs, and the folder they lie in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
ENTRY = "src/main.ts"


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses for the page; ``built`` is false where there is no front end."""

    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()
    built: bool = True


def find(static: Path = STATIC, dev_assets: str | None = None) -> Assets:
    """From Vite's manifest, or from its development server."""
    if dev_assets:
        base = dev_assets.rstrip("/") + "/static"
        return Assets(scripts=(f"{base}/@vite/client", f"{base}/{ENTRY}"))
    try:
        manifest = json.loads((static / ".vite" / "manifest.json").read_text(encoding="utf-8"))
        entry = manifest[ENTRY]
    except (OSError, ValueError, KeyError):
        return Assets(built=False)
    styles = list(entry.get("css", []))
    preloads = []
    for name in entry.get("imports", []):
        preloads.append(manifest[name]["file"])
        styles += manifest[name].get("css", [])
    return Assets(
        scripts=(f"/static/{entry['file']}",),
        styles=tuple(f"/static/{file}" for file in dict.fromkeys(styles)),
        preloads=tuple(f"/static/{file}" for file in preloads),
    )
