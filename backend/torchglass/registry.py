"""Finds the entries of a registry by scanning its folder: adding one thing is adding one file.

Importing an entry must stay cheap: torch is imported inside methods, never at the top of a file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """Base of every entry's settings: keyword-only, closed, immutable, finite.

    Give each field a ``title``, a ``description`` and its range: the inspector, the checks and the
    documentation are generated from them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Entry:
    """What every registry entry says about itself."""

    kind: ClassVar[str]
    label: ClassVar[str]
    group: ClassVar[str] = ""
    summary: ClassVar[str]
    #: Markdown: what it computes, shapes, when to use it, the source of the formula.
    docs: ClassVar[str] = ""
    #: LaTeX, without delimiters.
    formula: ClassVar[str] = ""
    Config: ClassVar[type[Config]] = Config

    def __init__(self, config: Any) -> None:
        self.config = config


E = TypeVar("E", bound=Entry)


class Registry(Mapping[str, type[E]], Generic[E]):
    """The entries of one package, by kind, in the order of their kinds."""

    def __init__(self, package: str, base: type[E]) -> None:
        self.package = package
        self.base = base
        self._entries: dict[str, type[E]] | None = None

    def _scan(self) -> dict[str, type[E]]:
        found: dict[str, type[E]] = {}
        package = importlib.import_module(self.package)
        for module_info in pkgutil.iter_modules(package.__path__):
            if module_info.name in {"base", "bundled"} or module_info.name.startswith("_"):
                continue
            module = importlib.import_module(f"{self.package}.{module_info.name}")
            for value in vars(module).values():
                own = isinstance(value, type) and issubclass(value, self.base) and value.__module__ == module.__name__
                if own and "kind" in vars(value):
                    assert value.kind not in found, f"two entries of kind {value.kind!r} in {self.package}"
                    found[value.kind] = value
        return dict(sorted(found.items()))

    @property
    def entries(self) -> dict[str, type[E]]:
        if self._entries is None:
            self._entries = self._scan()
        return self._entries

    def make(self, kind: str, config: Mapping[str, Any]) -> E:
        """The entry of that kind with validated settings. Raises KeyError and pydantic's ValidationError."""
        entry = self.entries[kind]
        return entry(entry.Config.model_validate(dict(config)))

    def __getitem__(self, kind: str) -> type[E]:
        return self.entries[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)
