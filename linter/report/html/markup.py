"""HTML as text that is escaped in one place: whatever is not Markup already becomes text, never an element."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from ...terminal import visible

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_EMPTY = frozenset({"meta", "input"})  # those of SVG are closed like any other


class Markup(str):
    """Text that is HTML already. Only this module and the files beside it that are part of the page make any."""

    __slots__ = ()


Content: TypeAlias = "str | Markup | Iterable[Content] | None"


@lru_cache(maxsize=1 << 14)  # the same few words stand in every entry of a page
def escape(text: str) -> Markup:
    """The text as HTML that shows it, in an element and in a quoted attribute. Controls become visible; tabs stay."""
    shown = text if text.isprintable() else "\t".join(map(visible, text.split("\t")))
    return Markup(shown.translate(_ESCAPES))


def join(content: Content) -> Markup:
    """All of it one after the other, escaped where it is not Markup."""
    if isinstance(content, str):
        return content if isinstance(content, Markup) else escape(content)
    return Markup() if content is None else Markup("".join([join(inner) for inner in content]))


def element(name: str, attributes: Mapping[str, str | int | bool | None] | None = None, *content: Content) -> Markup:
    """`<name attributes>content</name>`. An attribute that is True has no value; one that is None or False is left out.

    Names are ours, values may come from anywhere.
    """
    written = "".join([_attribute(key, value) for key, value in attributes.items()]) if attributes else ""
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(content)}</{name}>")


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


@lru_cache(maxsize=1 << 10)
def prose(text: str) -> Markup:
    """A sentence with code between backticks, as messages and pages have it."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick of its own: no way to tell what is code
        return escape(text)
    return join([element("code", None, part) if odd % 2 else part for odd, part in enumerate(parts)])


def deferred(content: Markup) -> Markup:
    """Elements that the page's script makes when they are asked for: until then they are text, which costs little.

    No text in it can end it: what is escaped has no `<`, and no element of the page is a script or a comment.
    """
    if "<script" in content or "</script" in content or "<!--" in content:
        raise ValueError("markup that cannot be deferred")
    return Markup(f'<script type="text/html">{content}</script>')


def scrolling(label: str, content: Markup) -> Markup:
    """What may be wider or higher than its place: it scrolls by itself, by keyboard too."""
    return element("div", {"class": "scroll", "tabindex": 0, "role": "region", "aria-label": label}, content)
