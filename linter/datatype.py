"""Data classes that cost next to nothing until there are many objects of theirs.

`dataclass`, `field` and `replace` are used, and seen by a type checker, as those of the standard library. That one
compiles six functions for each class when its module is imported, half a millisecond each time: for a run on a single
file that was as long as Python itself and the command line took to start. Here classes share these functions, and a
class has its own `__init__` compiled when some objects of it have been made.

Of the options there are those in the signatures below. `dataclasses.fields`, `asdict` and `replace` take these classes,
too: what they ask for is made when they do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["dataclass", "field", "names", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    from inspect import get_annotations
    from operator import attrgetter
    from reprlib import recursive_repr

    _MISSING = object()
    _FEW = 16  # objects; to compile an __init__ takes as long as to make so many without

    class _Field:
        __slots__ = ("compare", "default", "factory", "init", "repr")

        def __init__(self, default, factory=_MISSING, init=True, shown=True, compare=True):
            self.default, self.factory = default, factory
            self.init, self.repr, self.compare = init, shown, compare

    def field(*, default=_MISSING, default_factory=_MISSING, init=True, repr=True, compare=True):  # noqa: A002
        return _Field(default, default_factory, init, repr, compare)

    def dataclass(*, frozen=False, slots=False, eq=True, order=False):
        def made(cls):
            own = {name: _field(cls, name) for name in get_annotations(cls)}
            about = {}
            for base in reversed(cls.__mro__[1:]):
                about |= base.__dict__.get("_fields_of_data", {})
            about |= own
            cls = _slotted(cls, own, about) if slots else _with_defaults(cls, own)
            cls._fields_of_data = about
            cls.__dataclass_fields__ = _Standard("__dataclass_fields__", frozen, eq, order)
            cls.__dataclass_params__ = _Standard("__dataclass_params__", frozen, eq, order)
            _add(cls, "__match_args__", tuple(name for name, one in about.items() if one.init))
            _add(cls, "__repr__", _repr)
            _add(cls, "__init__", _first_init(cls, about, frozen))
            if eq:
                _add_comparing(cls, tuple(name for name, one in about.items() if one.compare), frozen, order)
            if frozen:
                cls.__setattr__, cls.__delattr__ = _set, _delete
                if slots:
                    _add(cls, "__getstate__", _state)
                    _add(cls, "__setstate__", _set_state)
            return cls

        return made

    def replace(of, /, **changes):
        for name, one in of._fields_of_data.items():
            if one.init and name not in changes:
                changes[name] = getattr(of, name)
        return of.__class__(**changes)

    def _field(cls, name):
        default = cls.__dict__.get(name, _MISSING)
        return default if isinstance(default, _Field) else _Field(default)

    def _add(cls, name, value):
        if name not in cls.__dict__:
            setattr(cls, name, value)

    def _slotted(cls, own, about):
        """A class with slots has to be made as one."""
        inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__slots__", ())}
        names = {"__dict__", "__weakref__", *about}
        inside = {name: value for name, value in cls.__dict__.items() if name not in names}
        inside["__slots__"] = tuple(name for name in own if name not in inherited)
        slotted = type(cls)(cls.__name__, cls.__bases__, inside)
        slotted.__qualname__ = cls.__qualname__
        return slotted

    def _with_defaults(cls, own):
        for name, one in own.items():
            if one.default is not _MISSING:
                setattr(cls, name, one.default)
            elif name in cls.__dict__:
                delattr(cls, name)
        return cls

    def _add_comparing(cls, names, frozen, order):
        values = attrgetter(*names) if len(names) > 1 else lambda of: tuple([getattr(of, name) for name in names])

        def equal(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        _add(cls, "__eq__", equal)
        if cls.__dict__.get("__hash__") is None:  # as it is, too, in a class that says what is equal
            cls.__hash__ = (lambda self: hash(values(self))) if frozen else None
        if order:
            _add_order(cls, values)

    def _add_order(cls, values):
        def less(self, other):
            return values(self) < values(other) if other.__class__ is self.__class__ else NotImplemented

        def greater(self, other):
            return values(self) > values(other) if other.__class__ is self.__class__ else NotImplemented

        def at_most(self, other):
            return values(self) <= values(other) if other.__class__ is self.__class__ else NotImplemented

        def at_least(self, other):
            return values(self) >= values(other) if other.__class__ is self.__class__ else NotImplemented

        cls.__lt__, cls.__gt__, cls.__le__, cls.__ge__ = less, greater, at_most, at_least

    def _first_init(cls, about, frozen):
        """What makes the first objects, which most classes have no more of in a short run: slowly, but uncompiled."""
        settable = tuple(name for name, one in about.items() if one.init)
        finishes = hasattr(cls, "__post_init__")
        made = 0

        def __init__(self, *given, **named):
            nonlocal made
            made += 1
            values = _bound(about, settable, given, named) if made <= _FEW else None
            if values is None:
                cls.__init__ = init = _compiled_init(cls, about, frozen)
                init(self, *given, **named)
                return
            for name, value in values.items():
                object.__setattr__(self, name, value)
            if finishes:
                self.__post_init__()

        return __init__

    def _bound(about, settable, given, named):
        """The values of fields; None where the arguments do not fit, for which the compiled function has the words."""
        if len(given) > len(settable):
            return None
        values = dict(zip(settable, given, strict=False))
        unused = len(named)
        for name, one in about.items():
            if name in values:
                continue
            if one.init and name in named:
                values[name] = named[name]
                unused -= 1
            elif one.default is not _MISSING:
                values[name] = one.default
            elif one.factory is not _MISSING:
                values[name] = one.factory()
            elif one.init:
                return None
        return None if unused else values

    def _compiled_init(cls, about, frozen):
        inside = {"_missing": _MISSING, "_set": object.__setattr__}
        arguments, lines = ["self"], []
        for name, one in about.items():
            if one.default is not _MISSING:
                inside[f"_default_{name}"] = one.default
            value = name if one.init else f"_default_{name}"
            default = "" if one.default is _MISSING else f"=_default_{name}"
            if one.factory is not _MISSING:
                inside[f"_make_{name}"] = one.factory
                value = f"_make_{name}() if {name} is _missing else {name}" if one.init else f"_make_{name}()"
                default = "=_missing"
            if one.init:
                arguments.append(name + default)
            elif not default:
                continue  # __post_init__ sets it
            lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            lines.append("self.__post_init__()")
        exec(f"def __init__({', '.join(arguments)}):\n " + "\n ".join(lines or ["pass"]), inside)
        made = inside["__init__"]
        made.__qualname__, made.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
        return made

    @recursive_repr()
    def _repr(self):
        shown = (f"{name}={getattr(self, name)!r}" for name, one in self._fields_of_data.items() if one.repr)
        return f"{self.__class__.__qualname__}({', '.join(shown)})"

    def _set(_self, name, _value):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _delete(_self, name):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _state(self):
        return [getattr(self, name) for name in self._fields_of_data]

    def _set_state(self, state):
        for name, value in zip(self._fields_of_data, state, strict=True):
            object.__setattr__(self, name, value)

    class _Standard:
        """What the standard library keeps with its data classes, made when it asks for it."""

        __slots__ = ("eq", "frozen", "name", "order")

        def __init__(self, name, frozen, eq, order):
            self.name, self.frozen, self.eq, self.order = name, frozen, eq, order

        def __get__(self, _of, cls):
            import dataclasses

            inside = {"__annotations__": {}, "__module__": cls.__module__}
            for base in reversed(cls.__mro__):
                types = get_annotations(base)
                inside["__annotations__"] |= {name: types[name] for name in types if name in cls._fields_of_data}
            for name, one in cls._fields_of_data.items():
                given = {"default": one.default, "default_factory": one.factory}
                given = {key: value for key, value in given.items() if value is not _MISSING}
                inside[name] = dataclasses.field(init=one.init, repr=one.repr, compare=one.compare, **given)
            made = dataclasses.dataclass(frozen=self.frozen, eq=self.eq, order=self.order)
            return getattr(made(type(cls.__name__, (), inside)), self.name)


def names(cls: type) -> tuple[str, ...]:
    """The names of a data class's fields, in order."""
    return tuple(getattr(cls, "_fields_of_data", ()))
