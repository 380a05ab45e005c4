"""A TOML file that people edit too: changed whole or not at all, and never over another program's change.

A change takes a lock on the folder, reads the newest text, cuts itself into it and puts the result in the file's place
by a rename. Mode, owner and symbolic links stay. A program that knows nothing of the lock can only slip in between the
last look and the rename; everything before that is seen, and the change is made again on the newer text.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.errors import ConductorError
from conductor_tui.domain.problems import Trouble
from conductor_tui.fileio.atomic import read_or_none, replace_file
from conductor_tui.fileio.locks import try_lock
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
    """Another program changed the same key; nothing was written. None: the key is not there."""

    def __init__(self, edit: Edit, theirs: Value) -> None:
        super().__init__(f"{dotted(edit.key)} changed meanwhile")
        self.key = edit.key
        self.theirs = theirs
        self.ours = edit.value


def change_file(path: Path, edits: Sequence[Edit]) -> None:
    """Makes all edits in a file, or none; a file and folders that are not there are made, for the user alone.

    Raises:
        KeyConflict: another program changed one of the keys since it was seen.
        TomlFileError: the file is broken, protected or busy.
        NotEditable: a key names a table, or is inside a list.
    """
    target = Path(os.path.realpath(path))
    try:
        _make_folders(target.parent)
        with _lock(target.parent):
            for _ in range(ROUNDS):
                before = read_or_none(target)
                after = _edited(before or b"", edits, target)
                if after == before or (before is None and not after):
                    return
                if replace_file(target, before, after):
                    return
    except OSError as error:
        raise TomlFileError(_refused(target, error)) from error
    raise TomlFileError(Trouble("The file keeps changing. The edit was not applied", str(target), ("Try again.",)))


def _refused(path: Path, error: OSError) -> Trouble:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Trouble(
            "No permission to write the file", f"{path}: {error.strerror}", ("Check its owner and mode: ls -l",)
        )
    return Trouble("Could not write the file", f"{path}: {error.strerror}")


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


def _lock(folder: Path) -> contextlib.AbstractContextManager[object]:
    """Alone in a folder among all that take this lock, which leaves no file behind.

    File systems that lock no folders (some network ones) go without: there, the last look before the rename is all.
    """
    try:
        lock = try_lock(folder, wait=LOCK_SECONDS, creates=False)
    except OSError:
        return contextlib.nullcontext()
    if lock is None:
        steps = ("Try again. If it stays locked, another conductor-tui hangs.",)
        raise TomlFileError(Trouble("Another program has locked the settings", f"{folder} is locked", steps))
    return lock
