"""People's own pictures: a folder or zip that was added to this computer, a folder for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from torchglass.datasets._tables import held_out, stratified
from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.pictures.archive import LONGEST_CLASS, MOST_CLASSES
from torchglass.pictures.library import PICTURES
from torchglass.spec.problems import Problem
from torchglass.spec.shapes import Shape
from torchglass.tables.errors import TableError

if TYPE_CHECKING:
    import numpy as np

_Class = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CLASS)]
_Count = Annotated[int, Field(ge=2, le=10**6)]
#: Bytes of all pictures as a worker holds them.
MOST_BYTES = 256 * 1024**2


class ImageFilesConfig(Config):
    """What the experiment knows of the pictures, so that its shapes are known on a computer without the files."""

    pictures: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, title="Pictures", description="SHA-256 of the archive: the experiment means exactly this content."
    )
    name: str = Field("", title="Folder", description="What the folder was called, for people.", max_length=200)
    classes: list[_Class] = Field(
        [], title="Classes", description="The names of the folders, in order.", max_length=MOST_CLASSES
    )
    sizes: list[_Count] = Field([], title="Pictures", description="How many each class has.", max_length=MOST_CLASSES)
    side: int = Field(
        32,
        title="Size",
        description="The middle square of every picture is scaled to so many pixels, wide and high.",
        ge=8,
        le=128,
    )
    colour: Literal["colour", "grey"] = Field(
        "colour",
        title="Colour",
        description="colour: three channels, of a grey picture all the same. grey: one, the brightness.",
    )
    test_share: float = Field(
        0.25, title="Test share", description="Part of every class that is kept for testing.", ge=0.05, le=0.95
    )

    @model_validator(mode="after")
    def _fits_together(self) -> ImageFilesConfig:
        if len(self.classes) != len(self.sizes):
            raise ValueError("must say of every class how many pictures it has")
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("name a class twice")
        return self


class ImageFiles(DataSet):
    kind = "image_files"
    label = "Your own pictures"
    group = "Images"
    picture = "image"
    summary = "Pictures of your own, in a folder for each class: choose their size, in colour or grey."
    docs = (
        "Field `image` and `label` (the folder in which the picture lay). The files stay on the computer where they "
        "were added; the experiment names them by their hash and carries the names of the classes. The middle square "
        "of every picture is scaled; what shines through is white, and a photo is turned upright as its camera says."
        "\n\nOf every class the same part is for testing, and which pictures those are does not depend on the seed. "
        "Where several pictures show the same thing, that split is kinder than the world: keep those apart yourself."
    )
    Config = ImageFilesConfig
    config: ImageFilesConfig

    def fields(self) -> dict[str, FieldSpec]:
        config = self.config
        if not config.classes:
            return {}
        return {
            "image": FieldSpec(Shape.image(self._channels, config.side, config.side), "uint8", range=(0, 1)),
            "label": FieldSpec(Shape.label(), "int64", "target", tuple(config.classes)),
        }

    def counts(self) -> tuple[int, int]:
        test = sum(held_out(size, self.config.test_share) for size in self.config.sizes)
        return sum(self.config.sizes) - test, test

    def problems(self) -> list[Problem]:
        """The pictures must be on this computer, with those classes, and not too many for their size."""
        config = self.config
        if config.pictures is None or not config.classes:
            words = "No pictures are chosen yet: add a folder or zip of your own (Your own pictures in the data pane)."
            return [Problem(message=words, field="pictures")]
        try:
            classes = PICTURES.facts(config.pictures)["classes"]
        except TableError:
            return [Problem(message=self._absent(), field="pictures")]
        if [(one["name"], one["images"]) for one in classes] != list(zip(config.classes, config.sizes, strict=True)):
            words = f"The experiment does not fit the pictures “{config.name}”: choose them again."
            return [Problem(message=words, field="classes")]
        held = sum(config.sizes) * self._channels * config.side**2
        if held > MOST_BYTES:
            words = f"{sum(config.sizes):,} pictures of this size take {held / 1024**2:,.0f} MB"
            most = f"at most {MOST_BYTES // 1024**2} MB: choose a smaller size, or grey."
            return [Problem(message=f"{words}, {most}", field="side")]
        return []

    def load(self, seed: int) -> Splits:
        """Images uint8 (N, C, S, S), labels int64 (N,); the split does not depend on ``seed``. Raises ValueError where
        the pictures are not here, or not those that the experiment describes."""
        import numpy as np

        config = self.config
        if problems := self.problems():
            raise ValueError(problems[0].message)
        assert config.pictures is not None
        try:
            images = np.load(PICTURES.array(config.pictures, config.side, self._channels), mmap_mode="r")
        except OSError as error:
            raise ValueError(f"The pictures “{config.name}” cannot be read ({error.strerror}).") from None
        labels = np.repeat(np.arange(len(config.sizes)), config.sizes)
        if len(images) != len(labels):
            raise ValueError(f"The stored pictures “{config.name}” are damaged: remove them and add them again.")
        train, test = stratified(labels, config.test_share)

        def part(rows: np.ndarray) -> dict[str, np.ndarray]:
            return {"image": images[rows], "label": labels[rows].astype(np.int64)}

        return Splits(train=part(train), test=part(test))

    @property
    def _channels(self) -> int:
        return 3 if self.config.colour == "colour" else 1

    def _absent(self) -> str:
        assert self.config.pictures is not None
        named = f"The pictures “{self.config.name or 'without a name'}” (SHA-256 {self.config.pictures[:12]}…)"
        return (
            f"{named} are not on this computer: add the same archive (Your own pictures in the data pane), or others."
        )


__all__ = ["ImageFiles", "ImageFilesConfig"]
