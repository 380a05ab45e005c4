"""All sessions of one repository over one connection to Codex.

Routes each event to its session, opens and resumes sessions, and lists them for the tree.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from conductor_tui.domain import events as ev
from conductor_tui.domain.errors import AgentDraining, AgentError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.invalidations import Change
from conductor_tui.domain.items import Severity
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.threads import ThreadState
from conductor_tui.services.interfaces import Agent, Clock, Connector
from conductor_tui.services.sessions.codex_setup import CodexSetup
from conductor_tui.services.sessions.connection import Connection, Link
from conductor_tui.services.sessions.event_router import EventRouter, ManagerChange
from conductor_tui.services.sessions.held import open_when_free
from conductor_tui.services.sessions.outbox import DRAINS
from conductor_tui.services.sessions.plans import Plans
from conductor_tui.services.sessions.session import Session
from conductor_tui.services.sessions.session_folder import Folder, is_prepared
from conductor_tui.services.sessions.thread_list import ThreadList
from conductor_tui.services.sessions.trust import WAITS, RepositoryTrust
from conductor_tui.services.sessions.unread import Unread
from conductor_tui.services.sessions.unused import UnusedSessions
from conductor_tui.storage.database import Store

log = logging.getLogger(__name__)


class SessionManager:
    """Sessions of all folders that this window works in. Callbacks run on the loop's thread, right after the change."""

    def __init__(
        self, root: Path, connect: Connector, store: Store, clock: Clock, main_folder: Path | None = None
    ) -> None:
        """`root`: the folder to begin in; `main_folder`: the main worktree's, where `root` is a linked one."""
        self.store = store
        self.clock = clock
        self._root = root
        self.connection = Connection(connect, clock, self._serve, self._leave, self._link_changed)
        self.setup = CodexSetup()
        self.plans = Plans(store)
        self.sessions: dict[ThreadId, Session] = {}
        self.unused = UnusedSessions(self.sessions, self.connection.agent, self.spawn)
        self.folders: dict[Path, Folder] = {}
        self.threads = ThreadList(store)
        self.shown: Session | None = None
        """The session on screen."""
        self.unread = Unread(
            self.threads,
            lambda: self.shown.thread_id if self.shown else None,
            clock,
            lambda: self.on_change(ManagerChange.THREADS),
        )
        self.on_change: Callable[[ManagerChange], None] = lambda change: None
        self.on_session_change: Callable[[Session, tuple[Change, ...]], None] = lambda session, changes: None
        self.prepare_folder: Callable[[Folder], Awaitable[None]] = is_prepared
        """Gives a folder what threads there must have, before Codex loads one."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._router = EventRouter(self)
        self.setup.on_change = lambda: self.on_change(ManagerChange.SETUP)
        self.here = self.folder(root, main_folder or root)
        """The folder of the session on screen."""
        if store.trouble:
            self._store_trouble(store.trouble)

    def folder(self, path: Path, main_folder: Path) -> Folder:
        """A folder to work in; `main_folder`: the main worktree's, with which it shares its trust."""
        known = self.folders.get(path)
        if known is None:
            shared = next((f.trust for f in self.folders.values() if f.trust.main_folder == main_folder), None)
            known = self.folders[path] = Folder(path, shared or self._trust(path, main_folder))
            known.prepare = lambda folder: self.prepare_folder(folder)
            self.threads.folders.add(str(path))
            if self.connection.current:
                self.spawn(self.read_threads(self.connection.current))
        return known

    def _trust(self, path: Path, main_folder: Path) -> RepositoryTrust:
        trust = RepositoryTrust(path, main_folder, self.store)
        trust.on_change = lambda: self.on_change(ManagerChange.SETUP)
        trust.on_other_level = lambda: self.unused.renew_under(trust)
        return trust

    # Life

    async def run(self) -> None:
        """Connects, and stays connected, until cancelled."""
        loop = asyncio.get_running_loop()
        self.store.on_trouble = lambda trouble: loop.call_soon_threadsafe(self._store_trouble, trouble)
        try:
            await self.connection.run()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _store_trouble(self, trouble: str) -> None:
        self.setup.notices.pop("store", None)
        if trouble:
            steps = ("Free some space on the disk, or check who may write there.",)
            self.setup.notices["store"] = Trouble("Drafts cannot be kept", trouble, steps)
        self.on_change(ManagerChange.SETUP)

    def _link_changed(self) -> None:
        match self.connection.link:
            case Link.FAILED:
                reason = self.connection.trouble.title if self.connection.trouble else "Codex cannot be used"
                for session in self._all():
                    session.open_failed(reason)
            case Link.LOST:
                for session in self._all():
                    session.opening_again()
                    text = "The connection to Codex is lost; connecting again …"
                    session.apply(ev.ConnectionLost(session.thread_id, text))
        self.on_change(ManagerChange.CONNECTION)

    async def _leave(self, agent: Agent) -> None:
        await self.unused.leave(agent)

    async def _serve(self, agent: Agent) -> None:
        """One connection, from its first event to its last."""
        self._router.clear()
        for session in self._all():
            session.opening_again()
            self.spawn(self.open_thread(session))
        self.spawn(self.read_threads(agent))
        self.spawn(self.setup.read(agent))
        self.spawn(self.read_skills(agent, self.here))
        async for event in agent.events():
            try:
                self._router.route(event)
            except Exception:  # a bug in one event's handling must not end all sessions
                log.exception("event %s", type(event).__name__)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work in the background; failures of Codex that nobody handled are logged."""
        task = asyncio.create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # cancelled before it began, it would never be awaited

    # Sessions

    def _all(self) -> list[Session]:
        return [*self.sessions.values(), *self.unused]

    def new_session(self, folder: Folder | None = None) -> Session:
        """A session on a thread that Codex starts now, here or in a folder; an unused one there is taken again."""
        here = folder or self.here
        session = self.unused.of(here)
        if session is None:
            session = self.make(None, "", here)
            session.draft = self.store.draft(here.draft_owner)
            self.unused.add(session)
            self._open_soon(session)
        elif session.has_failed:
            self._open_again(session)
        return session

    def start_anew(self, provider: str = "") -> Session:
        """The new session, on a thread that is started with a model provider now; empty: the default one."""
        unused = self.unused.of(self.here)
        if unused is not None and not unused.is_unused:
            self.used(unused)
        session = self.new_session()
        session.provider = provider
        self.unused.renew(session)
        return session

    def open_session(self, thread_id: ThreadId) -> Session:
        """The session of a thread, resumed if this window has not opened it yet."""
        session = self.sessions.get(thread_id)
        if session is None:
            summary = self.threads.get(thread_id)
            folder = self.folders.get(Path(summary.cwd)) if summary else None
            session = self.make(thread_id, summary.name if summary else "", folder or self.here)
            self.sessions[thread_id] = session
            session.draft = self.store.draft(thread_id)
            self._open_soon(session)
        return session

    def show(self, session: Session) -> None:
        """Marks a session as the one on screen: it is read, and the next start opens it."""
        self.shown = session
        if self.here is not session.folder:
            self.here = session.folder
            self.store.keep_left_place(self._root, self.here.path, self.here.trust.main_folder)
        if self.here.skills is None and self.connection.current:
            self.spawn(self.read_skills(self.connection.current, self.here))
        if session.thread_id:
            self.threads.mark_unread(session.thread_id, False)
            self.threads.seen.saw(session.thread_id, session.projection.turns.values())
            if session.thread_id in self.threads:
                self.store.keep_last_session(self.here.path, session.thread_id)
        self.on_change(ManagerChange.THREADS)

    def keep_draft(self, session: Session, text: str) -> None:
        """Keeps what stands in the composer."""
        if session.draft != text:
            session.draft = text
            is_new = session.is_unstarted or session.thread_id is None or session.thread_id not in self.threads
            owner = session.folder.draft_owner if is_new else session.thread_id
            self.store.keep_draft(owner or "", text)

    def make(self, thread_id: ThreadId | None, title: str, folder: Folder, provider: str = "") -> Session:
        """A session in a folder, not opened yet. `provider`: id of its model provider."""
        return Session(
            folder=folder,
            clock=self.clock,
            agent=self.connection.agent,
            agent_now=lambda: self.connection.current,
            spawn=self.spawn,
            emit=lambda session, changes: self.on_session_change(session, changes),
            store=self.store,
            open_again=self._open_again,
            models=lambda: self.setup.catalogue.models,
            thread_id=thread_id,
            title=title,
            provider=provider,
        )

    def _open_soon(self, session: Session) -> None:
        if self.connection.is_open:
            self.spawn(self.open_thread(session))
        elif self.connection.link is Link.FAILED:
            session.open_failed("Codex cannot be used")

    def _open_again(self, session: Session) -> None:
        session.opening_again()
        self._open_soon(session)

    async def open_thread(self, session: Session) -> None:
        """Starts or resumes the session's thread; whatever goes wrong is said in it."""
        wanted = session.thread_id
        try:
            agent = await self.connection.agent()
            self.opened(session, await open_when_free(session, agent))
            if wanted is not None:
                self.spawn(session.read_queue())
            if self.setup.works():
                self.spawn(self.setup.read(agent))  # what was read under the broken one may not be so
            self.on_change(ManagerChange.THREADS)
        except AgentDraining:
            session.outbox.wait(DRAINS)  # opened on the next server
        except Exception as error:  # the worker border
            log.warning("session not opened: %s", error, exc_info=not isinstance(error, AgentError))
            session.open_failed(str(error) or type(error).__name__)
            session.note(Severity.ERROR, "Codex could not open this session", str(error) or repr(error))
        finally:
            if wanted is not None:
                self._router.catch_up(wanted)

    def opened(self, session: Session, opened: OpenedThread) -> None:
        """Codex has opened a session's thread: its state is taken over, then what happened there since."""
        if session.thread_id not in (None, opened.thread.id):
            self.sessions.pop(session.thread_id, None)  # it was never used, and another was started
        self.sessions[opened.thread.id] = session
        self._router.families.learn(opened)
        session.opened(opened, WAITS if session.folder.trust.wants_decision else "")
        self._router.catch_up(opened.thread.id)
        self.unread.compare(opened.thread.id, session.projection.turns)

    # Reading

    async def read_skills(self, agent: Agent, folder: Folder) -> None:
        """The skills that Codex finds in a folder."""
        await folder.read_skills(agent)
        self.on_change(ManagerChange.SETUP)

    async def read_threads(self, agent: Agent) -> None:
        """Reads the list of sessions, and opens those that are at work or need the user."""
        for trust in {f.trust.main_folder: f.trust for f in self.folders.values()}.values():
            await trust.read(agent)  # another window may have decided before it began to work
        with self.threads.reading() as meanwhile:
            threads = await agent.list_threads(tuple(self.threads.folders))
            self.threads.read(threads, kept=self.sessions, meanwhile=meanwhile)
        for thread in list(self.threads.values()):
            if thread.state in (ThreadState.WORKING, ThreadState.NEEDS_APPROVAL, ThreadState.NEEDS_INPUT):
                self.open_session(thread.id)  # so that its events and approvals reach this window
        self.on_change(ManagerChange.THREADS)
        # As they are now: one that was listed at work may have ended since, and this was heard of no known session.
        await self.unread.look(agent, [self.threads[t.id] for t in threads if t.id in self.threads])

    def used(self, session: Session, preview: str = "") -> None:
        """A new session had its first turn: it is listed from now on, and another may be started."""
        folder, thread_id, is_unstarted = session.folder, session.thread_id, session.is_unstarted
        if is_unstarted:
            self.unused.started(session)
        if thread_id is None:
            return
        if is_unstarted:
            self.store.keep_draft(folder.draft_owner, "")
        preview = preview or next((m.text for m in session.projection.outgoing), "")
        self.threads.used(thread_id, preview, str(folder.path), int(self.clock()))
        if session is self.shown:
            self.store.keep_last_session(folder.path, thread_id)
        self.on_change(ManagerChange.THREADS)


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # the worker border
        log.exception("background work failed")
