"""The file of one trail: opened, locked, recovered after a crash, appended to. It blocks.

Nothing here knows of threads: one thread at a time may use a TrailFile. Every error of the system
is raised as TrailUnwritable, in words that name the file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ippgate.audit.line import FIRST_PREV, Position, chain
from ippgate.audit.tail import Tail, read_tail
from ippgate.exchange.ports import TrailUnwritable

MODE = 0o640
"""Readable by the group that reviews, by nobody else."""
_OPEN_TRIES = 3
"""A file may be rotated away between opening and locking it: once is chance, thrice is not."""


class Mark(NamedTuple):
    """A place that the trail can be taken back to: ``end`` in octets, and the chain there."""

    end: int
    position: Position


class Opened(NamedTuple):
    """How a file was found.

    ``reason``: ``new``, ``restart`` (it was closed in good order), ``crash`` (it was not),
    ``rotated`` (an empty file is where the trail was), ``changed`` (somebody else wrote to it or
    cut it). ``previous``: hash of the line before, wherever that stands. ``torn``: octets of a line
    that was not finished, and were moved out of the way.
    """

    reason: str
    previous: str
    torn: bytes

    def detail(self) -> dict[str, object]:
        """Members for the record that opens the stream."""
        detail: dict[str, object] = {"reason": self.reason}
        if self.previous != FIRST_PREV:
            detail["previous"] = self.previous
        if self.torn:
            digest = hashlib.sha256(self.torn).hexdigest()
            detail["torn"] = {"octets": len(self.torn), "sha256": digest}
        return detail


class TrailFile:
    """Appends chained lines to one file, all of them or none.

    ``stream``: what a new stream is called. A file that has one keeps it; when ``required``, one of
    another name is an error.
    """

    def __init__(self, path: Path, stream: str, *, required: bool = False) -> None:
        self.path = path
        self._required = required
        self._fd: int | None = None
        self._identity = (0, 0)
        self._at = Mark(0, Position(stream, 0, FIRST_PREV))
        self._surplus = False
        self._begun = False

    @property
    def mark(self) -> Mark:
        """Where the trail stands."""
        return self._at

    @property
    def is_open(self) -> bool:
        return self._fd is not None

    def open(self) -> Opened:
        """Opens, locks and recovers the file; creates it, but not its folder.

        One that is open already (it was rotated) is synced and closed first.
        """
        if self._fd is not None:
            with suppress(TrailUnwritable):
                self.sync()
            self.close()
        with self._words("open"):
            fd = self._open_locked()
        try:
            with self._words("recover"):
                opened = self._recover(fd)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return opened

    def in_place(self) -> bool:
        """Whether the file is still at its path, and ends where this trail ended it.

        When it is not (rotated, removed, cut, written to by somebody else), open it again.
        """
        if self._fd is None:
            return False
        if self._surplus:
            with self._words("cut"):
                os.ftruncate(self._fd, self._at.end)
            self._surplus = False
        with self._words("look at"):
            try:
                found = os.stat(self.path)
            except FileNotFoundError:
                found = None
        return (
            found is not None
            and (found.st_dev, found.st_ino) == self._identity
            and found.st_size == self._at.end
        )

    def append(self, bodies: Sequence[bytes], keep: int = 0) -> Mark:
        """Writes one line for each body (``line.encode``), with one write.

        Returns the place after the first ``keep`` lines. On an error nothing of it stays.
        """
        assert self._fd is not None, "append to a trail that is not open"
        before = kept = self._at
        lines: list[bytes] = []
        end, position = before
        for number, body in enumerate(bodies, 1):
            line, position = chain(body, position)
            lines.append(line)
            end += len(line)
            if number == keep:
                kept = Mark(end, position)
        octets = b"".join(lines)
        try:
            with self._words("write"):
                _write_all(self._fd, octets)
        except TrailUnwritable:
            self.back_to(before)
            raise
        self._at = Mark(end, position)
        self._begun = True
        return kept

    def sync(self) -> None:
        """Returns when all that was appended is on the disk."""
        assert self._fd is not None, "sync of a trail that is not open"
        with self._words("sync"):
            os.fdatasync(self._fd)

    def back_to(self, mark: Mark) -> None:
        """Takes back what was appended after ``mark``. If the disk refuses even that, it is done
        before anything else is written."""
        self._at = mark
        self._surplus = True
        if self._fd is not None:
            with suppress(OSError):
                os.ftruncate(self._fd, mark.end)
                self._surplus = False

    def close(self) -> None:
        """Closes and unlocks the file."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            with self._words("close"):
                os.close(fd)

    # --- opening ----------------------------------------------------------------------------------

    def _open_locked(self) -> int:
        for _ in range(_OPEN_TRIES):
            created = not self.path.exists()
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
            fd = os.open(self.path, flags, MODE)
            try:
                found = os.fstat(fd)
                if not stat.S_ISREG(found.st_mode):
                    raise TrailUnwritable(f"{self.path} is not a regular file")
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if created:
                    _sync_folder(self.path.parent)
                if _same(self.path, found):
                    self._identity = (found.st_dev, found.st_ino)
                    return fd
            except BlockingIOError:
                os.close(fd)
                raise TrailUnwritable(
                    f"{self.path} is in use by another gateway: give each a file of its own"
                ) from None
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)
        raise TrailUnwritable(f"{self.path} is replaced faster than it can be opened")

    def _recover(self, fd: int) -> Opened:
        tail = read_tail(fd)
        if tail.last is None and tail.end > 0:
            raise TrailUnwritable(
                f"{self.path} holds something else than a trail: move it away, or name another file"
            )
        if tail.torn:
            self._set_aside(tail.torn)
            os.ftruncate(fd, tail.end)
            os.fsync(fd)
        before = self._at.position
        last = tail.last.position if tail.last is not None else None
        if last is not None and last.stream != before.stream:
            if self._required or self._begun:
                raise TrailUnwritable(
                    f"{self.path} holds the stream {last.stream}, not {before.stream}: "
                    "move it away, or name another file"
                )
        # Once it was open, the chain goes on from what this process wrote, not from what somebody
        # left of it: then a verification shows what they took away.
        position = before if self._begun else last or before
        self._at = Mark(tail.end, position)
        return Opened(self._reason(tail), position.hash, tail.torn)

    def _reason(self, tail: Tail) -> str:
        if self._begun:
            return "rotated" if tail.last is None else "changed"
        if tail.last is None:
            return "new"
        return "restart" if tail.last.event == "stream.closed" and not tail.torn else "crash"

    def _set_aside(self, torn: bytes) -> None:
        """Keeps what a crash left of a line, beside the trail."""
        path = self.path.with_name(self.path.name + ".torn")
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(path, flags, MODE)
        try:
            end = os.fstat(fd).st_size
            try:
                _write_all(fd, torn + b"\n")
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, end)
                raise
        finally:
            os.close(fd)

    def _words(self, doing: str) -> _Words:
        return _Words(doing, self.path)


class _Words:
    """Within it, an OSError becomes a TrailUnwritable that says what could not be done."""

    def __init__(self, doing: str, path: Path) -> None:
        self._doing = doing
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OSError):
            words = f"cannot {self._doing} {error.filename or self._path}: {error.strerror}"
            if isinstance(error, FileNotFoundError):
                words += f" (create the folder {self._path.parent} first)"
            raise TrailUnwritable(words) from error


def _write_all(fd: int, octets: bytes) -> None:
    """A disk that fills takes a part first, and says why only when it is asked for the rest."""
    view = memoryview(octets)
    while view:
        view = view[os.write(fd, view) :]


def _same(path: Path, found: os.stat_result) -> bool:
    try:
        now = os.stat(path)
    except FileNotFoundError:
        return False
    return (now.st_dev, now.st_ino) == (found.st_dev, found.st_ino)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
