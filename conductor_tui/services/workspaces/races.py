"""Races as use cases: one start for all, a workspace and a session for each entrant, and who is kept.

What fails for one entrant stays with that one. A workspace takes part from the moment it is there, so that a race that
was cut short can still be compared and decided.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from conductor_tui.domain.controls import SettingsUpdate
from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.races import Entrant, Member, Race, branch_words, open_races
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.domain.worktrees import NewBranch
from conductor_tui.services.interfaces import Progress
from conductor_tui.services.scripts.trust import AskTrust, ScriptTrust, TrustAnswer, TrustQuestion
from conductor_tui.services.sessions.session_folder import Folder
from conductor_tui.services.sessions.session_start import FirstPrompt, start_session_in_window
from conductor_tui.services.workspaces.records import new_id
from conductor_tui.services.workspaces.workspaces import Workspaces
from conductor_tui.storage.races import RaceStore

if TYPE_CHECKING:
    from conductor_tui.services.sessions.manager import SessionManager

log = logging.getLogger(__name__)


class Races:
    """All races of this user. What is awaited raises WorkspaceError, RepositoryError or AgentError."""

    def __init__(self, manager: SessionManager, workspaces: Workspaces) -> None:
        self._manager = manager
        self._workspaces = workspaces
        self._store = RaceStore(manager.store)
        self._races: dict[str, Race] = {}
        self._running: set[str] = set()
        """Ids of races in which somebody worked when it was asked last."""

    # What there is

    async def read(self) -> None:
        """Reads what is kept, also of other windows."""
        self._races = {race.id: race for race in await self._store.races()}

    @property
    def open(self) -> list[Race]:
        """Those that are not decided, the newest first."""
        return open_races(tuple(self._races.values()), self._workspaces.records)

    def get(self, id: str) -> Race | None:
        """A race as it is now."""
        return self._races.get(id)

    def of(self, workspace_id: str) -> Race | None:
        """The open race that a workspace takes part in."""
        return next((r for r in self.open if any(m.workspace_id == workspace_id for m in r.members)), None)

    def ended(self, states: Mapping[ThreadId, ThreadState]) -> list[tuple[Race, list[ThreadState]]]:
        """Open races whose last entrant has stopped since this was asked last, with how each stands.

        `states`: of all sessions.
        """
        ended, running = [], set()
        for race in self.open:
            found = [states.get(ThreadId(m.thread_id), ThreadState.NOT_LOADED) for m in race.members if m.thread_id]
            if any(state is ThreadState.WORKING or state.needs_user for state in found):
                running.add(race.id)
            elif race.id in self._running and len(found) == len(race.members):
                ended.append((race, found))
        self._running = running
        return ended

    # The start

    async def begin(self, repository: Path, prompt: str, on_progress: Progress) -> tuple[Race, Trouble | None]:
        """A race that nobody has joined yet; all will begin where the default branch is on its remote now.

        The trouble says why the newest commits could not be had, if so.
        """
        worktrees = await self._workspaces.worktrees(repository)
        on_progress("Fetching the newest commits")
        trouble = await worktrees.fetch(on_progress=on_progress)
        default = await worktrees.default_branch()
        if default is None:
            steps = ("Make the first commit, then try again.",)
            raise WorkspaceError(Trouble("No commits yet", "A race begins at a commit.", steps))
        race = Race(new_id(), prompt, default.head, int(self._manager.clock()))
        await self._store.add(race)
        self._races[race.id] = race
        return race, trouble

    async def join(self, race: Race, repository: Path, entrant: Entrant, on_progress: Progress) -> WorkspaceRecord:
        """A workspace for one more entrant, on a branch named after the prompt and its city."""
        start = NewBranch("", race.commit)
        record = await self._workspaces.create(repository, start, fetches=False, on_progress=on_progress)
        await self._keep(race.id, Member(record.id, entrant))
        try:
            return await self._workspaces.first_prompt(record, branch_words(race.prompt, record.name))
        except (RepositoryError, WorkspaceError) as error:
            log.warning("the branch keeps the name of the city: %s", error)
            return record

    async def end_start(self, race: Race) -> None:
        """All have begun, or none could: then there was no race."""
        if not self._races[race.id].members:
            del self._races[race.id]
            await self._store.remove(race)

    async def send(self, race: Race, record: WorkspaceRecord, entrant: Entrant, folder: Folder) -> None:
        """Sends the prompt in a session of its own.

        Raises:
            AgentError: the prompt is the draft of a new session there.
        """
        first = FirstPrompt(race.prompt, SettingsUpdate(model=entrant.model, effort=entrant.effort))
        session = await start_session_in_window(self._manager, folder, first)
        assert session.thread_id is not None
        await self._keep(race.id, Member(record.id, entrant, session.thread_id))

    async def _keep(self, race_id: str, member: Member) -> None:
        race = self._races[race_id]
        is_known = any(m.workspace_id == member.workspace_id for m in race.members)
        members = [member if m.workspace_id == member.workspace_id else m for m in race.members]
        race = replace(race, members=tuple(members) if is_known else (*members, member))
        self._races[race_id] = race
        await self._store.keep_member(race, member)

    def asks_once(self, repository: Path) -> OneAnswer:
        """Has the user asked once about a script that runs for several entrants."""
        return OneAnswer(self._workspaces.tools.runner(repository).trust)

    # The end

    async def decide(self, race: Race, winner: WorkspaceRecord) -> None:
        """The race is over; what becomes of the others is not done here."""
        self._races[race.id] = replace(self._races.get(race.id, race), winner=winner.id)
        await self._store.keep_winner(race, winner.id)


class OneAnswer:
    """Stands before the question about a script: the first answer holds for all workspaces of `ids`."""

    def __init__(self, trust: ScriptTrust) -> None:
        self.ids: set[str] = set()
        self._trust = trust
        self._ask: AskTrust | None = trust.ask
        self._answers: dict[str, TrustAnswer] = {}
        self._turn = asyncio.Lock()
        if self._ask is not None:
            trust.ask = self

    async def __call__(self, question: TrustQuestion) -> TrustAnswer:
        """The user's answer, or the one that they gave for another workspace of these."""
        assert self._ask is not None, "only then does it stand there"
        if question.place.id not in self.ids:
            return await self._ask(question)
        async with self._turn:
            digest = question.script.content.digest
            if digest not in self._answers:
                self._answers[digest] = await self._ask(question)
            return self._answers[digest]

    def done(self) -> None:
        """All have run: the user is asked about each again."""
        if self._trust.ask is self:
            self._trust.ask = self._ask
        self.ids.clear()
