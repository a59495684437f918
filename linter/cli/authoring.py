"""Writing rules: a template for a new page, and running the examples on pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..config import load
from ..errors import ConfigError, InputError
from ..regexes import regex
from ..terminal import visible
from .options import FOLDER, rules_option
from .outcome import CLEAN, FINDINGS, emit, remark
from .selection import loaded, named

if TYPE_CHECKING:
    from ..examples import Outcome
    from ..rule import Rule

TEMPLATE = """\
---
severity: warning
message: "`oldName($X)` is ... : say what is wrong, in one line, with the names of the rule"
---
# {name}

Say why this is a problem, in the reader's terms, and what the fix does. When is it only a suggestion?

```diff rule
-oldName($X)
+newName($X)
```

## Reported

The lines without `+` are reported, and the fix yields exactly the lines without `-`:

```diff
-var a = oldName(1);
+var a = newName(1);
```

## Not reported

```js
var b = newName(2), c = other.oldName(3);
```
"""
_ID = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@click.command(short_help="Run the examples on rule pages.", epilog="Example: nodemend test my-rules/ --watch")
@click.argument("which", metavar="[RULE|DIR]...", nargs=-1)
@rules_option
@click.option("--watch", is_flag=True, help="Run them again whenever a page changes, until Ctrl-C.")
@click.pass_context
def test(context: click.Context, which: tuple[str, ...], rules: tuple[Path, ...], watch: bool) -> None:
    """Run the examples on the pages of each RULE, or of all pages in DIR; without any: of every rule.

    One line for each example that fails, and exit code 1 when one does.
    """
    folders = [Path(word) for word in which if Path(word).is_dir()]
    if watch:
        from ..rule import shipped
        from .watch import again

        inside = [shipped(), *load().rules, *rules, *folders]
        again(lambda: [page for folder in inside for page in folder.glob("*.md")], lambda: _tested(which, rules))
    context.exit(_tested(which, rules))


def _tested(which: Sequence[str], rules: Sequence[Path]) -> int:
    """The exit code of one run."""
    from ..examples import run

    folders = [Path(word) for word in which if Path(word).is_dir()]
    known = loaded([*rules, *folders], load())
    outcomes = [outcome for rule in _wanted(known, which, folders) for outcome in run(rule)]
    failed = [outcome for outcome in outcomes if not outcome.passed]
    emit("".join(f"{_line(outcome)}\n" for outcome in failed).encode(errors="backslashreplace"))
    pages = len({outcome.rule.id for outcome in outcomes})
    passed, noun = len(outcomes) - len(failed), "page" if pages == 1 else "pages"
    remark(f"{passed} of {len(outcomes)} examples pass, on {pages} {noun}")
    return FINDINGS if failed else CLEAN


def _wanted(known: Sequence[Rule], which: Sequence[str], folders: Sequence[Path]) -> list[Rule]:
    if not which:
        return list(known)
    inside = {folder.resolve() for folder in folders}
    wanted = [rule for rule in known if Path(rule.path).resolve().parent in inside]
    return wanted + [named(known, word) for word in which if Path(word) not in folders]


def _line(outcome: Outcome) -> str:
    detail = " ".join(outcome.detail.split())
    return visible(f"{outcome.rule.path}:{outcome.line}: {outcome.heading}: {detail}")


@click.command(short_help="Begin a rule page.", epilog="Example: nodemend new timer-never-cleared --dir my-rules")
@click.argument("name")
@click.option("--dir", "folder", type=FOLDER, default="rules", show_default=True, help="The folder to write it to.")
@click.option("--from-diff", "patch", metavar="FILE", help="Draft the rule from an upstream fix, a unified diff.")
def new(name: str, folder: Path, patch: str | None) -> None:
    """Write a page for a rule called NAME: a template, or a draft of what --from-diff shows.

    It is never written over a page that is there.
    """
    if not _ID.fullmatch(name):
        raise ConfigError(f"{name!r} is not a rule name", hint="lower-case words with - between, named for the sin")
    path = folder / f"{name}.md"
    if path.exists():
        raise _there(path)
    page, note = _drafted(patch, name) if patch else (TEMPLATE.replace("{name}", name), "")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)
    except FileExistsError:
        raise _there(path) from None
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    remark(f"wrote {path}; {note}now `nodemend test {folder}`")


def _there(path: Path) -> InputError:
    return InputError(f"{path} is already there", hint="choose another name")


def _drafted(patch: str, name: str) -> tuple[str, str]:
    """The drafted page, and what its author should know first."""
    from ..draft import draft

    if not Path(patch).is_file():
        raise InputError(f"{patch}: no such file", hint="--from-diff takes a unified diff, as `git diff` prints it")
    try:
        data = Path(patch).read_bytes()
    except OSError as error:
        raise InputError(f"{patch}: {error.strerror or error}") from None
    made = draft(data, name)
    if not made.why:
        return made.page, f"its example is the change of {made.file}; "
    return made.page, f"the change of {made.file} is a known limit of it ({' '.join(made.why.split())}); "
