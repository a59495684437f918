"""The database of results: SQLite, which several processes may use at once and any of them may be killed in.

Nothing waits for the disk: after a loss of power the file may be damaged. Each row has a checksum of its key and its
data, and one that does not fit is as good as none. What is read is data, whose shape is checked; nothing of it is run.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from ..datatype import dataclass, field
from .place import DATABASE, CacheError, made, trusted_file

T = TypeVar("T")
SCHEMA = 2
APPLICATION = 0x6E6D6E64  # by which SQLite files are told apart
LIMIT = 256 << 20  # bytes
DAY = 86_400
_WAIT = 2.0  # seconds for another process that writes
_MAGIC, _ID = b"SQLite format 3\0", slice(68, 72)  # in the head of each SQLite file
_TABLES = """
CREATE TABLE work (key BLOB PRIMARY KEY, used INTEGER, sum INTEGER, data BLOB);
CREATE TABLE tree (key BLOB PRIMARY KEY, used INTEGER, sum INTEGER, place TEXT, names BLOB, signatures BLOB,
                   report BLOB, packages BLOB);
CREATE TABLE figure (name TEXT PRIMARY KEY, value INTEGER);
"""
_OLDEST = """
SELECT 'tree', key, used, length(names) + length(signatures) + length(report) + length(packages) FROM tree
UNION ALL SELECT 'work', key, used, length(data) FROM work ORDER BY used
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """What was found at some paths: what it depends on, the report, and the same package by package."""

    place: str  # for people
    names: bytes
    signatures: bytes
    report: bytes
    packages: bytes

    @property
    def parts(self) -> tuple[bytes, ...]:
        return self.names, self.signatures, self.report, self.packages


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds; `size` in bytes on disk."""

    size: int = 0
    trees: int = 0
    packages: int = 0
    figures: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Store:
    """Every method raises CacheError when the database cannot be used."""

    folder: Path
    limit: int = LIMIT
    _open: tuple[int, sqlite3.Connection] | None = field(default=None, repr=False)
    _inherited: list[sqlite3.Connection] = field(default_factory=list, repr=False)

    def __reduce__(self) -> tuple[type[Store], tuple[Path, int]]:
        return Store, (self.folder, self.limit)  # each process has a connection of its own

    @property
    def path(self) -> Path:
        return self.folder / DATABASE

    def work(self, key: bytes) -> bytes | None:
        """What became of a package of this key."""
        query = "SELECT sum, data FROM work WHERE key = ?"
        row = self._do(lambda db: db.execute(query, (key,)).fetchone())
        return row[1] if row and _is(row, int, bytes) and row[0] == _sum(key, row[1:]) else None

    def tree(self, key: bytes) -> tuple[Tree, int] | None:
        """What became of a tree of this key, and when that was last used, in seconds since the epoch."""
        query = "SELECT sum, used, place, names, signatures, report, packages FROM tree WHERE key = ?"
        row = self._do(lambda db: db.execute(query, (key,)).fetchone())
        if not row or not _is(row, int, int, str, bytes, bytes, bytes, bytes) or row[0] != _sum(key, row[3:]):
            return None
        return Tree(*row[2:]), row[1]

    def keep(self, works: Iterable[tuple[bytes, bytes]], trees: Iterable[tuple[bytes, Tree]] = ()) -> None:
        """Keeps what became of packages and of trees; what was used longest ago goes when there is no room."""
        now = int(time.time())
        few = [(key, now, _sum(key, (data,)), data) for key, data in works]
        whole = [
            (key, now, _sum(key, tree.parts), tree.place, *tree.parts)
            for key, tree in trees
            if sum(map(len, tree.parts)) < self.limit // 2
        ]

        def write(db: sqlite3.Connection) -> None:
            db.executemany("INSERT OR REPLACE INTO work VALUES (?, ?, ?, ?)", few)
            db.executemany("INSERT OR REPLACE INTO tree VALUES (?, ?, ?, ?, ?, ?, ?, ?)", whole)
            if _size(db) > self.limit:
                _evict(db, self.limit * 3 // 4)

        self._write(write)

    def used(self, trees: Sequence[bytes], works: Sequence[bytes]) -> None:
        """These are of use still."""
        now = int(time.time())

        def write(db: sqlite3.Connection) -> None:
            for table, keys in (("tree", trees), ("work", works)):
                db.executemany(f"UPDATE {table} SET used = ? WHERE key = ?", [(now, key) for key in keys])

        self._write(write)

    def count(self, figures: Iterable[tuple[str, int]]) -> None:
        """Adds to the figures of all runs."""
        query = "INSERT INTO figure VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
        rows = [(name, more) for name, more in figures if more]
        self._write(lambda db: db.executemany(query, rows))

    def contents(self) -> Contents:
        """What there is; nothing where nothing was kept yet."""
        if not self.path.exists():
            return Contents()

        def read(db: sqlite3.Connection) -> Contents:
            trees, packages = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("tree", "work"))
            figures = db.execute("SELECT name, value FROM figure ORDER BY name").fetchall()
            return Contents(_size(db), trees, packages, tuple(row for row in figures if _is(row, str, int)))

        return self._do(read)

    def prune(self, seconds: float) -> int:
        """Takes out what was not used for so long; how many that were."""
        before = int(time.time() - seconds)

        def write(db: sqlite3.Connection) -> int:
            return sum(
                db.execute(f"DELETE FROM {table} WHERE used <= ?", (before,)).rowcount for table in ("tree", "work")
            )

        return self._write(write) if self.path.exists() else 0

    def close(self) -> None:
        if self._open and self._open[0] == os.getpid():
            with suppress(sqlite3.Error):
                self._open[1].close()
        self._open = None

    def _write(self, write: Callable[[sqlite3.Connection], T]) -> T:
        def at_once(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                result = write(db)
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise
            return result

        return self._do(at_once)

    def _do(self, what: Callable[[sqlite3.Connection], T]) -> T:
        """Does something with the database, anew where it turns out to be damaged."""
        try:
            try:
                return what(self._connection())
            except sqlite3.DatabaseError as error:
                if not _damaged(error) or not _ours(self._head()):
                    raise
                self._removed()
                return what(self._connection())
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise CacheError(f"{self.path}: {_words(error)}") from None

    def _connection(self) -> sqlite3.Connection:
        pid = os.getpid()
        if self._open and self._open[0] == pid:
            return self._open[1]
        if self._open:  # by the process that this one was forked from, which goes on using it
            self._inherited.append(self._open[1])
        made(self.folder)
        self._checked()
        # Nothing else than this file's rows is made of what it holds: no schema of a stranger is trusted.
        db = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
        try:
            _prepare(db)
        except BaseException:
            db.close()
            raise
        self._open = pid, db
        return db

    def _checked(self) -> None:
        """Raises CacheError for a file that is none of ours, so that nobody's data is lost."""
        if os.path.lexists(self.path):
            trusted_file(self.path)
            if (head := self._head()) and not _ours(head):
                raise CacheError(f"{self.path} is no cache of nodemend; `nodemend cache clear` removes it")

    def _head(self) -> bytes:
        """Its first bytes, read once: another process may write it, or empty it, in between."""
        with open(self.path, "rb") as file:
            return file.read(100)

    def _removed(self) -> None:
        self.close()
        for name in (f"{DATABASE}-journal", DATABASE):
            (self.folder / name).unlink(missing_ok=True)


