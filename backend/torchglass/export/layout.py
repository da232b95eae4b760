"""Lines of Python laid out as a formatter would: at most 120 columns, broken at brackets."""

from __future__ import annotations

WIDTH = 120
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def fit(line: str, comment: str = "") -> list[str]:
    """One logical line with a comment behind it, broken where it is too long. The first spaces are its indent."""
    text = line.lstrip(" ")
    indent = len(line) - len(text)
    whole = f"{line}  # {comment}" if comment else line
    if len(whole) <= WIDTH:
        return [whole]
    if len(line) <= WIDTH:
        return [f"{' ' * indent}# {comment}", line]
    broken = _break(text, indent)
    return [f"{' ' * indent}# {comment}", *broken] if comment else broken


def _break(text: str, indent: int) -> list[str]:
    """The inside of the last bracket on lines of its own: one, or one for each element."""
    span = _last_bracket(text)
    if span is None:
        return [" " * indent + text]
    start, end = span
    inner = " " * (indent + 4)
    elements = split(text[start + 1 : end])
    head, tail = " " * indent + text[: start + 1], " " * indent + text[end:]
    joined = inner + ", ".join(elements)
    ends = text[start + 1 : end].rstrip().endswith(",")
    if len(joined) <= WIDTH and not ends:
        return [head, joined, tail]
    if len(elements) == 1 and not ends:  # a comma would make a tuple of what only stands in brackets
        return [head, *fit(joined), tail]
    body = [line for element in elements for line in fit(f"{inner}{element},")]
    return [head, *body, tail]


def _last_bracket(text: str) -> tuple[int, int] | None:
    """Where the last bracket of the outermost level opens and closes, if something is inside."""
    found, start, depth, quote = None, 0, 0, ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _CLOSING:
            start = place if depth == 0 else start
            depth += 1
        elif letter in _CLOSING.values():
            depth -= 1
            if depth == 0 and place > start + 1:
                found = (start, place)
    return found


def split(text: str) -> list[str]:
    """Elements of the outermost level, separated by commas."""
    elements, depth, quote, current = [], 0, "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _CLOSING:
            depth += 1
        elif letter in _CLOSING.values():
            depth -= 1
        if letter == "," and depth == 0 and not quote:
            elements.append(current.strip())
            current = ""
        else:
            current += letter
    return [*elements, current.strip()] if current.strip() else elements


def indented(lines: list[str] | tuple[str, ...], by: int = 4) -> list[str]:
    """Each line further to the right, and broken where it has become too long; empty lines stay empty."""
    return [piece for line in lines for piece in (_fit_with_comment(" " * by + line) if line.strip() else [""])]


def _fit_with_comment(line: str) -> list[str]:
    code, mark, comment = line.partition("  # ")
    return fit(code, comment) if mark and code.strip() else fit(line)


def plain(text: str) -> str:
    """Somebody's words, harmless inside a docstring: one line, printable, without quotes and backslashes."""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return words.replace("\\", "/").replace('"', "'")
