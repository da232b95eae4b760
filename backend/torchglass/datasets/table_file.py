"""A person's own table: a CSV file that was added to this computer, its columns chosen by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from torchglass.datasets._tables import TableConfig, held_out, stratified
from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.problems import Problem
from torchglass.spec.shapes import Shape
from torchglass.tables.choice import MOST_FEATURES, Choice, Chosen, choose
from torchglass.tables.errors import TableError
from torchglass.tables.library import LIBRARY
from torchglass.tables.parsing import LONGEST_CLASS, MOST_CLASSES, CsvError, parse

if TYPE_CHECKING:
    import numpy as np

_Class = Annotated[str, StringConstraints(max_length=LONGEST_CLASS)]
_Count = Annotated[int, Field(ge=0, le=10**7)]


class ColumnConfig(Config):
    """One column as it is used."""

    name: str = Field(title="Column", description="Its name in the heading of the table.", max_length=210)
    kind: Literal["number", "category"] = Field(
        "number", title="Used as", description="A number is standardised; a category has one number for each class."
    )
    classes: list[_Class] = Field(
        [], title="Classes", description="The different values of a category, in order.", max_length=MOST_CLASSES
    )


class TableFileConfig(TableConfig):
    """What the experiment knows of the table, so that its shapes are known on a computer without the file."""

    table: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, title="Table", description="SHA-256 of the file: the experiment means exactly this content."
    )
    name: str = Field("", title="File", description="What the file was called, for people.", max_length=200)
    inputs: list[ColumnConfig] = Field(
        [], title="Inputs", description="The columns to learn from, in order.", max_length=200
    )
    target: ColumnConfig | None = Field(None, title="Target", description="The column to predict.")
    missing: Literal["drop", "fill"] = Field(
        "drop",
        title="Missing values",
        description="drop: leave rows with a gap out. fill: put the mean of the training rows there, or of a category "
        "their most frequent class. Rows without a target are always left out.",
    )
    sizes: list[_Count] = Field(
        [], title="Rows", description="Rows with a target, by class (of a number: all).", max_length=MOST_CLASSES
    )
    complete: list[_Count] = Field(
        [], title="Complete rows", description="Those of them without any gap.", max_length=MOST_CLASSES
    )

    @model_validator(mode="after")
    def _fits_together(self) -> TableFileConfig:
        if self.target is None:
            if self.inputs or self.sizes or self.complete:
                raise ValueError("name inputs, but no target to predict")
            return self
        names = [column.name for column in (*self.inputs, self.target)]
        if len(set(names)) < len(names):
            raise ValueError("name a column twice")
        for column in (*self.inputs, self.target):
            if (column.kind == "category") != bool(column.classes):
                raise ValueError(f"must list the classes of “{column.name}” if it is a category, and only then")
        if not 0 < sum(len(column.classes) or 1 for column in self.inputs) <= MOST_FEATURES:
            raise ValueError(f"must choose inputs that become 1 to {MOST_FEATURES} numbers")
        groups = len(self.target.classes) or 1
        if len(self.sizes) != groups or len(self.complete) != groups:
            raise ValueError(f"must say of {groups} group(s) of rows how large they are")
        if any(whole > all_ for whole, all_ in zip(self.complete, self.sizes, strict=True)):
            raise ValueError("say that more rows are complete than there are")
        return self


class TableFile(DataSet):
    kind = "table_file"
    label = "Your own table"
    group = "Tables"
    picture = "table"
    summary = "Rows of a CSV file of your own: choose the columns to learn from and the one to predict."
    docs = (
        "Field `features` (numbers as they are, a category as one number for each of its classes: 1 for the class that "
        "it has, 0 for the others) and `label` (a class) or `value` (a number) to predict. The file stays on the "
        "computer where it was added; the experiment names it by its hash and carries the names of the columns.\n\n"
        "Of every class the same part is for testing, and which rows those are does not depend on the seed. Gaps are "
        "filled from the training rows alone, so that nothing of the test rows leaks into them."
    )
    Config = TableFileConfig
    config: TableFileConfig

    def fields(self) -> dict[str, FieldSpec]:
        target = self.config.target
        if target is None:
            return {}
        columns = tuple(_feature_names(self.config.inputs))
        features = FieldSpec(Shape.vector(len(columns)), "float32", columns=columns)
        if target.classes:
            return {"features": features, "label": FieldSpec(Shape.label(), "int64", "target", tuple(target.classes))}
        return {"features": features, "value": FieldSpec(Shape(()), "float32", "target")}

    def counts(self) -> tuple[int, int]:
        sizes = self.config.complete if self.config.missing == "drop" else self.config.sizes
        test = sum(held_out(size, self.config.test_share) for size in sizes if size)
        return sum(sizes) - test, test

    def problems(self) -> list[Problem]:
        """The file must be on this computer, with those columns."""
        config = self.config
        if config.table is None or config.target is None:
            words = "No table is chosen yet: add a CSV file of your own and choose its columns."
            return [Problem(message=words, field="table")]
        try:
            described = {column["name"]: column for column in LIBRARY.facts(config.table)["columns"]}
        except TableError:
            return [Problem(message=self._absent(), field="table")]
        for place, column in (*(("inputs", column) for column in config.inputs), ("target", config.target)):
            trouble = _trouble(column, described)
            if trouble is not None:
                return [Problem(message=trouble, field=place)]
        if min(self.counts()) < 1:
            return [Problem(message="Too few rows are left to learn from and to test with.", field="missing")]
        return []

    def load(self, seed: int) -> Splits:
        """The split does not depend on ``seed``. Raises ValueError where the table is not here, or not the one that
        the experiment describes."""
        config = self.config
        if problems := self.problems():
            raise ValueError(problems[0].message)
        assert config.table is not None
        assert config.target is not None
        try:
            table = parse([LIBRARY.bytes_of(config.table)])
            inputs = [(column.name, column.kind) for column in config.inputs]
            choice = choose(table, inputs, (config.target.name, config.target.kind))
        except (TableError, CsvError) as error:
            raise ValueError(f"The table “{config.name}” cannot be used: {error}") from None
        if (config.sizes, config.complete) != (choice.sizes("fill"), choice.sizes("drop")):
            raise ValueError(f"The experiment does not fit the table “{config.name}”: choose its columns again.")
        return self._split(choice)

    def _split(self, choice: Choice) -> Splits:
        import numpy as np

        rows = choice.rows(self.config.missing)
        target = np.array([choice.target.values[row] for row in rows], np.float64)
        classes = bool(choice.target.classes)
        groups = target.astype(np.int64) if classes else np.zeros(len(rows), np.int64)
        train, test = stratified(groups, self.config.test_share)
        features = np.concatenate([_numbers(column, rows, train) for column in choice.inputs], axis=1)
        name, storage = ("label", np.int64) if classes else ("value", np.float32)

        def part(chosen: np.ndarray) -> dict[str, np.ndarray]:
            return {"features": features[chosen], name: target[chosen].astype(storage)}

        return Splits(train=part(train), test=part(test))

    def _absent(self) -> str:
        assert self.config.table is not None
        named = f"The table “{self.config.name or 'without a name'}” (SHA-256 {self.config.table[:12]}…)"
        way_out = "add the same file (Your own table in the data pane, or `torchglass tables add FILE`)"
        return f"{named} is not on this computer: {way_out}, or choose another table."


def _feature_names(columns: list[ColumnConfig]) -> list[str]:
    names = []
    for column in columns:
        names += [f"{column.name}: {name}" for name in column.classes] or [column.name]
    return names


def _trouble(column: ColumnConfig, described: dict[str, dict[str, Any]]) -> str | None:
    """Why the table cannot give that column."""
    found = described.get(column.name)
    if found is None:
        return f"The table has no column “{column.name}”."
    if column.kind not in found["possible"]:
        return f"The column “{column.name}” cannot be used as a {column.kind}."
    if column.classes and column.classes != [item["name"] for item in found["classes"]]:
        return f"The classes of “{column.name}” are others than the experiment says: choose the columns again."
    return None


def _numbers(column: Chosen, rows: list[int], train: np.ndarray) -> np.ndarray:
    """(N, width) float32; gaps are filled with the mean, or the most frequent class, of the training rows."""
    import numpy as np

    values = np.array([np.nan if column.values[row] is None else column.values[row] for row in rows], np.float64)
    known = values[train][~np.isnan(values[train])]
    if column.kind == "number":
        values[np.isnan(values)] = known.mean() if len(known) else 0.0
        return values[:, None].astype(np.float32)
    counts = np.bincount(known.astype(np.int64), minlength=column.width)
    values[np.isnan(values)] = counts.argmax()
    return np.eye(column.width, dtype=np.float32)[values.astype(np.int64)]


__all__ = ["ColumnConfig", "TableFile", "TableFileConfig"]
