"""People's own tables: what is guessed, what is named, what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from torchglass.tables.parsing import CsvError, Limits, parse


def read(text: str, **limits: int):
    return parse([text.encode()], Limits(**limits))


def test_types_names_and_heading() -> None:
    table = read("size,colour,note\n1.5,red,first one\n-2e3,blue,second\n.5,red,third\n7,blue,fourth\n")
    assert (table.rows, table.delimiter, table.heading) == (4, ",", True)
    assert [(column.name, column.kind) for column in table.columns] == [
        ("size", "number"),
        ("colour", "category"),
        ("note", "text"),
    ]
    assert table.column("size").numbers() == [1.5, -2000.0, 0.5, 7.0]
    assert table.column("colour").classes == ("blue", "red")
    with pytest.raises(KeyError, match="weight"):
        table.column("weight")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_quotes(delimiter: str) -> None:
    table = read(f'a{delimiter}b\n1{delimiter}"x{delimiter} ""y"""\n2{delimiter}"two\nlines"\n')
    assert table.delimiter == delimiter
    assert table.column("b").values == (f'x{delimiter} "y"', "two\nlines")


def test_decimal_commas_behind_semicolons() -> None:
    assert read("a;b\n1,5;2\n-0,25;3\n").column("a").numbers() == [1.5, -0.25]


def test_missing_values_are_named_by_row() -> None:
    column = read("a,b\n1,x\n,x\nNA,y\n4,y\n").column("a")
    assert (column.kind, column.missing, column.missing_count) == ("number", (3, 4), 2)
    assert [math.isnan(value) for value in column.numbers()] == [False, True, True, False]
    many = read("a,b\n" + "?,1\n" * 50).column("a")
    assert (len(many.missing), many.missing_count, many.kind) == (20, 50, "text")


def test_no_heading_doubled_and_missing_names() -> None:
    assert [column.name for column in read("1,2\n3,4\n").columns] == ["column 1", "column 2"]
    assert [column.name for column in read("a,a,\n1,2,3\n").columns] == ["a", "a (2)", "column 3"]


def test_one_column_blank_lines_and_other_encodings() -> None:
    table = read("\ufeffvalue\r\n1\r\n\r\n2\r\n")
    assert (table.columns[0].name, table.columns[0].numbers()) == ("value", [1.0, 2.0])
    assert parse(["größe\n1\n".encode("latin-1")]).columns[0].name == "größe"


def test_formulas_and_markup_stay_text() -> None:
    table = read("a,b\n=1+1,<script>alert(1)</script>\n\"=cmd|' /C calc'!A0\",<b>x</b>\n+3,y\n")
    assert table.column("a").values == ("=1+1", "=cmd|' /C calc'!A0", "+3")
    assert table.column("a").kind != "number"
    assert table.column("b").values[0] == "<script>alert(1)</script>"


def test_what_windows_programs_write() -> None:
    table = parse(["sep=;\r\nname;preis €\r\nä;1,5\r\nö;2,5\r\n".encode("cp1252")])
    assert [column.name for column in table.columns] == ["name", "preis €"]
    assert table.column("preis €").numbers() == [1.5, 2.5]


def test_numbers_beyond_single_precision_and_long_classes_are_text() -> None:
    assert read("a,b\n1e40,1\n1e40,2\n").column("a").kind != "number"
    long = "x" * 150
    assert read(f"a,b\n{long},1\n{long},2\n").column("a").kind == "text"


def test_ragged_rows_are_named() -> None:
    with pytest.raises(CsvError, match="Row 3 has 3 cells where the first row has 2") as caught:
        read("a,b\n1,2\n1,2,3\n")
    assert caught.value.row == 3
    with pytest.raises(CsvError, match="Row 4 has 1 cell where"):
        read('a,b\n"1\n2",3\n4\n')


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary file"),
        (b"PK\x03\x04rest", "binary file"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"  \n \n", "empty"),
        (b"", "empty"),
        (b"a,b\n", "no rows"),
        (b'a,b\n1,"never closed\n', "Row 2: the quotation marks do not match"),
        (b"a,b\n1," + b"x" * 20_000 + b"\n", "Row 2 has a cell of more than 10,000 letters"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "far too long"),
        (b"x" * 250 + b",b\n1,2\n", "the name of column 1 has more than 200 letters"),
        (b",".join(b"c%d" % i for i in range(10_000)) + b"\n", "10,000 columns: at most 200"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(CsvError, match=words):
        parse([data])


def test_too_many_rows_or_cells() -> None:
    with pytest.raises(CsvError, match="limit is at row 5"):
        read("a\n1\n2\n3\n4\n", rows=3)
    assert read("a\n1\n2\n3\n", rows=3).rows == 3
    with pytest.raises(CsvError, match="limit is at row 3"):
        read("a,b\n1,2\n3,4\n", cells=4)


def test_a_large_file_is_refused_while_it_arrives() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"1,2\n" * 1000

    with pytest.raises(CsvError, match="larger than 1 MB"):
        parse(endless(), Limits(bytes=1024 * 1024))
    assert taken == 263
