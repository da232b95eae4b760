"""``train.py``: one experiment as a script that reads from top to bottom and reproduces its losses."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from torchglass import __version__
from torchglass.catalog import Analysis, require
from torchglass.checking.pins import examples, memory_format, threads_by_rule
from torchglass.datasets.base import DATASETS
from torchglass.export import pruning
from torchglass.export.data import Fields
from torchglass.export.initial import initialise
from torchglass.export.layout import indented, plain
from torchglass.export.learning import Learning
from torchglass.export.snippets import LOAD, NO_BATCHES, STREAM, imports
from torchglass.export.stopping import Stopping, stopping
from torchglass.source import RecipeSource, SourceError
from torchglass.spec.experiment import Experiment
from torchglass.spec.stages import next_stage, stage_name

DATA = "data.npz"
WEIGHTS = "weights.npz"


@dataclass(frozen=True, slots=True)
class Origin:
    """The run that a script comes from. ``edits`` says in words what was changed along the way, with the step;
    ``weights``: those of that step lie beside the script."""

    run: str
    step: int
    threads: int | None = None
    edits: tuple[str, ...] = ()
    weights: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """The text, and the arrays of ``data.npz`` that it reads: fields, and whether they were prepared."""

    text: str
    fields: tuple[str, ...]


def write_script(experiment: Experiment, origin: Origin | None = None) -> Script:
    """The script of an experiment. Raises ExperimentError for one that cannot run, SourceError for one that cannot
    be written."""
    return _Writer(require(experiment), origin).write()


class _Writer:
    def __init__(self, analysis: Analysis, origin: Origin | None) -> None:
        self.analysis = analysis
        self.experiment = analysis.experiment
        self.origin = origin
        self.weights = origin is not None and origin.weights
        self.learning = Learning(analysis)
        assert analysis.recipe is not None
        try:
            self.recipe: RecipeSource = analysis.recipe.to_source(self.learning)
        except NotImplementedError:
            raise SourceError(f"The recipe “{analysis.recipe.label}” can not be written as a script yet.") from None
        self.written = [model.written for model in self.learning.models.values()]
        self.last = memory_format(analysis) == "channels_last"
        self.data = Fields(analysis, [name for name in analysis.fields if name in self.learning.fields], self.last)
        self.pruning = self.experiment.training.pruning
        self.initial = initialise(analysis, self.written)
        self.random = any(written.random for written in self.written)

    def write(self) -> Script:
        blocks = [
            self._constants(),
            STREAM,
            *_once(self.data.definitions()),
            *([self.data.text()] if self.data.count else []),
            self._batches(),
            *_once(text for written in self.written for text in written.definitions),
            *(written.text for written in self.written),
            *self.initial,
            *([pruning.function(self.pruning)] if self.pruning else []),
            *_once(self.recipe.functions),
            *self._evaluate(),
            *([LOAD] if self.weights else []),
            self._main(),
            'if __name__ == "__main__":\n    main()',
        ]
        body = "\n\n\n".join(blocks)
        text = f"{self._docstring()}\n\n{imports(body)}\n\n{body}\n"
        return Script(text, tuple(self.data.names))

    # -- top ---------------------------------------------------------------------------------------------------

    def _docstring(self) -> str:
        name, description = plain(self.experiment.name), plain(self.experiment.description)
        same = "the same first weights, order of examples and losses as an unedited run on the processor"
        words = [f"Exported from Torchglass {__version__}; reproduces {same}.", "Needs torch and numpy:"]
        lines = [f'"""{name}.' if not name.endswith((".", "?", "!")) else f'"""{name}']
        if description:
            lines += ["", *_wrapped(description)]
        data = DATASETS.make(self.experiment.data.kind, self.experiment.data.config)
        if data.label and self.data.count:
            lines += ["", *_wrapped(f"Data: {plain(data.label)}. {plain(data.source)} ({plain(data.licence)}).")]
        lines += ["", *_wrapped(" ".join(words)), "", "    python train.py --steps 50 --json"]
        if (number := next_stage(self.experiment)) is not None or self.experiment.stage:
            lines += ["", *_wrapped(self._of_stages(number))]
        if self.origin:
            lines += ["", *self._of_run(self.origin)]
        return "\n".join([*lines, '"""'])

    def _of_stages(self, following: int | None) -> str:
        """A script trains one stage, the one of now; what it leaves to others, in words."""
        now = plain(stage_name(self.experiment, self.experiment.stage))
        said = f"The run has several stages; this script trains {now}"
        if self.experiment.stage:
            said += ", from fresh weights unless it is given those of the stage before"
        return f"{said}. {'Those that follow are not part of it.' if following is not None else 'It is the last.'}"

    @staticmethod
    def _of_run(origin: Origin) -> list[str]:
        at = f"This is the experiment of the run {plain(origin.run)} as it stood at step {origin.step:,}"
        kept = f" The weights of that step: python train.py --weights {WEIGHTS}" if origin.weights else ""
        if not origin.edits:
            return _wrapped(f"{at}; it was not changed while it trained.{kept}")
        changed = "; ".join(plain(edit) for edit in origin.edits[:12])
        more = f"; and {len(origin.edits) - 12} more" if len(origin.edits) > 12 else ""
        words = "It was changed while it trained, so from step 0 on its losses differ from those of the run"
        return _wrapped(f"{at}. {words}: {changed}{more}.{kept}")

    def _constants(self) -> str:
        experiment, training = self.experiment, self.experiment.training
        threads = self.origin.threads if self.origin else None
        threads = threads or threads_by_rule(self.analysis)
        device = "cpu" if training.device == "auto" else training.device
        lines = [
            f"SEED = {experiment.seed}",
            f"BATCH_SIZE = {experiment.data.batch_size}",
            f"STEPS = {self._steps()}",
            f'DEVICE = "{device}"',
            "",
            f"torch.set_num_threads({threads})  # sums in another order round differently",
        ]
        if training.precision == "float64":
            lines.append("torch.set_default_dtype(torch.float64)")
        return "\n".join(lines)

    def _steps(self) -> str:
        """What is trained by default: as long as the experiment says, or one epoch."""
        stop = self.experiment.training.stop
        size, count = self.experiment.data.batch_size, examples(self.analysis, "train")
        epoch = -(-count // size) - (1 if size > 1 and count > 1 and count % size == 1 else 0)
        if stop.steps is not None and (stop.epochs is None or stop.steps <= stop.epochs * epoch):
            return str(stop.steps)
        if stop.judges and stop.epochs is None:
            return "1_000_000  # at most: it stops by itself before"
        epochs = stop.epochs or 1
        return f"{epochs * epoch or 1000}  # {epochs} epoch{'s' if epochs > 1 else ''}" if epoch else "1000"

    def _batches(self) -> str:
        if not self.data.count:
            return NO_BATCHES
        leftover = self.experiment.data.batch_size > 1 and self.data.count % self.experiment.data.batch_size == 1
        lines = [
            "def batches() -> Iterator[dict[str, Tensor]]:",
            '    """Batches of the training examples without end; every epoch has an order of its own."""',
            *(["    steps = itertools.count(1)"] if self.data.augmented else []),
            "    for epoch in itertools.count():",
            f'        order = torch.randperm({self.data.count}, generator=stream("order", epoch))',
        ]
        if leftover and self.data.count > 1:
            lines += [
                "        *whole, last, single = order.split(BATCH_SIZE)",
                "        for index in (*whole, torch.cat([last, single])):  # no batch of a single example",
            ]
        else:
            lines.append("        for index in order.split(BATCH_SIZE):")
        step = ", next(steps)" if self.data.augmented else ""
        return "\n".join([*lines, f'            yield examples("train", index{step})'])

    # -- bottom ------------------------------------------------------------------------------------------------

    def _evaluate(self) -> list[str]:
        if not self.recipe.evaluate or not examples(self.analysis, "test"):
            return []
        arguments = ", ".join(f"{model.variable}: nn.Module" for model in self.learning.models.values())
        lines = [
            "@torch.no_grad()",
            *_signature("evaluate", arguments, "dict[str, float]"),
            '    """Means over the test examples."""',
            *(f"    {variable}.eval()" for variable in self.learning.models),
            "    totals: dict[str, float] = {}",
            f"    for index in torch.arange({examples(self.analysis, 'test')}).split(250):",
            '        batch = examples("test", index)',
            *indented(self.recipe.evaluate, 8),
            "        for name, value in metrics.items():",
            "            totals[name] = totals.get(name, 0.0) + value.item() * len(index)",
            *(f"    {variable}.train()" for variable in self.learning.models),
            f"    return {{name: total / {examples(self.analysis, 'test')} for name, total in totals.items()}}",
        ]
        return ["\n".join(lines)]

    def _main(self) -> str:
        lines = [
            "def main() -> None:",
            "    parser = argparse.ArgumentParser()",
            '    parser.add_argument("--steps", type=int, default=STEPS, help="how many steps to train")',
            '    parser.add_argument("--json", action="store_true", help="one JSON object a line")',
        ]
        if self.origin and self.weights:
            words = f"start from the weights of step {self.origin.step} instead of fresh ones"
            lines += indented([f'parser.add_argument("--weights", metavar="FILE", help="{words}")'])
        lines += ["    options = parser.parse_args()", "", *indented([*self._build(), *self._stopping().before]), ""]
        lines += [
            "    readings: dict[str, float] = {}",
            "    for step, batch in enumerate(itertools.islice(batches(), options.steps), start=1):",
        ]
        if self.pruning:
            each = self.learning.models.values()
            models = {one.variable: (one.written.name, self.learning.optimizer(one.role)) for one in each}
            lines += indented(pruning.step(self.pruning, models, bool(self.initial)), 8)
        if self.random:
            lines.append('        torch.manual_seed(stream("dropout", step).initial_seed())')
        lines += indented(self.recipe.step, 8)
        lines += [
            "        readings = {name: value.item() for name, value in metrics.items()}",
            "        if options.json:",
            '            print(json.dumps({"event": "metrics", "step": step, "metrics": readings}), flush=True)',
            "        elif step % 100 == 0 or step == options.steps:",
            '            print(f"step {step:,}", *(f"{name} {value:.4f}" for name, value in readings.items()))',
            "",
        ]
        stopping = self._stopping()
        lines[-1:] = [*indented(stopping.step, 8), ""]
        return "\n".join([*lines, *indented([*stopping.after, *self._finish()])])

    def _stopping(self) -> Stopping:
        train = examples(self.analysis, "train")
        size = self.experiment.data.batch_size
        per_epoch = -(-train // size) - (1 if size > 1 and train > 1 and train % size == 1 else 0)
        evaluates = ", ".join(self.learning.models) if self._evaluate() else ""
        return stopping(self.experiment.training.stop, list(self.learning.models), per_epoch, evaluates)

    def _build(self) -> list[str]:
        lines = []
        initials = bool(self.initial)
        for model in self.learning.models.values():
            lines.append(f"{model.variable} = {model.written.name}()")
            if initials:
                lines.append(f"initialise({model.variable})")
            if self.weights:
                lines += ["if options.weights:", f"    load({model.variable}, options.weights)"]
            layout = ", memory_format=torch.channels_last" if self.last else ""
            lines.append(f"{model.variable}.to(DEVICE{layout})")
        for role in self.analysis.roles:
            optimizer = self.learning.optimizer(role)
            if self.pruning or any(optimizer in line for line in self.recipe.step):
                lines.append(f"{optimizer} = {self.learning.make_optimizer(role)}")
            lines += self.learning.frozen(role)
        if self.pruning:
            frozen = [path for role in self.analysis.roles for path in self.learning.frozen_paths(role)]
            lines += pruning.setup(self.pruning, self.analysis, frozen, list(self.learning.models))
        return [*lines, *self.recipe.setup]

    def _finish(self) -> list[str]:
        last = "step" if self._stopping().step else "options.steps"
        if not self._evaluate():
            return [
                "if options.json:",
                f'    print(json.dumps({{"event": "finished", "step": {last}, "metrics": readings}}))',
            ]
        arguments = ", ".join(self.learning.models)
        return [
            f"test = evaluate({arguments})",
            "if options.json:",
            '    named = {f"test_{name}": value for name, value in test.items()}',
            f'    print(json.dumps({{"event": "finished", "step": {last}, "metrics": readings | named}}))',
            "else:",
            '    print("test", *(f"{name} {value:.4f}" for name, value in test.items()))',
        ]


def _signature(name: str, arguments: str, returned: str) -> list[str]:
    """The first lines of a function, as a formatter lays them out."""
    line = f"def {name}({arguments}) -> {returned}:"
    if len(line) <= 120:
        return [line]
    if len(arguments) <= 116:
        return [f"def {name}(", f"    {arguments}", f") -> {returned}:"]
    return [f"def {name}(", *(f"    {one}," for one in arguments.split(", ")), f") -> {returned}:"]


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, 100)
