"""Build hook: a wheel carries the built front end and the bundled data, whoever builds it and without node.

Editable installs skip both; ``make setup`` prepares them with the same tools.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Makes what is git-ignored but belongs into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page and assemble the data unless they are current; raises when a part cannot be made."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, str(Path(self.root, "tools")))
        try:
            import build_frontend
            import bundle_data

            if not build_frontend.is_current():
                build_frontend.build()
            if not bundle_data.is_current():
                bundle_data.bundle()
        finally:
            sys.path.pop(0)
