"""Which scripts of a repository the user has seen and trusts, by content: what changed is asked about again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum, auto
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.scripts import Place, Script, ScriptContent, ScriptKind, decoded_content
from conductor_tui.services.interfaces import Clock
from conductor_tui.storage.database import Store


class TrustAnswer(Enum):
    """What the user says about a script."""

    TRUST = auto()
    """Run it, now and as long as it stays as it is."""
    ONCE = auto()
    NO = auto()


class TrustQuestion(Struct, frozen=True):
    """What the user is asked before a script runs."""

    script: Script
    place: Place
    folder: str
    """Where it would run, whole."""
    before: ScriptContent | None = None
    """What was trusted last under this name, when that was something else."""


AskTrust = Callable[[TrustQuestion], Awaitable[TrustAnswer]]


class ScriptTrust:
    """The trust of one repository. Without a way to ask, nothing runs that is not trusted."""

    def __init__(self, root: Path, store: Store, clock: Clock) -> None:
        self.ask: AskTrust | None = None
        self._root = root
        self._store = store
        self._clock = clock
        self._just_trusted: dict[str, ScriptContent] = {}
        """By name: the store writes behind."""
        self._in_this_window: list[ScriptContent] = []
        """Variables that the user wants set until this window closes."""
        self._refused: list[ScriptContent] = []

    def is_trusted(self, script: Script) -> bool:
        """Whether it may run without a question. A terminal runs the user's own shell."""
        content = script.content
        if script.kind is ScriptKind.TERMINAL or content in self._just_trusted.values():
            return True
        if content in self._in_this_window:
            return True
        digest = content.digest
        return any(digest == known for _, known, _ in self._store.trusted_scripts(self._root))

    def is_refused(self, script: Script) -> bool:
        """Whether the user has said no to it in this window."""
        return script.content in self._refused

    def trusted_before(self, script: Script) -> ScriptContent | None:
        """What was trusted last under the script's name."""
        if (known := self._just_trusted.get(script.name)) is not None:
            return known
        contents = [content for name, _, content in self._store.trusted_scripts(self._root) if name == script.name]
        return decoded_content(contents[-1]) if contents else None

    def trust(self, script: Script) -> None:
        """From now on it runs without a question, until it changes."""
        content = script.content
        self._just_trusted[script.name] = content
        self._store.keep_trusted_script(self._root, content.digest, script.name, content.encoded, int(self._clock()))

    async def may_run(self, script: Script, place: Place, folder: str) -> bool:
        """Asks the user where that is needed; False when the answer is no."""
        if self.is_trusted(script):
            return True
        if self.ask is None:
            return False
        answer = await self.ask(TrustQuestion(script, place, folder, self.trusted_before(script)))
        if answer is TrustAnswer.TRUST:
            self.trust(script)
        elif answer is TrustAnswer.NO:
            self._refused.append(script.content)
        elif script.kind is ScriptKind.ENVIRONMENT:
            self._in_this_window.append(script.content)
        return answer is not TrustAnswer.NO
