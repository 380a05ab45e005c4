"""What is kept between starts: drafts, prompts, which session was open, what was decided. SQLite, the user's only.

Codex's own history stays Codex's. Reads happen at start or on request; writes go to one thread, in order, and several
windows may write at once. The file has a version (`PRAGMA user_version`): an older one is copied aside before it is
brought up to date, a newer one is left alone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from conductor_tui.domain.approvals import Decided
from conductor_tui.domain.controls import SessionSettings, SettingsUpdate, WayBack
from conductor_tui.fileio.locks import try_lock

log = logging.getLogger(__name__)

T = TypeVar("T")

MIGRATIONS = (
    """
    CREATE TABLE draft (owner TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE TABLE last_session (root TEXT PRIMARY KEY, thread_id TEXT NOT NULL) STRICT;
    CREATE TABLE plan_sandbox (thread_id TEXT PRIMARY KEY, policy TEXT NOT NULL) STRICT;
    CREATE TABLE prompt (id INTEGER PRIMARY KEY, root TEXT NOT NULL, text TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE unread (thread_id TEXT PRIMARY KEY) STRICT;
    CREATE TABLE window (root TEXT PRIMARY KEY, is_diff_open INTEGER NOT NULL) STRICT;
    CREATE TABLE decision (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, thread_id TEXT NOT NULL,
        asked TEXT NOT NULL, answer TEXT NOT NULL, words TEXT NOT NULL
    ) STRICT;
    """,
    "CREATE TABLE way_back (thread_id TEXT PRIMARY KEY, settings TEXT NOT NULL, has_begun INTEGER NOT NULL) STRICT;",
    """
    CREATE TABLE plan_comment (
        thread_id TEXT NOT NULL, plan_id TEXT NOT NULL, step INTEGER NOT NULL, step_hash TEXT NOT NULL,
        text TEXT NOT NULL, PRIMARY KEY (thread_id, plan_id, step)
    ) STRICT;
    CREATE TABLE plan_settled (
        thread_id TEXT NOT NULL, plan_id TEXT NOT NULL, PRIMARY KEY (thread_id, plan_id)
    ) STRICT;
    """,
    "CREATE TABLE trust_put_off (root TEXT PRIMARY KEY) STRICT;",
    """
    CREATE TABLE trusted_script (
        root TEXT NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (root, digest)
    ) STRICT;
    """,
    """
    CREATE TABLE repository (root BLOB PRIMARY KEY, name BLOB NOT NULL, added_at INTEGER NOT NULL) STRICT;
    CREATE TABLE workspace (
        id TEXT PRIMARY KEY, repository BLOB NOT NULL, name BLOB NOT NULL, path BLOB NOT NULL,
        is_local INTEGER NOT NULL, branch BLOB NOT NULL, base BLOB NOT NULL, made_by_us INTEGER NOT NULL,
        made_branch INTEGER NOT NULL, title BLOB NOT NULL, is_pinned INTEGER NOT NULL, created_at INTEGER NOT NULL,
        port INTEGER NOT NULL, state TEXT NOT NULL, salvage BLOB NOT NULL, head TEXT NOT NULL,
        archived_at INTEGER NOT NULL, trouble BLOB NOT NULL, UNIQUE (repository, name)
    ) STRICT;
    CREATE UNIQUE INDEX workspace_path ON workspace (path) WHERE state <> 'archived';
    CREATE UNIQUE INDEX workspace_port ON workspace (port) WHERE port <> 0;
    CREATE UNIQUE INDEX workspace_new_branch ON workspace (repository, branch)
        WHERE state = 'creating' AND made_branch = 1 AND salvage = x'';
    """,
    """
    CREATE TABLE race (
        id TEXT PRIMARY KEY, prompt BLOB NOT NULL, start TEXT NOT NULL, made_at INTEGER NOT NULL, winner TEXT NOT NULL
    ) STRICT;
    CREATE TABLE race_member (
        race_id TEXT NOT NULL, workspace_id TEXT NOT NULL, model TEXT NOT NULL, effort TEXT, thread_id TEXT NOT NULL,
        PRIMARY KEY (race_id, workspace_id)
    ) STRICT;
    """,
    """
    DROP INDEX workspace_new_branch;
    ALTER TABLE workspace RENAME COLUMN made_branch TO is_branch_made;
    ALTER TABLE workspace ADD COLUMN made_branch BLOB NOT NULL DEFAULT x'';
    UPDATE workspace SET made_branch = branch WHERE is_branch_made = 1;
    ALTER TABLE workspace DROP COLUMN is_branch_made;
    CREATE UNIQUE INDEX workspace_new_branch ON workspace (repository, branch)
        WHERE state = 'creating' AND made_branch <> x'' AND salvage = x'';
    """,
    """
    CREATE TABLE outgoing (
        client_id TEXT PRIMARY KEY, owner TEXT NOT NULL, thread_id TEXT NOT NULL, turn_id TEXT NOT NULL,
        text BLOB NOT NULL, window TEXT NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE seen_turn (thread_id TEXT PRIMARY KEY, turn_id TEXT NOT NULL) STRICT;
    CREATE TABLE left_place (root TEXT PRIMARY KEY, folder BLOB NOT NULL, main_folder BLOB NOT NULL) STRICT;
    """,
    """
    CREATE TABLE thread_usage (thread_id TEXT PRIMARY KEY, usage TEXT NOT NULL) STRICT;
    CREATE TABLE turn_memory (
        thread_id TEXT NOT NULL, turn_id TEXT NOT NULL, tokens_before INTEGER, tokens_after INTEGER, cut BLOB NOT NULL,
        PRIMARY KEY (thread_id, turn_id)
    ) STRICT;
    """,
    "CREATE TABLE change_count (count INTEGER NOT NULL) STRICT; INSERT INTO change_count VALUES (0);"
    + "".join(
        f"CREATE TRIGGER {table}_{event} AFTER {event} ON {table} BEGIN UPDATE change_count SET count = count + 1; END;"
        for table in ("repository", "workspace", "race", "race_member")
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
    """
    ALTER TABLE way_back ADD COLUMN last_turn TEXT NOT NULL DEFAULT '';
    CREATE TABLE before_plan (thread_id TEXT PRIMARY KEY, permissions TEXT NOT NULL) STRICT;
    INSERT INTO before_plan SELECT thread_id, '{"sandbox":' || policy || '}' FROM plan_sandbox;
    DROP TABLE plan_sandbox;
    """,
)
"""Each brings the file one version further; never edited, only added to."""
FILE = "store.sqlite3"
_PROMPTS_KEPT = 200
_TIMEOUT = 5.0
"""Seconds to wait for another window's lock."""


class Store:
    """The database in the user's state directory. Losing it loses drafts, never Codex's sessions.

    A database that cannot be used is set aside, and a new one begins: the app starts in any case, and `trouble` says
    what happened.
    """

    def __init__(self, path: Path) -> None:
        self.trouble = ""
        self.on_trouble: Callable[[str], object] = lambda trouble: None
        """Called from the writing thread when something could not be kept."""
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._is_on_disk = False
        with _alone(path):
            self._db = self._opened(path)
        self.shared = self._db, self._writer
        """The connection that writes, and the thread that it is used in: for the stores of other subjects."""
        (_, _, file) = self._db.execute("PRAGMA database_list").fetchone()
        self.reading = _reader(path) if file else self._db
        """The connection for questions on the event loop: it waits for nobody who writes."""

    def _opened(self, path: Path) -> sqlite3.Connection:
        try:
            opened = _open(path)
            self._is_on_disk = True
            return opened
        except _TooNew as error:
            self.trouble = f"{path} was written by a newer conductor-tui ({error}); drafts are not saved by this one."
        except sqlite3.OperationalError as error:  # locked, read-only, disk full: the file itself may be sound
            self.trouble = f"Drafts cannot be saved: {path}: {error}."
        except sqlite3.DatabaseError as error:
            return self._set_aside(path, error)
        except OSError as error:
            self.trouble = f"Drafts cannot be saved: {path}: {error}."
        return _open(None)

    def _set_aside(self, path: Path, error: sqlite3.Error) -> sqlite3.Connection:
        log.warning("store %s unusable: %s", path, error)
        aside = path.with_suffix(".broken")
        try:
            path.replace(aside)
            for rest in ("-wal", "-shm"):
                path.with_name(path.name + rest).unlink(missing_ok=True)
            opened = _open(path)
        except (OSError, sqlite3.Error) as second:
            self.trouble = f"Drafts cannot be saved: {path}: {second}."
            return _open(None)
        self.trouble = f"Saved drafts could not be read ({error}). The old file is kept as {aside}."
        return opened

    def draft(self, owner: str) -> str:
        """The draft of a session (its thread id) or of a repository's new session; empty when there is none."""
        row = self.read("SELECT text FROM draft WHERE owner = ?", owner)
        return str(row[0]) if row else ""

    def keep_draft(self, owner: str, text: str) -> None:
        """Keeps a draft; an empty one is forgotten."""
        if text:
            self.write(
                "INSERT INTO draft VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET text = excluded.text", owner, text
            )
        else:
            self.write("DELETE FROM draft WHERE owner = ?", owner)

    def last_session(self, root: Path) -> str:
        """Thread id of the session that was open last in a repository; empty when there is none."""
        row = self.read("SELECT thread_id FROM last_session WHERE root = ?", _key(root))
        return str(row[0]) if row else ""

    def keep_last_session(self, root: Path, thread_id: str) -> None:
        """Remembers which session is open in a repository."""
        self.write(
            "INSERT INTO last_session VALUES (?, ?) ON CONFLICT (root) DO UPDATE SET thread_id = excluded.thread_id",
            _key(root),
            thread_id,
        )

    def left_place(self, root: Path) -> tuple[Path, Path] | None:
        """The folder that a window which was started in `root` was left in, and its main worktree's."""
        row = self.read("SELECT folder, main_folder FROM left_place WHERE root = ?", _key(root))
        return (Path(os.fsdecode(row[0])), Path(os.fsdecode(row[1]))) if row else None

    def keep_left_place(self, root: Path, folder: Path, main_folder: Path) -> None:
        """Remembers where a window is, for the next one that is started in `root`."""
        place = os.fsencode(folder), os.fsencode(main_folder)
        self.write("INSERT OR REPLACE INTO left_place VALUES (?, ?, ?)", _key(root), *place)

    def prompts(self, root: Path) -> list[str]:
        """Prompts sent in a repository, oldest first."""
        rows = self.reading.execute("SELECT text FROM prompt WHERE root = ? ORDER BY id", (_key(root),))
        return [str(row[0]) for row in rows]

    def keep_prompt(self, root: Path, text: str) -> None:
        """Adds to the prompts of a repository; the oldest beyond 200 go."""
        self.write("INSERT INTO prompt (root, text) VALUES (?, ?)", _key(root), text)
        self.write(
            "DELETE FROM prompt WHERE root = ?1 AND id NOT IN "
            "(SELECT id FROM prompt WHERE root = ?1 ORDER BY id DESC LIMIT ?2)",
            _key(root),
            _PROMPTS_KEPT,
        )

    def before_plan(self, thread_id: str) -> SettingsUpdate | None:
        """The permissions that were in force before Plan Mode was switched on here; None: it was not, or it is off."""
        row = self.read("SELECT permissions FROM before_plan WHERE thread_id = ?", thread_id)
        return _decoded(row[0], SettingsUpdate) if row else None

    def keep_before_plan(self, thread_id: str, permissions: SettingsUpdate | None) -> None:
        """Remembers what Plan Mode replaces, also for other windows and the next start; None when it was left."""
        if permissions is None:
            self.write("DELETE FROM before_plan WHERE thread_id = ?", thread_id)
        else:
            encoded = msgspec.json.encode(permissions).decode()
            self.write("INSERT OR REPLACE INTO before_plan VALUES (?, ?)", thread_id, encoded)

    def way_back(self, thread_id: str) -> WayBack | None:
        """What a session goes back to after the next turn; None when nothing holds for one turn only."""
        columns = "settings, has_begun, last_turn"
        row = self.read(f"SELECT {columns} FROM way_back WHERE thread_id = ?", thread_id)
        settings = _decoded(row[0], SessionSettings) if row else None
        return WayBack(settings, bool(row[1]), str(row[2])) if row and settings else None

    def keep_way_back(self, thread_id: str, way_back: WayBack | None) -> None:
        """Remembers it, also for other windows and the next start."""
        if way_back is None:
            self.write("DELETE FROM way_back WHERE thread_id = ?", thread_id)
        else:
            settings = msgspec.json.encode(way_back.settings).decode()
            row = thread_id, settings, way_back.has_begun, way_back.last_turn
            self.write("INSERT OR REPLACE INTO way_back VALUES (?, ?, ?, ?)", *row)

    def is_trust_put_off(self, root: Path) -> bool:
        """Whether the user chose to let Codex only read in a repository, without an entry in Codex's configuration."""
        return self.read("SELECT 1 FROM trust_put_off WHERE root = ?", _key(root)) is not None

    def keep_trust_put_off(self, root: Path, is_put_off: bool) -> None:
        """Remembers that choice, or forgets it."""
        if is_put_off:
            self.write("INSERT OR IGNORE INTO trust_put_off VALUES (?)", _key(root))
        else:
            self.write("DELETE FROM trust_put_off WHERE root = ?", _key(root))

    def is_diff_open(self, root: Path) -> bool:
        """Whether the diff stood open in the last window of a repository."""
        row = self.read("SELECT is_diff_open FROM window WHERE root = ?", _key(root))
        return bool(row and row[0])

    def keep_window(self, root: Path, *, is_diff_open: bool) -> None:
        """Remembers what is open."""
        self.write("INSERT OR REPLACE INTO window VALUES (?, ?)", _key(root), int(is_diff_open))

    def unread(self) -> set[str]:
        """Thread ids of sessions that finished a turn which nobody has seen."""
        return {str(row[0]) for row in self.reading.execute("SELECT thread_id FROM unread")}

    def keep_unread(self, thread_id: str, is_unread: bool) -> None:
        """Remembers whether a session has something new."""
        if is_unread:
            self.write("INSERT OR IGNORE INTO unread VALUES (?)", thread_id)
        else:
            self.write("DELETE FROM unread WHERE thread_id = ?", thread_id)

    def decisions(self, limit: int = 200) -> Sequence[Decided]:
        """What the user answered to Codex's questions, newest first."""
        columns = "at, thread_id, asked, answer, words"
        rows = self.reading.execute(f"SELECT {columns} FROM decision ORDER BY id DESC LIMIT ?", (limit,))
        return [Decided(*row) for row in rows]

    def keep_decision(self, decided: Decided) -> None:
        """Adds to the log of decisions, which is never shortened."""
        self.write(
            "INSERT INTO decision (at, thread_id, asked, answer, words) VALUES (?, ?, ?, ?, ?)",
            *msgspec.structs.astuple(decided),
        )

    def trusted_scripts(self, root: Path) -> Sequence[tuple[str, str, str]]:
        """Name, digest and content of the scripts that the user trusts in a repository, the newest last."""
        sql = "SELECT name, digest, content FROM trusted_script WHERE root = ? ORDER BY at, rowid"
        return [(str(n), str(d), str(c)) for n, d, c in self.reading.execute(sql, (_key(root),))]

    def keep_trusted_script(self, root: Path, digest: str, name: str, content: str, at: int) -> None:
        """Remembers that the user trusts a script; `at` in seconds since 1970."""
        self.write(
            "INSERT OR REPLACE INTO trusted_script VALUES (?, ?, ?, ?, ?)", _key(root), digest, name, content, at
        )

    def read(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of a question: for the parts of the store that are classes of their own."""
        row: tuple[Any, ...] | None = self.reading.execute(sql, storable(values)).fetchone()
        return row

    def write(self, sql: str, *values: object) -> Future[None]:
        """Queues a statement for the writing thread: for the parts of the store that are classes of their own."""
        return self._writer.submit(self._execute, sql, values)

    def _execute(self, sql: str, values: tuple[object, ...]) -> None:
        try:
            self._db.execute(sql, storable(values))
        except (sqlite3.Error, UnicodeError) as error:
            log.exception("store: write failed")
            self.trouble = f"{error}. What you write now may not be there after a restart."
            self.on_trouble(self.trouble)
        else:
            if self.trouble and self._is_on_disk:
                self.trouble = ""
                self.on_trouble("")

    def close(self) -> None:
        """Waits until all is written."""
        self._writer.shutdown()
        self._db.close()
        self.reading.close()


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None, timeout=_TIMEOUT)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise _TooNew(f"version {version}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _alone(path: Path) -> contextlib.AbstractContextManager[object]:
    """Opening is one window's at a time: a new file and one that is set aside have no lock of their own yet.

    Nobody waits for ever, and where there are no such locks, nobody waits at all.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = try_lock(path.with_suffix(".lock"), wait=_TIMEOUT)
    except OSError:
        lock = None
    return lock or contextlib.nullcontext()


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=_TIMEOUT)


def _statements(script: str) -> Iterator[str]:
    """One by one; a trigger has semicolons within."""
    statement = ""
    for part in filter(str.strip, script.split(";")):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def storable(values: tuple[object, ...]) -> tuple[object, ...]:
    """SQLite's text is UTF-8: what is not becomes its escape, so that the rest is kept."""
    return tuple(v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else v for v in values)


class _TooNew(Exception):
    """The file's version is not known to this program."""


def _migrate(db: sqlite3.Connection, path: Path | None) -> None:
    """Brings the file up to date; two windows that do it at once do it once."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if 0 < version < len(MIGRATIONS) and path is not None:
            _back_up(db, path.with_suffix(f".before-{len(MIGRATIONS)}"))
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            for statement in _statements(script):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _back_up(db: sqlite3.Connection, path: Path) -> None:
    """A copy of the file as it is now, readable by the user only."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as copy:
        for line in db.iterdump():
            if not line.startswith(("BEGIN", "COMMIT")):
                copy.execute(line)
        copy.commit()


def _decoded(text: str, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError:
        log.warning("store: unreadable %s %r", shape.__name__, text)
        return None


def _key(root: Path) -> str:
    """Paths may hold bytes that are not UTF-8; SQLite text may not."""
    return os.fsencode(root).decode("utf-8", "backslashreplace")
