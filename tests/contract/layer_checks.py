"""What every layer must keep, as functions: used for the registry and for the layer of the walk-through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from hypothesis import assume
from hypothesis import strategies as st
from torch import Tensor

from torchglass.layers._shapes import from_sizes
from torchglass.layers.base import Context, Inputs, Layer
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

BATCH = 3


def _no_part(name: str, *_: object) -> Any:
    raise KeyError(name)


CONTEXT = Context(
    field_shape={"image": Shape.image(1, 6, 5)}.__getitem__,
    call_part=_no_part,
    part_ports=_no_part,
    field_names=("image",),
)
sizes = st.integers(1, 7)
images = st.builds(Shape.image, st.integers(1, 4), st.integers(4, 9), st.integers(4, 9))
vectors = st.builds(Shape.vector, sizes)
sequences = st.builds(Shape.sequence, sizes, sizes)
tokens = st.builds(Shape.tokens, sizes)
anything = st.one_of(images, vectors, sequences, tokens, st.just(Shape.label()))


def memory_inputs(*ports: str) -> st.SearchStrategy[Inputs]:
    """A memory of some slots, and vectors as long as a slot at the other ports."""

    def build(slots: int, size: int) -> Inputs:
        return {"memory": from_sizes([slots, size]), **{port: Shape.vector(size) for port in ports}}

    return st.builds(build, sizes, sizes)


#: Ports whose shapes depend on each other need their own strategy.
SPECIAL: dict[str, st.SearchStrategy[Inputs]] = {
    "gru_cell": st.builds(lambda size: {"in": Shape.vector(size), "state": Shape.vector(32)}, sizes),
    "memory_read": memory_inputs("key"),
    "memory_write": memory_inputs("key", "value"),
    "features": st.just({"in": Shape.vector(2)}),
}
#: Settings worth trying besides the defaults.
SETTINGS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "conv2d": st.fixed_dictionaries(
        {
            "out_channels": st.integers(1, 4),
            "kernel_size": st.integers(1, 4),
            "stride": st.integers(1, 3),
            "padding": st.integers(0, 2),
            "dilation": st.integers(1, 2),
            "bias": st.booleans(),
        }
    ),
    "conv1d": st.fixed_dictionaries(
        {
            "out_channels": st.integers(1, 4),
            "kernel_size": st.integers(1, 4),
            "stride": st.integers(1, 3),
            "padding": st.integers(0, 2),
            "dilation": st.integers(1, 2),
        }
    ),
    "max_pool2d": st.fixed_dictionaries({"kernel_size": st.integers(1, 4), "padding": st.integers(0, 2)}),
    "avg_pool2d": st.fixed_dictionaries({"kernel_size": st.integers(1, 4), "stride": st.integers(1, 3)}),
    "max_pool1d": st.fixed_dictionaries({"kernel_size": st.integers(1, 4), "padding": st.integers(0, 2)}),
    "avg_pool1d": st.fixed_dictionaries({"kernel_size": st.integers(1, 4), "stride": st.integers(1, 3)}),
    "linear": st.fixed_dictionaries({"out_features": st.integers(1, 5), "bias": st.booleans()}),
    "features": st.fixed_dictionaries({}, optional=dict.fromkeys(("x1", "product", "sin_x2"), st.booleans())),
    "concatenate": st.fixed_dictionaries({"axis": st.integers(-3, 2)}),
    "leaky_relu": st.fixed_dictionaries({"negative_slope": st.floats(0, 1)}),
    "memory_read": st.fixed_dictionaries({"similarity": st.sampled_from(["cosine", "dot"])}),
    "memory_write": st.fixed_dictionaries({"similarity": st.sampled_from(["cosine", "dot"])}),
}


def layers(layer_type: type[Layer]) -> st.SearchStrategy[Layer]:
    """The layer with its defaults, or with other settings where there are some worth trying."""
    settings = st.one_of(st.just({}), SETTINGS.get(layer_type.kind, st.just({})))
    return settings.map(lambda config: layer_type(layer_type.Config.model_validate(config)))


@st.composite
def cases(draw: st.DrawFn, layer_type: type[Layer]) -> tuple[Layer, Inputs]:
    """A layer and shapes that it accepts."""
    layer = draw(layers(layer_type))
    if layer_type.kind in SPECIAL:
        inputs = draw(SPECIAL[layer_type.kind])
    else:
        inputs = {}
        for port in layer.input_ports(CONTEXT):
            shape = draw(anything)
            inputs[port.name] = [shape] * draw(st.integers(1, 3)) if port.many else shape
    assume(accepts(layer, inputs))
    return layer, inputs


def accepts(layer: Layer, inputs: Inputs) -> bool:
    """Whether the layer takes these shapes; a refusal must be in words."""
    refusal: ShapeError | None = None
    try:
        layer.infer_shape(inputs, CONTEXT)
    except ShapeError as error:
        refusal = error
    if refusal is not None:
        assert refusal.message.endswith("."), refusal.message
        assert refusal.field is None or refusal.field in type(layer).Config.model_fields
    return refusal is None


def values(shape: Shape, generator: torch.Generator) -> Tensor:
    """A batch of that shape."""
    sizes = (BATCH, *shape.known())
    if shape.dtype == "int":
        return torch.randint(0, 2, sizes, generator=generator)
    if shape.dtype == "bool":
        return torch.rand(sizes, generator=generator) > 0.5
    return torch.randn(sizes, generator=generator, dtype=torch.float32).requires_grad_()


def check_shapes_and_gradients(layer: Layer, inputs: Inputs) -> None:
    """Inferred shape = real shape, listed parameters = real ones, every gradient finite."""
    generator = torch.Generator().manual_seed(0)
    module = layer.build(inputs, CONTEXT)
    for name, _ in module.named_parameters():
        layer.initialise(module, name, generator)
    check_parameters(layer, inputs, module)
    fed = _feed(layer, inputs, generator)
    result = module(*fed)
    results = result if isinstance(result, tuple) else (result,)
    outputs = layer.infer_shape(inputs, CONTEXT)
    assert list(outputs) == [port.name for port in layer.output_ports(CONTEXT)]
    for shape, tensor in zip(outputs.values(), results, strict=True):
        assert tuple(tensor.shape) == (BATCH, *shape.known())
        assert tensor.dtype.is_floating_point == (shape.dtype == "float")
        assert torch.isfinite(tensor).all()
    assert layer.multiply_adds(inputs, outputs) >= 0
    check_gradients(module, fed, results)


def _feed(layer: Layer, inputs: Inputs, generator: torch.Generator) -> list[Any]:
    """One batch per input port; a node without ports is fed what it passes on."""
    if not layer.input_ports(CONTEXT):
        return [values(layer.infer_shape({}, CONTEXT)["out"], generator)]
    fed: list[Any] = []
    for port in layer.input_ports(CONTEXT):
        shape = inputs[port.name]
        fed.append([values(item, generator) for item in shape] if isinstance(shape, list) else values(shape, generator))
    return fed


def check_parameters(layer: Layer, inputs: Inputs, module: torch.nn.Module) -> None:
    listed = {item.name: item for item in layer.parameters(inputs, CONTEXT)}
    real: Mapping[str, Tensor] = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    assert {name: item.shape for name, item in listed.items()} == {name: tuple(t.shape) for name, t in real.items()}
    trainable = {name for name, item in listed.items() if item.trainable}
    assert trainable == {name for name, _ in module.named_parameters()}


def check_gradients(module: torch.nn.Module, fed: list[Any], results: tuple[Tensor, ...]) -> None:
    total = sum((tensor.float() ** 2).sum() for tensor in results if tensor.requires_grad)
    if not isinstance(total, Tensor):
        return
    total.backward()
    leaves = [item for entry in fed for item in (entry if isinstance(entry, list) else [entry])]
    for tensor in [*module.parameters(), *leaves]:
        assert tensor.grad is None or torch.isfinite(tensor.grad).all()


def check_settings(layer_type: type[Layer]) -> None:
    """Defaults, JSON there and back, a title and description for every setting, ranges for every number."""
    config = layer_type.Config()
    again = layer_type.Config.model_validate_json(config.model_dump_json(), strict=True)
    assert again == config
    assert layer_type.Config.model_validate(json.loads(json.dumps(config.model_dump(mode="json")))) == config
    for name, field in layer_type.Config.model_json_schema().get("properties", {}).items():
        for text in ("title", "description"):
            assert field.get(text), f"{layer_type.kind}.{name} needs a {text}"
        numeric = [part for part in (field, *field.get("anyOf", [])) if part.get("type") in ("integer", "number")]
        for part in numeric:
            assert {"minimum", "exclusiveMinimum"} & set(part), f"{layer_type.kind}.{name} needs a smallest value"
            assert {"maximum", "exclusiveMaximum"} & set(part), f"{layer_type.kind}.{name} needs a largest value"
    assert layer_type.live <= set(layer_type.Config.model_fields)


def check_documentation(layer_type: type[Layer]) -> None:
    for text in (layer_type.label, layer_type.group, layer_type.summary, layer_type.formula):
        assert text.strip(), layer_type.kind
    assert layer_type.summary.endswith(".")
    assert "Source: " in layer_type.docs, f"{layer_type.kind}: name the source of the formula"
    names = [tap.name for tap in layer_type(layer_type.Config()).taps()]
    assert names[0] == "out"
    assert len(names) == len(set(names))
