"""Places in the words of SARIF: locations as URIs, regions of a file, replacements of bytes."""

from __future__ import annotations

import base64
from urllib.parse import quote

from ..edit import Edit
from ..finding import Span
from .anchor import from_root
from .json import Json
from .view import View, raw


def location(path: str, view: View) -> Json:
    """An artifactLocation: relative to the repository's root where the path lies below it, else a file: URI."""
    return artifact(from_root(path, view))


def artifact(path: str) -> Json:
    """The artifactLocation of a path as Anchor has it."""
    if path.startswith("/"):
        return {"uri": "file://" + quote(raw(path), safe="/")}
    return {"uri": quote(raw(path), safe="/"), "uriBaseId": "%SRCROOT%"}


def region(span: Span) -> dict[str, Json]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def replacement(edit: Edit, data: bytes | None) -> Json:
    """A replacement; without the file's bytes at hand the region it deletes is given in bytes alone."""
    deleted: dict[str, Json] = {"byteOffset": edit.start, "byteLength": edit.end - edit.start}
    if data is not None and edit.end <= len(data):
        line, column = _line_and_column(data, edit.start)
        end_line, end_column = _line_and_column(data, edit.end)
        deleted |= {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"deletedRegion": deleted, "insertedContent": _content(edit.text)}


def _line_and_column(data: bytes, offset: int) -> tuple[int, int]:
    """As Span has them; counted here because a report needs no syntax tree."""
    start = data.rfind(b"\n", 0, offset) + 1
    before = data[start:offset].decode("utf8", "replace").removeprefix("\ufeff")
    return data.count(b"\n", 0, offset) + 1, len(before.encode("utf-16-le")) // 2 + 1


def _content(text: bytes) -> Json:
    try:
        return {"text": text.decode()}
    except UnicodeDecodeError:
        return {"binary": base64.b64encode(text).decode()}
