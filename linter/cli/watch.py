"""Running something again whenever one of its files changes, until it is interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from ..errors import NodemendError
from .outcome import complain, remark

_PAUSE = 0.3  # seconds between two looks at the files


def again(files: Callable[[], Iterable[Path]], run: Callable[[], object]) -> NoReturn:
    """Runs it now and after each change of the files, which are looked up anew each time. What is wrong is told.

    It ends by KeyboardInterrupt.
    """
    while True:
        before = _stamps(files())
        try:
            run()
        except NodemendError as error:
            complain(str(error))
        remark("watching for changes; Ctrl-C ends it")
        while _stamps(files()) == before:
            time.sleep(_PAUSE)


def _stamps(files: Iterable[Path]) -> Mapping[Path, tuple[int, int]]:
    """When each file was last written, and its size; a file that is gone, or not there yet, is left out."""
    stamps: dict[Path, tuple[int, int]] = {}
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            continue
        stamps[file] = stat.st_mtime_ns, stat.st_size
    return stamps
