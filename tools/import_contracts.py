"""A kind of import-linter contract of our own: entries of a registry know its base, never each other."""

from __future__ import annotations

from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class RegistryEntriesContract(Contract):
    """Direct imports between entries of one registry; ``base``, ``__init__`` and ``_helpers`` may be imported.

    ``registries``: the packages, each of whose modules is an entry unless its name says otherwise.
    """

    registries = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare every pair of importing and imported module."""
        found: list[str] = []
        for registry in cast("list[str]", self.registries):
            for importer in graph.find_descendants(registry):
                own = entry_of(importer, registry)
                targets = {
                    entry_of(imported, registry) for imported in graph.find_modules_directly_imported_by(importer)
                }
                found += [f"{importer} imports {registry}.{target}" for target in sorted(targets - {own, ""})]
        return ContractCheck(kept=not found, metadata={"found": sorted(found)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """List what imports what."""
        for line in check.metadata["found"]:
            output.print_error(line)
        output.new_line()


def entry_of(module: str, registry: str) -> str:
    """Name of the entry that ``module`` belongs to, or "" when it is outside, the base, or a private helper."""
    if not module.startswith(f"{registry}."):
        return ""
    name = module.removeprefix(f"{registry}.").split(".")[0]
    return "" if name in {"base", "bundled"} or name.startswith("_") else name
