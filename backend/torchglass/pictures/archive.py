"""What a zip of pictures holds: which file belongs to which class, nothing unpacked to the disk, everything bounded."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

#: File endings that are taken for pictures; Pillow is asked for these formats and no other.
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
MOST_FILES, MOST_CLASSES, LONGEST_CLASS = 50_000, 100, 100
#: Bytes of one file and of all of them, unpacked.
MOST_BYTES, MOST_TOGETHER = 64 * 1024**2, 2 * 1024**3
_JUNK = ("__macosx", "thumbs.db", "desktop.ini")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINK = 0o120000


class PictureError(ValueError):
    """Why the pictures are not taken; the message names the file or the class."""


@dataclass(slots=True)
class Contents:
    """``files`` by class, either in alphabetical order; ``left_out``: what is no picture."""

    files: dict[str, list[zipfile.ZipInfo]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def each(self) -> Iterator[tuple[int, zipfile.ZipInfo]]:
        """(number of the class, file), class by class."""
        for number, infos in enumerate(self.files.values()):
            for info in infos:
                yield number, info


def shown(name: str) -> str:
    """The name of a file as people read it: its end, without letters that nobody sees."""
    text = _UNSEEN.sub("", name)
    return text if len(text) <= 90 else "…" + text[-89:]


def opened(place: Path) -> zipfile.ZipFile:
    """Raises PictureError for what is no archive."""
    try:
        return zipfile.ZipFile(place)
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, EOFError, NotImplementedError):
        raise no_archive() from None


def no_archive() -> PictureError:
    """What is said of a file that is none."""
    return PictureError("This is no zip archive, or it is damaged: pack the folder as .zip and try again.")


def contents(archive: zipfile.ZipFile) -> Contents:
    """Which file belongs to which class: the first folder below what all of them share. Raises PictureError."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise PictureError(f"There are {len(infos):,} files: at most {MOST_FILES:,} can be read.")
    named = [(_parts(info), info) for info in infos]
    kept = [(parts, info) for parts, info in named if parts and not _is_junk(parts)]
    _within_bounds([info for _, info in kept])
    shared = _shared([parts for parts, _ in kept if parts[-1].lower().endswith(ENDINGS)])
    found = Contents()
    for parts, info in sorted(((parts[shared:], info) for parts, info in kept), key=lambda item: item[0]):
        _sort_in(found, parts, info)
    _check_classes(found)
    return found


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one file. Raises PictureError naming it."""
    try:
        with archive.open(info) as stream:
            data = stream.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        locked = isinstance(error, RuntimeError) and bool(info.flag_bits & 1)
        why = "is locked with a password" if locked else "is damaged inside the archive"
        raise PictureError(f"“{shown(info.filename)}” {why}: pack the folder again.") from None
    except Exception as error:  # zlib, lzma and bz2 have errors of their own
        if type(error).__module__ in ("zlib", "_lzma", "lzma", "_bz2"):
            raise PictureError(f"“{shown(info.filename)}” is damaged inside the archive: pack it again.") from None
        raise
    if len(data) > MOST_BYTES:
        raise _too_large(info)
    return data


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """The folders and the name. Raises PictureError for a path that leads out of the archive."""
    name = info.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name):
        words = "leads out of the archive: such a file is never read. Pack the folder again"
        raise PictureError(f"The name “{shown(info.filename)}” {words}.")
    if (info.external_attr >> 16) & 0o170000 == _LINK:
        raise PictureError(f"“{shown(info.filename)}” is a link and no picture: pack the picture itself.")
    return parts


def _is_junk(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") or part.lower() in _JUNK for part in parts)


def _within_bounds(infos: Sequence[zipfile.ZipInfo]) -> None:
    for info in infos:
        if info.file_size > MOST_BYTES:
            raise _too_large(info)
    together = sum(info.file_size for info in infos)
    if together > MOST_TOGETHER:
        words = f"{together / 1024**3:,.0f} GB unpacked, at most {MOST_TOGETHER // 1024**3} GB are read"
        raise PictureError(f"The archive holds {words}: take smaller pictures, or fewer.")


def _too_large(info: zipfile.ZipInfo) -> PictureError:
    size = f"{info.file_size / 1024**2:,.0f} MB unpacked, at most {MOST_BYTES // 1024**2} MB are read"
    return PictureError(f"“{shown(info.filename)}” has {size}: scale it down.")


def _shared(files: Sequence[tuple[str, ...]]) -> int:
    """How many folders all files share, while at least a folder is left to name the class."""
    depth = 0
    while files and all(len(parts) > depth + 2 and parts[depth] == files[0][depth] for parts in files):
        depth += 1
    return depth


def _sort_in(found: Contents, parts: tuple[str, ...], info: zipfile.ZipInfo) -> None:
    if info.is_dir():
        if len(parts) == 1:
            found.files.setdefault(parts[0], [])
        return
    picture = parts[-1].lower().endswith(ENDINGS)
    if len(parts) < 2:
        if picture:
            words = "lies in no folder: put the pictures of each class into a folder that is named after it"
            raise PictureError(f"“{shown(info.filename)}” {words}.")
        found.left_out.append(shown(info.filename))
        return
    of_class = found.files.setdefault(parts[0], [])
    if picture:
        of_class.append(info)
    else:
        found.left_out.append(shown(info.filename))


def _check_classes(found: Contents) -> None:
    names = list(found.files)
    if len(names) < 2:
        words = f"There is one folder only, “{shown(names[0])}”" if names else "There is no folder with pictures"
        raise PictureError(f"{words}: put the pictures of at least two classes into a folder each.")
    if len(names) > MOST_CLASSES:
        raise PictureError(f"There are {len(names):,} classes (folders): at most {MOST_CLASSES} can be told apart.")
    for name, infos in found.files.items():
        if len(name) > LONGEST_CLASS or name != _UNSEEN.sub("", name):
            raise PictureError(f"The folder “{shown(name)}” cannot name a class: give it a shorter, plain name.")
        if not infos:
            raise PictureError(f"The class “{shown(name)}” has no pictures ({', '.join(ENDINGS)}): add some.")
        if len(infos) == 1:
            words = "has one picture: at least two are needed, one to learn from and one to test with"
            raise PictureError(f"The class “{shown(name)}” {words}.")


__all__ = [
    "ENDINGS",
    "LONGEST_CLASS",
    "MOST_CLASSES",
    "Contents",
    "PictureError",
    "contents",
    "opened",
    "read",
    "shown",
]
