"""``make tables``: the lecture's tables trained anew, the published figure beside ours.

    .venv/bin/python tools/run_tables.py dropout|activations [--size full] [--device cuda] [--seed 1] [--only WORD]

``small`` takes minutes on a laptop's processor and shows the order of things; ``full`` has the published sizes and is
meant for a GPU. Writes its section of docs/lecture-tables.md, with the machine named; other sections stay.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from house import ROOT, ToolError, fail, say
from lecture_networks import Row, Size, activation_rows, digits, dropout_rows
from run_results import machine

PAGE = ROOT / "docs" / "lecture-tables.md"
TABLES = {"dropout": dropout_rows, "activations": activation_rows}
TITLES = {
    "dropout": "Dropout on MNIST",
    "activations": "Activation functions in a network in network",
}
SOURCES = {
    "dropout": "Published: Srivastava et al. (2014), *Dropout: a simple way to prevent neural networks from "
    "overfitting*; error on the test digits.",
    "activations": "Published: Xu, Wang, Chen, Li (2015), *Empirical evaluation of rectified activations in "
    "convolutional network*; error on CIFAR-10.",
}
SIZES = {
    (
        "dropout",
        "small",
    ): "Small: an eighth of the units, 5,000 of the 60,000 digits, 60 passes: every error is larger "
    "than the published one, and what dropout and max-norm gain can only be compared line with line. Logistic units "
    "with dropout are the slowest: after so few passes they still fit the training digits worst (their column).",
    ("dropout", "full"): "Full: the published sizes, 60,000 digits, 200 passes.",
    ("activations", "small"): "Small: an eighth of the maps, and emoji (nine categories, 3,064 pictures, 15 passes) in "
    "place of CIFAR-10: the errors are those of another, harder question, and only their order can be compared.",
    ("activations", "full"): "Full: the published network on CIFAR-10, 120 passes.",
}


@dataclass(frozen=True)
class Measured:
    """Errors in per cent, and what it took."""

    row: Row
    test: float
    train: float
    parameters: int
    seconds: float


def trained(row: Row, device: str, seed: int) -> Measured:
    """The row's document, trained by the project's own trainer to the end of its schedule."""
    from torchglass.catalog import parse_experiment, validate
    from torchglass.training.trainer import Trainer

    assert row.document is not None
    experiment = parse_experiment({**row.document, "seed": seed})
    report = validate(experiment)
    if not report.ok:
        raise ToolError(f"{row.name}: {' '.join(problem.message for problem in report.problems)}")
    trainer = Trainer(experiment, device=device, threads=1)  # layers this small gain nothing by more
    steps = int(experiment.training.schedule.config["steps"])
    begin = time.monotonic()
    while trainer.step < steps:
        if not trainer.run(min(100, steps - trainer.step)).finite:
            raise ToolError(f"{row.name} diverged at step {trainer.step}: try another --seed.")
    seconds = time.monotonic() - begin
    errors = [100 * (1 - _accuracy(trainer, split)) for split in ("test", "train")]
    return Measured(row, errors[0], errors[1], report.parameters, seconds)


def _accuracy(trainer: Any, split: str) -> float:
    """On the whole split, in prediction mode."""
    found: dict[str, float] = {}
    for metrics in trainer.evaluate(split):
        found = metrics or found
    return found["accuracy"]


def fitted(row: Row, size: Size) -> Measured:
    """A support vector machine with a Gaussian kernel on the same digits."""
    from sklearn.svm import SVC

    from torchglass.datasets.base import DATASETS

    _, examples, _ = digits(size)
    splits = DATASETS.make("mnist", {}).load(0)
    x_train, x_test = (fields["image"].reshape(-1, 784) / 255 for fields in (splits.train, splits.test))
    y_train, y_test = splits.train["label"][:examples], splits.test["label"]
    begin = time.monotonic()
    kernel = SVC(C=10, kernel="rbf", gamma="scale").fit(x_train[:examples], y_train)
    scores = [kernel.score(x_test, y_test), kernel.score(x_train[:1000], y_train[:1000])]
    errors = [100 * (1 - score) for score in scores]
    return Measured(row, errors[0], errors[1], 0, time.monotonic() - begin)


def section(table: str, size: Size, device: str, seed: int, found: list[Measured]) -> str:
    """The table as Markdown, under its heading."""
    lines = [
        heading(table, size),
        "",
        f"{SOURCES[table]} {SIZES[table, size]}",
        f'Written by `make tables ARGS="{table} --size {size}"` on {time.strftime("%Y-%m-%d")}, seed {seed}, '
        f"on {device}. Machine: {machine()}.",
        "",
        "| network | published test error | ours | published training error | ours | parameters | trained in |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in found:
        before = "" if one.row.published_train is None else f"{one.row.published_train:.3f} %"
        parameters = f"{one.parameters:,}" if one.parameters else ""
        cells = (
            *(one.row.name, f"{one.row.published:.2f} %", f"{one.test:.2f} %", before, f"{one.train:.3f} %"),
            *(parameters, f"{one.seconds:.0f} s"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def heading(table: str, size: Size) -> str:
    return f"## {TITLES[table]}, {size}"


def with_section(page: str, title: str, text: str) -> str:
    """The page with that section in its place, or behind the others."""
    head, *sections = page.split("\n## ")
    others = [f"## {one.rstrip()}\n" for one in sections]
    places = [number for number, one in enumerate(others) if one.startswith(title + "\n")]
    if places:
        others[places[0]] = text
    else:
        others.append(text)
    return "\n".join([head.rstrip() + "\n", *others])


HEAD = """# Tables of the lecture, rerun

Each section is written by one command; `--size small` is for a laptop, `--size full` for a GPU.
"""


def main() -> None:
    """Train the rows, print and write their section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=sorted(TABLES))
    parser.add_argument("--size", choices=("small", "full"), default="small")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="rows whose name has this in it; printed, not written")
    options = parser.parse_args()
    rows = [row for row in TABLES[options.table](options.size) if options.only in row.name]
    found: list[Measured] = []
    try:
        for row in rows:
            network = row.document is not None
            found.append(trained(row, options.device, options.seed) if network else fitted(row, options.size))
            say(f"{row.name}: {found[-1].test:.2f} % (published {row.published:.2f} %), {found[-1].seconds:.0f} s")
    except ToolError as error:
        fail(str(error))
    if not rows:
        fail(f"No row of {options.table} has “{options.only}” in its name.")
    text = section(options.table, options.size, options.device, options.seed, found)
    print(text)
    if not options.only:
        write(PAGE, heading(options.table, options.size), text)


def write(page: Path, title: str, text: str) -> None:
    """Put the section into the page, which begins with what it is."""
    before = page.read_text(encoding="utf-8") if page.exists() else HEAD
    page.write_text(with_section(before, title, text), encoding="utf-8")


if __name__ == "__main__":
    main()
