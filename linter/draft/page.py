"""The text of a drafted page: what a program can say of it, and what it leaves to its author."""

from __future__ import annotations

from collections.abc import Sequence

from .fragment import side
from .strategies import Proposal

_HEAD = """\
---
severity: warning
message: "{subject}say what is wrong, in one line, with the names of the rule"
---
# {name}

Drafted from a change of {file}.
Say why the old code is a problem, in the reader's terms, and what the fix does; then make the rule as general as the
problem is. When is it only a suggestion?{left}

```diff rule
{body}
```
"""
_LEFT = """

To check: {names} in the new code {verb} of the program
that the change is from, and nothing in the rule binds {it}."""


def written(name: str, file: str, proposal: Proposal, lines: Sequence[str], heading: str = "Reported") -> str:
    """The page. `lines` are those of the diff that is its example; a proposal without a fix shows its two sides."""
    names = " and ".join(f"`{left}`" for left in proposal.left)
    many = len(proposal.left) > 1
    left = _LEFT.format(names=names, verb="are names" if many else "is a name", it="them" if many else "it")
    subject = f"`{proposal.metavariables[0]}`: " if proposal.metavariables else ""
    head = _HEAD.format(name=name, file=file, subject=subject, body=proposal.body, left=left if names else "")
    before, after = side(lines, "+"), side(lines, "-")
    shown = _fence("js", before) if proposal.reports else _fence("diff", "".join(f"{line}\n" for line in lines))
    return f"{head}\n## {heading}\n\n{shown}\n## Not reported\n\n{_fence('js', after)}"


def _fence(language: str, code: str) -> str:
    longest = "```"
    while longest in code:
        longest += "`"
    return f"{longest}{language}\n{code}{longest}\n"
