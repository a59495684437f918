"""Which files of a package answer to a question about their bytes: each is asked once, however often that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from .datatype import dataclass, field
from .packages import File

Question: TypeAlias = tuple[tuple[bytes, ...], Callable[[bytes], bool] | None]


@dataclass(slots=True)
class Sought:
    """The files, in their order, and what was asked about them."""

    files: Mapping[File, bytes]
    _known: dict[Question, list[File]] = field(default_factory=dict)

    def of(self, words: Sequence[bytes], admits: Callable[[bytes], bool] | None) -> Sequence[File]:
        """The files in which all the words occur, and which `admits` lets pass by their bytes."""
        question = tuple(words), admits
        if question not in self._known:
            self._known[question] = [file for file, data in self.files.items() if _answers(data, question)]
        return self._known[question]

    def changed(self, file: File) -> None:
        """Forgets what a file, which has other bytes now, makes untrue."""
        data = self.files[file]
        for question, found in [*self._known.items()]:
            if (file in found) != _answers(data, question):
                del self._known[question]


def _answers(data: bytes, question: Question) -> bool:
    words, admits = question
    return all(word in data for word in words) and (admits is None or admits(data))
