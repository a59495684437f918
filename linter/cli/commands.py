"""The commands by name, each imported when it is asked for: one command need not wait for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click


class Commands(MutableMapping[str, click.Command]):
    """A mapping of names to commands, given the module of this package that each is in, under its own name."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = dict(modules)

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(import_module(f".{self._modules[name]}", __package__), name)
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        raise TypeError(f"{name}: a command is found by its module")

    def __delitem__(self, name: str) -> None:
        del self._modules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules
