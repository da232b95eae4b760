"""The lecture tables: documents that check, published figures beside ours, sections that replace themselves."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from torchglass.catalog import parse_experiment, validate

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
sys.path.insert(0, TOOLS)

import lecture_networks  # noqa: E402
import run_tables  # noqa: E402

sys.path.remove(TOOLS)

SIZES: tuple[lecture_networks.Size, ...] = ("small", "full")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("table", run_tables.TABLES)
def test_every_row_can_be_trained(table: str, size: lecture_networks.Size) -> None:
    for row in run_tables.TABLES[table](size):
        if row.document is None:
            continue
        document: dict[str, Any] = {**row.document}
        if document["data"]["kind"] == "cifar10":  # has to be fetched: digits have as many classes
            document["data"] = {**document["data"], "kind": "mnist"}
        assert validate(parse_experiment(document)).problems == [], row.name


def test_the_published_figures_are_those_of_the_lecture() -> None:
    published = [row.published for row in lecture_networks.dropout_rows("full")]
    assert published == [1.60, 1.40, 1.35, 1.25, 1.06, 1.04, 1.01, 0.95, 0.94]
    rows = lecture_networks.activation_rows("full")
    assert [row.published for row in rows] == [12.45, 12.66, 11.20, 11.79, 11.19]
    assert [row.published_train for row in rows] == [0.318, 0.31, 0.362, 0.178, 0.550]


def test_the_full_networks_have_the_published_sizes() -> None:
    rows = {row.name: row.document for row in lecture_networks.dropout_rows("full")}
    widths = {
        name: [
            node["config"].get("out_features")
            for node in document["network"]["nodes"]
            if "out_features" in node["config"]
        ]
        for name, document in rows.items()
        if document
    }
    assert widths["2×800, logistic"] == [800, 800, 10]
    assert widths["dropout + max-norm, 2×8192, ReLU"] == [8192, 8192, 10]
    assert widths["dropout + max-norm, maxout 2×(5×240)"] == [240, 240, 10]


def test_a_row_is_trained_by_the_real_trainer_and_its_errors_are_percentages() -> None:
    row = lecture_networks.dropout_rows("small")[3]
    assert row.document is not None
    document = {**row.document, "data": {**row.document["data"], "split": {"train": 200, "test": 200}}}
    document["training"] = {**document["training"], "schedule": {"kind": "cosine", "config": {"steps": 40}}}
    found = run_tables.trained(replace(row, document=document), "cpu", 0)
    assert 5 < found.test < 80
    assert 0 <= found.train < found.test + 20
    assert found.parameters == 784 * 128 + 128 + 2 * (128 * 128 + 128) + 128 * 10 + 10
    text = run_tables.section("dropout", "small", "cpu", 0, [found])
    assert f"| dropout, 3×1024, ReLU | 1.25 % | {found.test:.2f} % |" in text


def test_a_section_takes_the_place_of_its_older_self(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for title, text in (("## A", "## A\n\none\n"), ("## B", "## B\n\ntwo\n"), ("## A", "## A\n\nthree\n")):
        run_tables.write(page, title, text)
    assert page.read_text() == f"{run_tables.HEAD}\n## A\n\nthree\n\n## B\n\ntwo\n"
