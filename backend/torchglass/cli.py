"""The ``torchglass`` command. Only what a subcommand needs is imported, so that ``--help`` is quick."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from torchglass import __version__

DEFAULT_PORT = 8000
_FOLDER = "folder in which your own tables are kept (default: ~/.torchglass)"


class Failure(SystemExit):
    """Ends the program with one line on standard error and exit code 1."""

    def __init__(self, message: str) -> None:
        print(f"torchglass: {message}", file=sys.stderr)
        super().__init__(1)


def tables_folder(options: argparse.Namespace) -> Path:
    """Where people's own tables lie."""
    folder: Path = options.data_dir or Path.home() / ".torchglass"
    return folder.expanduser().resolve() / "tables"


def parser() -> argparse.ArgumentParser:
    """Every subcommand with its options."""
    top = argparse.ArgumentParser(prog="torchglass", description="Watch neural networks learn.")
    top.add_argument("--version", action="version", version=f"torchglass {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _serve(commands.add_parser("serve", help="start the server and open the page"))
    _train(commands.add_parser("train", help="train without a browser"))
    _export(commands.add_parser("export", help="take an experiment or a run away: script, ONNX, weights"))
    _tables(commands.add_parser("tables", help="your own tables: add, list, remove, draft an experiment"))
    for name, words in (("catalog", "list everything one can build with"), ("presets", "list the ready experiments")):
        commands.add_parser(name, help=words).add_argument("--json", action="store_true", help="as JSON")
    return top


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument("--port", type=_port, help=f"port (default: {DEFAULT_PORT}, or the next free one)")
    command.add_argument("--no-browser", action="store_true", help="do not open the page")
    command.add_argument("--data-dir", type=Path, help="folder for runs and checkpoints (default: ~/.torchglass)")
    command.add_argument("--device", help="device for every run: auto, cpu, cuda, cuda:0, mps")
    command.add_argument("--published-on", metavar="HOST:PORT", help="inside a container: the address seen outside")
    command.add_argument("--dev-assets", metavar="URL", help="take the page's scripts from a Vite server")


def _train(command: argparse.ArgumentParser) -> None:
    command.add_argument("experiment", metavar="EXPERIMENT", help="a file, or the id of a preset")
    length = command.add_mutually_exclusive_group()
    length.add_argument("--steps", type=_count, help="how many steps to train")
    length.add_argument("--epochs", type=_count, help="how many epochs to train (default: 1)")
    command.add_argument("--device", help="auto, cpu, cuda, cuda:0, mps")
    command.add_argument("--seed", type=_seed, help="seed, instead of the experiment's own")
    command.add_argument("--json", action="store_true", help="one JSON object a line")
    command.add_argument("--data-dir", type=Path, help=_FOLDER)


def _tables(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="keep a CSV file, print its id")
    add.add_argument("file", type=Path, metavar="FILE")
    listing = actions.add_parser("list", help="every table that is kept")
    remove = actions.add_parser("remove", help="forget a table")
    experiment = actions.add_parser("experiment", help="write an experiment that learns from a table")
    experiment.add_argument("--target", metavar="COLUMN", help="what to predict (default: the last column)")
    experiment.add_argument("--input", metavar="COLUMN", action="append", help="what to learn from (default: the rest)")
    experiment.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: standard output")
    for action in (remove, experiment):
        action.add_argument("table", metavar="ID", help="id of the table, or its beginning")
    for action in (add, listing, remove, experiment):
        action.add_argument("--data-dir", type=Path, help=_FOLDER)
    for action in (add, listing):
        action.add_argument("--json", action="store_true", help="as JSON")


def _export(command: argparse.ArgumentParser) -> None:
    command.add_argument("experiment", metavar="EXPERIMENT|RUN", help="a file, the id of a preset, or the id of a run")
    formats = ("python", "onnx", "safetensors", "json", "html")
    command.add_argument("--format", choices=formats, default="python", help="what to write (default: %(default)s)")
    words = "where to: for python a folder or a .zip, else a file"
    command.add_argument("-o", "--output", metavar="PATH", type=Path, required=True, help=words)
    command.add_argument("--data-dir", type=Path, help="folder with the runs (default: ~/.torchglass)")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 10**9:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, not {text!r}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdigit() or int(text) >= 2**53:
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 on, not {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one subcommand; the process exits with 1 and one line on standard error where it fails."""
    options = parser().parse_args(arguments)
    if options.command == "serve":
        from torchglass.cli_serve import serve

        serve(options)
    elif options.command == "train":
        from torchglass.cli_train import train

        train(options)
    elif options.command == "export":
        from torchglass.cli_export import export_command

        export_command(options)
    elif options.command == "tables":
        from torchglass.cli_tables import tables

        tables(options)
    else:
        from torchglass import cli_catalog

        show = cli_catalog.print_catalog if options.command == "catalog" else cli_catalog.print_presets
        try:
            status = show(as_json=options.json)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader, `head` say, has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = 0
        raise SystemExit(status)
