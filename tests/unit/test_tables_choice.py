"""What is guessed of a table's columns, and what follows from a choice of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from torchglass.catalog import parse_experiment, validate
from torchglass.tables.choice import choose, enough, settings
from torchglass.tables.describing import describe
from torchglass.tables.drafting import draft
from torchglass.tables.errors import TableError
from torchglass.tables.library import LIBRARY, Library
from torchglass.tables.parsing import parse

EXAMPLE = Path(__file__).parents[1] / "contract" / "own_table.csv"


def table(text: str):
    return parse([text.encode()])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """An empty library that the data sets of this process look into."""
    monkeypatch.setattr(LIBRARY, "folder", tmp_path / "tables")
    return LIBRARY


def added(library: Library) -> str:
    return str(library.add([EXAMPLE.read_bytes()], "flats.csv")["id"])


def test_columns_are_described() -> None:
    facts = describe(parse([EXAMPLE.read_bytes()]))
    columns = {column["name"]: column for column in facts["columns"]}
    assert {name: column["kind"] for name, column in columns.items()} == {
        "id": "number",
        "size": "number",
        "rooms": "number",
        "heating": "category",
        "note": "text",
        "price": "number",
        "class": "category",
    }
    assert [name for name, column in columns.items() if column["counter"]] == ["id"]
    assert (columns["size"]["missing"], columns["size"]["missing_rows"]) == (1, [4])
    assert (columns["size"]["lowest"], columns["size"]["highest"]) == (45.0, 134.0)
    assert columns["heating"]["classes"] == [
        {"name": "gas", "rows": 5},
        {"name": "heat pump", "rows": 3},
        {"name": "oil", "rows": 3},
    ]
    assert columns["note"]["possible"] == ["category"]
    assert facts["sample"][1] == ["2", "71.0", "3", "oil", "=1+1", "150", "small"]
    assert facts["sample"][2][1] is None


def test_constant_empty_and_few() -> None:
    rows = "".join(f"1,,{i % 3},{i % 2}.0,{'x' * 90}\n" for i in range(30))
    columns = describe(table("same,nothing,level,flag,long\n" + rows))["columns"]
    assert [column["kind"] for column in columns] == ["constant", "empty", "number", "number", "constant"]
    assert [column["few"] for column in columns] == [False, False, True, True, False]
    assert [item["name"] for item in columns[3]["classes"]] == ["0", "1"]
    assert columns[1]["possible"] == []


def test_numbers_as_classes_are_in_their_order() -> None:
    choice = choose(table("a,b\n10,1\n9,2\n10.0,3\n,4\n"), [("b", "number")], ("a", "category"))
    assert choice.target.classes == ("9", "10")
    assert choice.target.values == (1.0, 0.0, 1.0, None)
    assert settings(choice)["sizes"] == [1, 2]


def test_rows_with_gaps() -> None:
    choice = choose(
        table("a,b,y\n1,x,0\n,y,1\n3,,1\n4,y,\n5,x,0\n"), [("a", "number"), ("b", "category")], ("y", "number")
    )
    assert (choice.rows("drop"), choice.rows("fill")) == ([0, 4], [0, 1, 2, 4])
    assert (choice.sizes("drop"), choice.sizes("fill")) == ([2], [4])


@pytest.mark.parametrize(
    ("inputs", "target", "words", "column"),
    [
        ([], ("y", "number"), "at least one column", None),
        ([("a", "number")], ("a", "number"), "cannot be an input as well", "a"),
        ([("a", "number"), ("a", "number")], ("y", "number"), "chosen twice", "a"),
        ([("c", "number")], ("y", "number"), "no column “c”; it has “a”, “t”, “y”, “e”, “k”", "c"),
        ([("t", "number")], ("y", "number"), "holds “<b>r0</b>”", "t"),
        ([("t", "category")], ("y", "number"), "200 different values", "t"),
        ([("e", "number")], ("y", "number"), "is empty", "e"),
        ([("a", "number")], ("k", "category"), "same value in every row", "k"),
    ],
)
def test_a_wrong_choice_names_its_column(inputs, target, words: str, column: str | None) -> None:
    text = "a,t,y,e,k\n" + "".join(f"{i},<b>r{i}</b>,{i % 7},,5\n" for i in range(200))
    with pytest.raises(TableError, match=words) as caught:
        choose(table(text), inputs, target)
    assert caught.value.column == column


def test_too_few_rows_and_too_many_numbers() -> None:
    gaps = table("a,b,y\n" + "1,,1\n" * 20 + "1,2,3\n2,3,4\n")
    choice = choose(gaps, [("a", "number"), ("b", "number")], ("y", "number"))
    with pytest.raises(TableError, match=r"Only 2 of 22 rows .* “b” has the most gaps") as caught:
        enough(choice, "drop")
    assert caught.value.column == "b"
    enough(choice, "fill")
    alone = choose(table("a,y\n1,p\n2,q\n3,r\n4,s\n"), [("a", "number")], ("y", "category"))
    with pytest.raises(TableError, match="its own value"):
        enough(alone, "drop")
    head = ",".join(f"c{i}" for i in range(12)) + ",y\n"
    wide = table(head + "".join(",".join([f"v{r % 90}"] * 12) + f",{r}\n" for r in range(400)))
    with pytest.raises(TableError, match="become 1,080 numbers"):
        choose(wide, [(f"c{i}", "category") for i in range(12)], ("y", "number"))


def test_a_drafted_experiment_checks(library: Library) -> None:
    known = added(library)
    guessed = draft(library, known)
    config = guessed["data"]["config"]
    assert config["target"] == {"name": "class", "kind": "category", "classes": ["large", "small"]}
    assert [column["name"] for column in config["inputs"]] == ["size", "rooms", "heating", "price"]
    assert (config["missing"], config["sizes"], config["complete"]) == ("fill", [6, 6], [5, 4])
    price = draft(library, known, target="price", inputs=["size"], missing="drop")
    assert price["recipe"]["config"]["loss"]["kind"] == "mse"
    as_classes = draft(library, known, target="rooms", types={"rooms": "category"}, inputs=["size"])
    assert as_classes["network"]["nodes"][-1]["config"]["out_features"] == 6
    for document in (guessed, price, as_classes):
        report = validate(parse_experiment(document))
        assert report.ok, report.problems
    with pytest.raises(TableError, match="has no column “x”"):
        draft(library, known, target="x")


def test_an_experiment_without_its_table_says_which(library: Library, tmp_path: Path) -> None:
    known = added(library)
    document = draft(library, known)
    library.remove(known)
    report = validate(parse_experiment(document))
    (problem,) = report.problems
    assert (problem.field, report.ok) == ("data.config.table", False)
    assert f"“flats.csv” (SHA-256 {known[:12]}…) is not on this computer" in problem.message
    assert "torchglass tables add" in problem.message
    assert report.fields["features"].shape.text == "6"  # shapes are known all the same
    document["data"]["config"] = {}
    assert "No table is chosen" in validate(parse_experiment(document)).problems[0].message


def test_an_experiment_that_describes_another_table_is_refused(library: Library) -> None:
    document = draft(library, added(library))
    config = document["data"]["config"]
    for change, words in (
        ({"inputs": [{"name": "ghost", "kind": "number"}]}, "no column “ghost”"),
        ({"inputs": [{"name": "note", "kind": "number"}]}, "cannot be used as a number"),
        ({"inputs": [{"name": "heating", "kind": "category", "classes": ["a", "b"]}]}, "choose the columns again"),
        ({"sizes": [6]}, "how large they are"),
        ({"table": "../../etc/passwd"}, "Table"),
    ):
        wrong = {**document, "data": {**document["data"], "config": {**config, **change}}}
        assert any(words in problem.message for problem in validate(parse_experiment(wrong)).problems), words
