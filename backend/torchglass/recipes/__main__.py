"""``python -m torchglass.recipes KIND`` writes the example of a recipe: an experiment to start from."""

from __future__ import annotations

import json
import sys

from torchglass.recipes.base import RECIPES


def main() -> None:
    """To standard output; names the recipes where there is none of that kind."""
    kind = sys.argv[1] if len(sys.argv) == 2 else ""
    if kind not in RECIPES:
        sys.exit(f"Name one recipe: {', '.join(RECIPES)}.")
    print(json.dumps(RECIPES[kind].example, indent=2))


if __name__ == "__main__":
    main()
