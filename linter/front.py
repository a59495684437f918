"""The front matter of a rule page: YAML whose every value knows the line it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

import yaml

from .datatype import dataclass
from .errors import RuleError


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The keys between the two `---` lines. `end` is how many lines they take, with the `---`."""

    path: str
    end: int
    values: Mapping[str, yaml.Node]

    @classmethod
    def read(cls, page: str, path: str, known: Sequence[str]) -> FrontMatter:
        """The front matter of a page. Raises RuleError for bad YAML and for a key that is not known."""
        lines = page.removeprefix("\ufeff").split("\n")
        if not lines or lines[0].rstrip() != "---":
            raise RuleError("a rule page begins with `---`", path=path, line=1, hint="put the front matter first")
        end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
        if end is None:
            raise RuleError("the front matter is not closed", path=path, line=1, hint="end it with a `---` line")
        root = _composed("\n".join(lines[1:end]), path)
        values: dict[str, yaml.Node] = {}
        for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
            name, line, column = str(key.value), key.start_mark.line + 2, key.start_mark.column + 1
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"
                raise RuleError(f"unknown key `{name}`", path=path, line=line, column=column, hint=hint)
            if name in values:
                raise RuleError(f"`{name}` is given twice", path=path, line=line, column=column)
            values[name] = value
        return cls(path, end + 1, values)

    def place(self, key: str) -> tuple[int, int]:
        """The line and column of a key's value; of the page's beginning when the key is not given."""
        node = self.values.get(key)
        return _place(node) if node is not None else (1, 1)

    def text(self, key: str, *, required: bool = False) -> str:
        node = self.values.get(key)
        if node is None:
            if required:
                raise RuleError(
                    f"`{key}` is missing", path=self.path, line=1, hint=f"add `{key}: ...` to the front matter"
                )
            return ""
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            raise self._wrong(key, "is one piece of text")
        return str(node.value)

    def choice(self, key: str, known: Sequence[str], default: str) -> str:
        given = self.text(key) or default
        if given != default and given not in known:
            near = get_close_matches(given, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"
            line, column = self.place(key)
            raise RuleError(f"unknown {key} `{given}`", path=self.path, line=line, column=column, hint=hint)
        return given

    def flag(self, key: str, *, default: bool) -> bool:
        given = self.text(key).lower()
        if given not in {"", "true", "false"}:
            raise self._wrong(key, "is true or false")
        return given == "true" if given else default

    def listed(self, key: str) -> Iterator[tuple[str, int, int]]:
        """The texts of a list (or of a single text), each with its line and column."""
        node = self.values.get(key)
        if node is None:
            return
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for item in items:
            if not isinstance(item, yaml.ScalarNode):
                raise self._wrong(key, "is a list of texts")
            yield str(item.value), *_place(item)

    def _wrong(self, key: str, what: str) -> RuleError:
        line, column = self.place(key)
        return RuleError(f"`{key}` {what}", path=self.path, line=line, column=column)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 2, node.start_mark.column + 1


def _composed(text: str, path: str) -> yaml.Node | None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 2, mark.column + 1) if mark is not None else (1, 1)
        raise RuleError(f"not YAML: {error.problem}", path=path, line=line, column=column,
                        hint="quote a value that holds `:` or begins with `$`, `*` or `@`") from None  # fmt: skip
    except yaml.YAMLError as error:
        raise RuleError(f"not YAML: {error}", path=path, line=1) from None
    except RecursionError:
        raise RuleError("nested too deeply", path=path, line=1, hint="front matter is texts and lists") from None
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise RuleError("the front matter is a list of `key: value` lines", path=path, line=2)
    return root
