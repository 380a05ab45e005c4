"""What is kept of messages that Codex has not shown in their session yet, in the store's database.

A row belongs to the window that sent it. When that process is gone, the next window that opens the session takes it
over, so that neither a kill nor an interrupt loses what was written.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from msgspec import Struct

from conductor_tui.storage.database import Store, storable


class KeptMessage(Struct, frozen=True):
    """One message as it was when its window ended."""

    client_id: str
    text: str
    thread_id: str
    """Where it was to go; empty when the thread was not started yet."""
    turn_id: str
    """The turn that Codex took it for; empty when it had not said so."""


class OutgoingStore:
    """The table of messages on their way."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, owner: str, client_id: str, text: str) -> None:
        """A message left the composer. `owner`: its thread id, or the folder's where the session is new."""
        values = client_id, owner, text.encode("utf-8", "surrogatepass"), _window(os.getpid())
        self._store.write("INSERT OR REPLACE INTO outgoing VALUES (?, ?, '', '', ?, ?)", *values)

    def sent(self, client_id: str, thread_id: str, turn_id: str = "") -> None:
        """It is under way to a thread, or Codex has taken it for a turn there."""
        sql = "UPDATE outgoing SET thread_id = ?, turn_id = ? WHERE client_id = ?"
        self._store.write(sql, thread_id, turn_id, client_id)

    def give(self, client_id: str, owner: str) -> None:
        """It is another session's, which takes it over when it is opened."""
        self._store.write("UPDATE outgoing SET owner = ?, window = '' WHERE client_id = ?", owner, client_id)

    def forget(self, client_id: str) -> None:
        """Codex has it, or the user took it back."""
        self._store.write("DELETE FROM outgoing WHERE client_id = ?", client_id)

    async def take_over(self, owner: str) -> list[KeptMessage]:
        """What windows that are gone left behind, oldest first; from now on it is this window's."""
        database, thread = self._store.shared

        def work() -> list[KeptMessage]:
            sql = "SELECT client_id, text, thread_id, turn_id, window FROM outgoing WHERE owner = ? ORDER BY rowid"
            taken = []
            for client_id, text, thread_id, turn_id, window in database.execute(sql, storable((owner,))).fetchall():
                if not _is_gone(window):
                    continue
                claim = "UPDATE outgoing SET window = ? WHERE client_id = ? AND window = ?"
                if database.execute(claim, (_window(os.getpid()), client_id, window)).rowcount == 1:
                    taken.append(KeptMessage(client_id, text.decode("utf-8", "surrogatepass"), thread_id, turn_id))
            return taken

        return await asyncio.wrap_future(thread.submit(work))


def _window(pid: int) -> str:
    """A process, told from a later one with the same number by when it started."""
    try:
        started = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        started = ""
    return f"{pid} {started}"


def _is_gone(window: str) -> bool:
    if not window:
        return True
    pid = int(window.split()[0])
    if Path("/proc/self/stat").exists():
        return _window(pid) != window
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False
