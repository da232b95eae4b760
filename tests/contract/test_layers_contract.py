"""Every layer of the registry keeps the contract of ``layers/base.py``."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from torchglass.layers.base import LAYERS

from .layer_checks import CONTEXT, cases, check_documentation, check_settings, check_shapes_and_gradients

#: Their modules run a part of the network, so the builder of the whole network makes them.
BUILT_BY_THE_GRAPH = {"part", "scan"}
BUILT_ALONE = sorted(set(LAYERS) - BUILT_BY_THE_GRAPH - {"part_input"})
few = settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", BUILT_ALONE)
@few
@given(data=st.data())
def test_inferred_shapes_parameters_and_gradients(kind: str, data: st.DataObject) -> None:
    check_shapes_and_gradients(*data.draw(cases(LAYERS[kind])))


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_settings(kind: str) -> None:
    check_settings(LAYERS[kind])


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_documentation(kind: str) -> None:
    check_documentation(LAYERS[kind])


@pytest.mark.parametrize("kind", sorted(BUILT_BY_THE_GRAPH))
def test_parts_are_built_by_the_graph(kind: str) -> None:
    with pytest.raises(AssertionError, match="built by the graph"):
        LAYERS.make(kind, {}).build({}, CONTEXT)


def test_reading_the_catalogue_needs_no_torch() -> None:
    code = (
        "import sys, torchglass.catalog, torchglass.presets as p; torchglass.catalog.describe(); "
        "[torchglass.catalog.validate(x.experiment) for x in p.presets().values()]; assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
