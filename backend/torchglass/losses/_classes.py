"""Which outputs and targets losses of classes compare, refused in words."""

from __future__ import annotations

from torchglass.spec.shapes import Shape


def per_class_problem(label: str, output: Shape, target: Shape, classes: int) -> str | None:
    """Why scores per class cannot meet that target; None if they can."""
    if target.dtype != "int":
        return f"{label} compares with classes, but the target holds numbers: use the squared error."
    if output.dtype != "float" or len(output.axes) != len(target.axes) + 1:
        return f"{label} needs one score per class, but the output is {output} where the target is {target}."
    if output.sizes[:-1] != target.sizes:
        return f"The output has {output} and the target {target}: their lengths differ."
    scores = output.sizes[-1]
    if classes and scores != classes:
        return f"The output has {scores} scores, but there are {classes} classes."
    return None


def yes_no_problem(label: str, output: Shape, target: Shape, classes: int) -> str | None:
    """Why scores of yes/no questions cannot meet that target; None if they can."""
    if output.dtype != "float":
        return f"{label} needs scores, but the output is not made of real numbers."
    if target.dtype == "int" and classes != 2:
        return f"{label} asks yes or no, but there are {classes or 'any number of'} classes."
    if output.sizes != target.sizes and output.sizes != (*target.sizes, 1):
        return f"The output is {output}, but the target is {target}: one score per question is needed."
    return None