def _ours(head: bytes) -> bool:
    return head.startswith(_MAGIC) and head[_ID] == APPLICATION.to_bytes(4)


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = TRUNCATE")  # no file comes and goes, which would change the folder
    if _version(db) == (APPLICATION, SCHEMA):
        return
    db.execute("BEGIN")
    db.execute("PRAGMA auto_vacuum = FULL")  # writes the head of a new file, which has to come with whose file it is
    if _version(db) != (APPLICATION, SCHEMA):  # another process may have been quicker
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            db.execute('DROP TABLE "' + table.replace('"', '""') + '"')
        for statement in _TABLES.split(";")[:-1]:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {SCHEMA}")
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> tuple[int, int]:
    return tuple(db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))


def _size(db: sqlite3.Connection) -> int:
    with closing(db.cursor()) as cursor:
        pages, each = (cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages) * int(each)


def _evict(db: sqlite3.Connection, limit: int) -> None:
    """Takes out what was used longest ago, until what is left takes so many bytes."""
    rows = db.execute(_OLDEST).fetchall()
    left = sum(row[3] for row in rows)
    for table, key, _, size in rows:
        if left <= limit:
            return
        db.execute(f"DELETE FROM {table} WHERE key = ?", (key,))
        left -= size


def _sum(key: bytes, parts: Iterable[bytes]) -> int:
    value = zlib.crc32(key)
    for part in parts:
        value = zlib.crc32(part, zlib.crc32(len(part).to_bytes(8), value))
    return value


def _is(row: Sequence[object], *types: type) -> bool:
    return len(row) == len(types) and all(type(value) is kind for value, kind in zip(row, types, strict=True))


def _damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is the trouble: what stands in it, not who may write it or how full the disk is."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _words(error: sqlite3.Error | OSError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
