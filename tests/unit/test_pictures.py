"""People's own pictures: what is read from an archive, what is refused and how that is said, what a run learns from."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.pictures import stored, two_classes, zipped

from torchglass.catalog import parse_experiment, validate
from torchglass.datasets.base import DATASETS
from torchglass.pictures import library as module
from torchglass.pictures.archive import PictureError
from torchglass.pictures.decoding import decode
from torchglass.pictures.drafting import draft
from torchglass.pictures.library import PICTURES, Pictures
from torchglass.pictures.reading import answer, describe, write
from torchglass.tables.errors import TableError
from torchglass.tables.library import LIBRARY


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pictures:
    monkeypatch.setattr(LIBRARY, "folder", tmp_path / "tables")
    return PICTURES


def described(files: dict[str, bytes], tmp_path: Path) -> dict[str, object]:
    place = tmp_path / "set.zip"
    place.write_bytes(zipped(files))
    return describe(place)


def huge_png(side: int) -> bytes:
    """A few kilobytes that say of themselves that they are ``side`` pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), (i * 60, 0, 0)) for i in range(3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)


def photo() -> bytes:
    out = io.BytesIO()
    Image.fromarray(NOISE).save(out, "JPEG")
    return out.getvalue()


WHOLE = two_classes()
BAD: dict[str, tuple[dict[str, bytes], list[str]]] = {
    "20,000 × 20,000 pixels": (WHOLE | {"set/red/huge.png": huge_png(20_000)}, ["red/huge.png", "20,000×20,000"]),
    "an animation": (WHOLE | {"set/red/move.gif": animated()}, ["red/move.gif", "animated (3 frames)"]),
    "a truncated JPEG": (WHOLE | {"set/blue/half.jpg": photo()[:900]}, ["blue/half.jpg", "truncated or damaged"]),
    "a truncated PNG": (WHOLE | {"set/blue/half.png": stored(9, (50, 50), "L")[:60]}, ["half.png", "truncated"]),
    "a text named .png": (WHOLE | {"set/red/no.png": b"<svg onload=alert(1)>"}, ["red/no.png", "no picture of a kind"]),
    "an empty file": (WHOLE | {"set/red/empty.png": b""}, ["red/empty.png", "no picture of a kind"]),
    "a name that climbs": (WHOLE | {"../../etc/cron.d/x.png": stored(0)}, ["../../etc/cron.d/x.png", "leads out"]),
    "an absolute name": (WHOLE | {"/etc/x.png": stored(0)}, ["/etc/x.png", "leads out of the archive"]),
    "a drive": (WHOLE | {"C:\\x\\y.png": stored(0)}, ["leads out of the archive"]),
    "a class of no pictures": (WHOLE | {"set/green/notes.txt": b"none"}, ["“green” has no pictures"]),
    "a class of one": (WHOLE | {"set/green/1.png": stored(0)}, ["“green” has one picture"]),
    "one class": ({"red/1.png": stored(0), "red/2.png": stored(1)}, ["one folder only, “red”"]),
    "no folders": ({"1.png": stored(0), "2.png": stored(1)}, ["1.png", "lies in no folder"]),
    "nothing": ({}, ["no folder with pictures"]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_named(name: str, tmp_path: Path) -> None:
    files, words = BAD[name]
    with pytest.raises(PictureError) as caught:
        described(files, tmp_path)
    for each in words:
        assert each in str(caught.value)


def declaring(archive: bytes, size: int) -> bytes:
    """The same archive, every file of which says that it unpacks to ``size`` bytes."""
    told = bytearray(archive)
    at = 0
    while (at := told.find(b"PK\x01\x02", at)) >= 0:
        told[at + 24 : at + 28] = struct.pack("<I", size)
        at += 4
    return bytes(told)


def test_a_bomb_is_refused_by_its_size_and_one_that_lies_is_read_no_further(tmp_path: Path) -> None:
    place = tmp_path / "set.zip"
    place.write_bytes(zipped(WHOLE | {"set/red/bomb.png": bytes(65 * 2**20)}))
    assert "set/red/bomb.png” has 65 MB unpacked, at most 64 MB" in answer(place, {})["error"]
    many = zipped(WHOLE | {f"set/red/more{i}.png": stored(i) for i in range(40)})
    place.write_bytes(declaring(many, 60 * 2**20))
    assert "GB unpacked, at most 2 GB are read" in answer(place, {})["error"]
    place.write_bytes(declaring(zipped(WHOLE | {"set/red/lies.png": bytes(2**20)}), 100))
    assert "damaged" in answer(place, {})["error"]


def test_folders_of_no_files_are_named_too(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="“empty” has no pictures"):
        described({"red/1.png": stored(0), "red/2.png": stored(1), "empty/": b""}, tmp_path)


def test_a_link_a_password_and_rubbish_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "x.zip"
    with zipfile.ZipFile(place, "w") as archive:
        link = zipfile.ZipInfo("red/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(PictureError, match=r"red/link.png” is a link"):
        describe(place)
    locked = bytearray(zipped(WHOLE))
    at = 0
    while (at := locked.find(b"PK\x01\x02", at)) >= 0:  # say of every file that it is encrypted
        locked[at + 8] |= 1
        at += 4
    place.write_bytes(locked)
    assert "locked with a password" in answer(place, {})["error"] or "damaged" in answer(place, {})["error"]
    for rubbish in (b"", b"PK\x03\x04" + bytes(100), zipped(WHOLE)[:-30]):
        place.write_bytes(rubbish)
        assert "no zip archive" in answer(place, {})["error"]


def test_what_is_there_is_described(tmp_path: Path) -> None:
    odd = {"set/red/grey.png": stored(7, mode="L"), "set/notes.txt": b"x", "set/red/.DS_Store": b"x"}
    found = described(WHOLE | odd | {"__MACOSX/set/red/._0.png": b"x"}, tmp_path)
    assert [(one["name"], one["images"]) for one in found["classes"]] == [("blue", 4), ("red", 5)]
    assert (found["grey"], found["first_grey"]) == (1, ["set/red/grey.png"])
    assert (found["left_out"], found["first_left_out"]) == (1, ["set/notes.txt"])
    assert (found["smallest"], found["largest"]) == ([12, 10], [12, 10])
    assert all(len(one["sample"]) <= 6 for one in found["classes"])


def test_pictures_are_scaled_laid_on_white_and_turned_upright() -> None:
    assert decode(stored((9, 8, 7), (300, 20)), "x", 8).pixels.tolist() == [[[9, 8, 7]] * 8] * 8
    through = decode(stored((200, 0, 0, 0), mode="RGBA"), "x", 8)
    assert (through.pixels.min(), through.grey) == (255, False)
    deep = Image.fromarray(np.full((9, 9), 32896, np.uint16))
    out = io.BytesIO()
    deep.save(out, "PNG")
    assert decode(out.getvalue(), "x", 8).pixels.tolist() == [[[128] * 3] * 8] * 8
    upper = Image.fromarray(np.vstack([np.full((8, 16), 255, np.uint8), np.zeros((8, 16), np.uint8)]))
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held on its side
    out = io.BytesIO()
    upper.save(out, "JPEG", exif=turned, quality=95)
    upright = decode(out.getvalue(), "x", 16).pixels[..., 0].astype(int)
    assert upright[:, 12:].mean() > 250 > 5 > upright[:, :4].mean()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "WEBP", "GIF"])
def test_every_kind_is_read(form: str, tmp_path: Path) -> None:
    assert described(two_classes(form=form), tmp_path)["images"] == 8


def test_kept_pictures_become_an_experiment_that_trains(library: Pictures) -> None:
    from torchglass.training.trainer import Trainer

    facts = library.add([zipped(two_classes(8))], "C:\\me\\colours.zip")
    assert (facts["name"], facts["images"], facts["id"]) == ("colours.zip", 16, library.all()[0]["id"])
    for colour, channels in (("colour", 3), ("grey", 1)):
        experiment = parse_experiment(draft(library, facts["id"], side=16, colour=colour, test_share=0.25))
        assert validate(experiment).problems == []
        data = DATASETS.make("image_files", experiment.data.config)
        arrays = data.load(3)
        assert data.counts() == (len(arrays.train["label"]), len(arrays.test["label"])) == (12, 4)
        assert arrays.train["image"].shape == (12, channels, 16, 16)
        assert np.bincount(arrays.test["label"]).tolist() == [2, 2]
        if channels == 3:
            redder = arrays.train["image"][:, 0].mean((1, 2)) > arrays.train["image"][:, 2].mean((1, 2))
            assert redder.tolist() == (arrays.train["label"] == 1).tolist()
    trainer = Trainer(experiment, device="cpu", threads=1)
    assert trainer.run(2).steps[-1] == 2
    library.remove(facts["id"])
    folder = library.place()
    assert folder is not None
    assert list(folder.iterdir()) == []
    assert "are not on this computer" in data.problems()[0].message


def test_what_is_refused_leaves_nothing_behind(library: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TableError, match="no zip archive") as caught:
        library.add([b"GIF89a"], "x.zip")
    assert caught.value.code == "pictures"
    monkeypatch.setattr(module, "ONE_SET", 2 * 2**20)
    with pytest.raises(TableError, match="larger than 2 MB: scale the pictures down"):
        library.add((bytes(2**20) for _ in range(3)), "x.zip")
    folder = library.place()
    assert folder is not None
    assert list(folder.iterdir()) == []
    with pytest.raises(TableError, match="no set of pictures of that name"):
        library.facts("0" * 64)


def test_too_much_for_a_worker_is_said_before_it_is_tried(library: Pictures) -> None:
    facts = library.add([zipped(two_classes(2))], "x.zip")
    config = draft(library, facts["id"], side=128, colour="colour", test_share=0.25)["data"]["config"]
    fits = DATASETS.make("image_files", config)
    assert fits.problems() == []
    other = DATASETS.make("image_files", {**config, "sizes": [2, 200_000]})
    assert "does not fit the pictures" in other.problems()[0].message
    assert DATASETS.make("image_files", {}).problems()[0].field == "pictures"


def test_arrays_are_written_class_by_class(tmp_path: Path) -> None:
    place = tmp_path / "set.zip"
    place.write_bytes(zipped(two_classes(2)))
    assert write(place, 8, 1, tmp_path / "a.npy") == {"images": 4}
    assert np.load(tmp_path / "a.npy").shape == (4, 1, 8, 8)
