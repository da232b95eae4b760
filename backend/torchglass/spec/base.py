"""What every piece of the experiment document shares."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Spec(BaseModel):
    """A closed, immutable piece of the document: unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


#: Identifier of a node, a part or a port: a letter, then letters, digits or underscores.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
#: Name of a registry entry.
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
#: Free text for people; rendered as text, never as markup.
Label = Annotated[str, StringConstraints(max_length=200)]
#: Kept opaque by the document; the catalogue validates it against the Config of its kind.
Settings = Annotated[dict[str, Any], Field(default_factory=dict, max_length=64)]


class Choice(Spec):
    """One entry of a registry with its settings."""

    kind: Kind
    config: Settings
