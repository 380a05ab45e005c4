"""A TOML file that people write too: changed whole or not at all, and never over somebody else's change.

A change takes a lock on the folder, reads the newest text, cuts itself into it and puts the result in the file's place
by a rename. Mode, owner and symbolic links stay. A program that knows nothing of the lock can only slip in between the
last look and the rename; everything before that is seen, and the change is made again on the newer text.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.errors import ConductorError
from conductor_tui.domain.troubles import Trouble
from conductor_tui.settings.toml_read import Key, TomlFileError, Value, data_of, value_at
from conductor_tui.settings.toml_text import changed, dotted

LOCK_SECONDS = 5.0
ROUNDS = 50
"""How often a change is made again because another program wrote the file meanwhile."""


class AnyValue:
    """In place of a value: whatever it is."""


ANY = AnyValue()


class Edit(Struct, frozen=True):
    """One key's new value; None takes the key out."""

    key: Key
    value: Value
    seen: Value | AnyValue = ANY
    """The value that whoever asks for the change saw (None: the key was not there); another one is a conflict."""


class KeyConflict(ConductorError):
    """Somebody else changed the same key; nothing was changed. None stands for a key that is not there."""

    def __init__(self, edit: Edit, theirs: Value) -> None:
        super().__init__(f"{dotted(edit.key)} was changed meanwhile")
        self.key = edit.key
        self.theirs = theirs
        self.ours = edit.value


def change_file(path: Path, edits: Sequence[Edit]) -> None:
    """Makes all edits in a file, or none; a file and folders that are not there are made, for the user alone.

    Raises:
        KeyConflict: somebody else changed one of the keys since it was seen.
        TomlFileError: the file is broken, protected or busy.
        NotEditable: a key names a table, or stands within a list.
    """
    target = Path(os.path.realpath(path))
    try:
        _make_folders(target.parent)
        with _locked(target.parent):
            for _ in range(ROUNDS):
                before = bytes_of(target)
                after = _edited(before or b"", edits, target)
                if after == before or (before is None and not after):
                    return
                if put(target, before, after):
                    return
    except OSError as error:
        raise TomlFileError(_refused(target, error)) from error
    raise TomlFileError(Trouble("The file is being written all the time", str(target), ("Try it again.",)))


def _refused(path: Path, error: OSError) -> Trouble:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Trouble("The file is protected", f"{path}: {error.strerror}", ("See who may write it: ls -l",))
    return Trouble("The file cannot be written", f"{path}: {error.strerror}")


def bytes_of(path: Path) -> bytes | None:
    """What a file holds; None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _edited(raw: bytes, edits: Sequence[Edit], path: Path) -> bytes:
    """The file with all edits.

    Raises:
        KeyConflict, TomlFileError, NotEditable: as `change_file`.
    """
    data = data_of(raw, path)
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    text = raw.removeprefix(mark).decode("utf-8")
    for edit in edits:
        theirs = value_at(data, edit.key)
        if not isinstance(edit.seen, AnyValue) and theirs not in (edit.seen, edit.value):
            raise KeyConflict(edit, theirs)
        if edit.value is not None or theirs is not None:
            text = changed(text, edit.key, edit.value)
    return mark + text.encode("utf-8")


def _make_folders(folder: Path) -> None:
    """Missing folders, each for the user alone."""
    for missing in reversed([f for f in (folder, *folder.parents) if not f.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone in a folder among all that take this lock; it leaves no file behind and ends with the process.

    File systems that lock no folders (some network ones) go without: there, the last look before the rename is all.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for pause in lock_attempts(handle, folder):
            time.sleep(pause)
        yield
    finally:
        os.close(handle)


def lock_attempts(handle: int, folder: Path) -> Iterator[float]:
    """Locks an open folder, until it is closed. Yields the seconds to wait before each further attempt.

    Raises:
        TomlFileError: somebody else keeps it locked.
    """
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                steps = ("Try it again; if it stays so, another conductor-tui hangs.",)
                raise TomlFileError(
                    Trouble("Another program holds the settings", f"{folder} is locked", steps)
                ) from None
        except OSError:
            return
        yield 0.005


def put(target: Path, before: bytes | None, after: bytes, like: os.stat_result | None = None) -> bool:
    """Puts the text in the file's place, all of it or nothing; mode and owner stay, a new one is the user's only.

    False: the file is no longer what it was `before` (None: not there), and nothing has changed. `target` is no link.
    `like`: mode and owner that it gets instead.

    Raises:
        OSError
    """
    if before is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "write-protected")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            if before is not None:
                _look_like(file.fileno(), like or target.stat())
            file.flush()
            os.fsync(file.fileno())
        if bytes_of(target) != before:
            return False
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    _keep_name(target.parent)
    return True


def _look_like(handle: int, was: os.stat_result) -> None:
    """Mode and owner of the file that is replaced."""
    now = os.fstat(handle)
    if (now.st_uid, now.st_gid) != (was.st_uid, was.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(handle, was.st_uid, was.st_gid)
    os.fchmod(handle, stat.S_IMODE(was.st_mode))


def _keep_name(folder: Path) -> None:
    """A rename lasts through a power cut once its folder is on the disk; file systems without that go without."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
