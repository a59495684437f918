"""The way out: results to stdout, one line for each expected failure, a traceback only for a bug."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress

import click

from ..errors import InputError, NodemendError
from ..terminal import visible, wrapped

CLEAN, FINDINGS, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


def outcome(run: Callable[[], object]) -> int:
    """The exit code of a run. This is the only place that catches everything."""
    try:
        code = run()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        complain(_usage(error))
        return USAGE
    except NodemendError as error:
        complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        _silence()
        return CLEAN
    except Exception:  # noqa: BLE001
        import traceback

        with suppress(OSError):
            sys.stderr.write(visible_traceback(traceback.format_exc()))
        complain("this is a bug; please report it to the nodemend project with the lines above and the command you ran")
        return BUG
    return code if isinstance(code, int) else CLEAN


def with_streams() -> None:
    """Gives the process the standard streams it was started without: reading finds nothing, writing goes nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  (open till the process ends)


def visible_traceback(text: str) -> str:
    return "".join(f"{visible(line)}\n" for line in text.split("\n") if line)


def _usage(error: click.ClickException) -> str:
    words = " ".join(error.format_message().split())
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{words} ({context.command_path} --help says more)" if context else words


def complain(message: str) -> None:
    _stderr(f"nodemend: error: {visible(message)}\n")


def remark(message: str) -> None:
    _stderr(f"nodemend: {visible(message)}\n")


def columns() -> int:
    """How wide the terminal is."""
    import shutil  # brings three compressors

    return shutil.get_terminal_size().columns


def worst(errors: Iterable[NodemendError]) -> int:
    """The exit code for several failures."""
    return max(error.exit_code for error in errors)


def _stderr(line: str) -> None:
    # Nobody may be listening there any more; the exit code still tells.
    with suppress(OSError):
        if sys.stderr.isatty():
            line = "\n".join(wrapped(line.rstrip("\n"), columns(), "  ")) + "\n"
        sys.stderr.write(line)  # Python gives stderr the error handler backslashreplace
        sys.stderr.flush()


def emit(data: bytes) -> None:
    """Writes the bytes to stdout. A reader that has gone away (`| head`) has seen what it wanted: no error."""
    stream = sys.stdout.buffer
    try:
        stream.write(data)
        stream.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        raise InputError(f"cannot write to stdout: {error.strerror or error}") from None


def _silence() -> None:
    """Sends the rest of stdout nowhere: what Python flushes at its end must not fail again (its docs, SIGPIPE)."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
