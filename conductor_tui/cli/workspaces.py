"""`conductor-tui new`, `archive`, `restore` and what `ls` says of workspaces. All work beside open windows.

What is asked for goes to standard output; how far it is and what was gone on without, to standard error.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.cli.composition import open_workspaces
from conductor_tui.domain import workspace_listing as texts
from conductor_tui.domain.controls import PLAN_MODE, Checked, ModelOption, SettingsUpdate, permissions_of
from conductor_tui.domain.errors import AgentError, CodexUnavailable, WorkspaceError, WrongUse
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.scripts import ScriptKind
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.workspace_environment import session_config
from conductor_tui.domain.workspaces import RepositoryRecord, WorkspaceRecord, found_by
from conductor_tui.domain.worktrees import Changed, ExistingBranch, NewBranch, SaidByGit, Start
from conductor_tui.git.discovery import find_root
from conductor_tui.protocol.binary import find_codex
from conductor_tui.protocol.connect import connect, list_sessions
from conductor_tui.protocol.server import ServerFiles, socket_answers
from conductor_tui.services.sessions.session_folder import Folder
from conductor_tui.services.sessions.session_start import FirstPrompt, keep_unsent, start_session
from conductor_tui.services.sessions.trust import RepositoryTrust
from conductor_tui.settings import paths
from conductor_tui.settings.load import load_settings
from conductor_tui.storage.database import FILE, Store

if TYPE_CHECKING:
    import argparse

    from conductor_tui.services.interfaces import Agent, Worktrees
    from conductor_tui.services.workspaces.workspaces import Workspaces

DONE, FAILED, WRONG_USE, WOULD_LOSE = 0, 1, 2, 3
"""Exit codes."""

Say = Callable[[str], None]


class CommandResult(Struct, frozen=True):
    """How a command ended."""

    code: int
    output: str


def run(options: argparse.Namespace, say: Say) -> CommandResult:
    """Runs a command. `say`: gets the lines for standard error.

    Raises:
        WorkspaceError, RepositoryError, AgentError
    """
    work = {"new": _new, "archive": _archive, "restore": _restore, "ls": _list}[options.command]
    return asyncio.run(work(options, say))


async def _list(options: argparse.Namespace, say: Say) -> CommandResult:
    settings, _ = load_settings(paths.config_file())
    files = ServerFiles(paths.codex_home(), paths.state_dir())
    threads = await list_sessions(find_codex(options.codex, settings.codex.executable), files, ())
    records: tuple[WorkspaceRecord, ...] = ()
    repositories: tuple[RepositoryRecord, ...] = ()
    try:
        async with _opened() as (workspaces, _store):
            await workspaces.refresh()
            records, repositories = workspaces.records, workspaces.repositories
    except WorkspaceError as error:
        say(f"{error.trouble.title}: {error.trouble.cause}")  # the sessions are Codex's, and listed all the same
    if options.json:
        made = texts.objects(records, threads) if options.workspaces else texts.session_objects(records, threads)
        return CommandResult(DONE, _json(made))
    table = texts.table(repositories, records, threads, now=time.time(), home=str(Path.home()))
    return CommandResult(DONE, table)


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Workspaces, Store]]:
    """The workspaces of this user, with the store closed at the end."""
    settings, _ = load_settings(paths.config_file())
    store = await asyncio.to_thread(Store, paths.state_dir() / FILE)
    try:
        if store.trouble:
            raise WorkspaceError(Trouble("The list of workspaces cannot be used", store.trouble))
        workspaces = open_workspaces(store, settings.workspaces.folder, paths.state_dir())
        try:
            yield workspaces, store
        finally:
            await workspaces.tools.runner.close()
    finally:
        await asyncio.to_thread(store.close)


async def _ready(workspaces: Workspaces, say: Say) -> None:
    for trouble in await workspaces.repair():
        say(f"{trouble.title}. {trouble.cause}")
    await workspaces.refresh()


# new


async def _new(options: argparse.Namespace, say: Say) -> CommandResult:
    folder = _repository_folder(options.repo)
    if options.model:
        await _check_model(options)
    async with _opened() as (workspaces, store):
        repository = (await workspaces.add_repository(folder)).root
        await _ready(workspaces, say)
        record = await _created(workspaces, repository, options, lambda line: _say_step(line, say))
        notes = [*record.trouble.splitlines(), *await _set_up(workspaces, record, say)]
        thread_id, failure = None, ""
        if options.prompt.strip():
            try:
                thread_id = await _prompt(options, workspaces, store, record, notes)
            except CodexUnavailable as unavailable:
                failure = f"{unavailable.trouble.title}: {unavailable.trouble.cause}"
            except AgentError as error:
                failure = f"Codex did not take the prompt: {error}"
        for note in notes:
            say(visible_line(note))
        if failure:
            keep_unsent(store, record.path, options.prompt)
            say(f"{failure}\nThe workspace was created. The prompt was not sent; it is the draft of its new session.")
        started = [ThreadSummary(thread_id)] if thread_id else []
        made = texts.workspace_object(record, started) | {"thread_id": thread_id, "notes": notes, "failure": failure}
        text = texts.workspace_text(record, thread_id or "")
        return CommandResult(FAILED if failure else DONE, _json(made) if options.json else text)


async def _models(agent: Agent) -> Sequence[ModelOption]:
    """What Codex lists; nothing where it does not say, so that nothing can be checked."""
    try:
        return await agent.list_models()
    except AgentError:
        return ()


async def _check_model(options: argparse.Namespace) -> None:
    """Codex takes any name, and the turn would fail. A Codex that cannot be had is told later, with the workspace."""
    settings, _ = load_settings(paths.config_file())
    try:
        agent = await connect(
            find_codex(options.codex, settings.codex.executable), ServerFiles(paths.codex_home(), paths.state_dir())
        )
    except AgentError:
        return
    try:
        models = await agent.list_models()
    except AgentError:
        return
    finally:
        await agent.close()
    names = [m.model for m in models]
    if names and options.model not in (*names, *(m.id for m in models)):
        near = get_close_matches(options.model, names, n=3, cutoff=0.3) or [m.model for m in models if not m.is_hidden]
        raise WrongUse(
            Trouble(f"Codex lists no model {visible_line(options.model)}", f"The nearest: {', '.join(near)}")
        )


async def _created(
    workspaces: Workspaces, repository: Path, options: argparse.Namespace, on_progress: Say
) -> WorkspaceRecord:
    if not options.pr:
        start = await _start(await workspaces.worktrees(repository), options.branch, options.start)
        return await workspaces.create(
            repository, start, name=options.name, prompt=options.prompt, on_progress=on_progress
        )
    request = await workspaces.requests.request(repository, options.pr)
    if request is None:
        steps = ("gh pr list shows those that are open.",)
        raise WrongUse(Trouble(f"There is no pull request #{options.pr}", steps=steps))
    return await workspaces.requests.create(
        repository, request, name=options.name, prompt=options.prompt, on_progress=on_progress
    )


def _repository_folder(given: str) -> Path:
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise WrongUse(Trouble(f"{visible_line(given)} is no folder", steps=("Name a repository: --repo PATH",)))
    if find_root(folder.resolve()) is None:
        steps = ("Name a repository: --repo PATH",)
        raise WrongUse(Trouble(f"{visible_line(given)} is in no git repository", steps=steps))
    return folder.resolve()


async def _start(worktrees: Worktrees, branch: str, begin: str) -> Start:
    """A branch that exists is taken as it is, unless it is said where it begins."""
    if branch and not begin:
        names = {b.name for b in await worktrees.branches()}
        names |= {b.name.removeprefix(f"{b.remote}/") for b in await worktrees.branches() if b.remote}
        if branch in names:
            return ExistingBranch(branch)
    return NewBranch(branch, begin)


async def _set_up(workspaces: Workspaces, record: WorkspaceRecord, say: Say) -> list[str]:
    """Runs the setup script to its end if it is trusted; what is to be noted. Run scripts need a window."""
    scripts, troubles = await asyncio.to_thread(workspaces.scripts.read, record)
    notes = [f"{trouble.title}: {trouble.cause}" for trouble in troubles]
    setup = next(iter(scripts.of(ScriptKind.SETUP)), None)
    if setup is None:
        return notes
    runner = workspaces.tools.runner(record.repository)
    if not runner.trust.is_trusted(setup):
        return [*notes, "The setup script did not run: look at it and trust it in a window first."]
    say("Running the setup script")
    run = await runner.start(setup, await workspaces.place(record))
    if run is None:
        return notes
    await run.ended.wait()
    if not run.has_succeeded:
        how = run.trouble or (run.ending.text if run.ending else "it was stopped")
        notes.append(f"The setup script failed: {how}")
    return notes


async def _prompt(
    options: argparse.Namespace, workspaces: Workspaces, store: Store, record: WorkspaceRecord, notes: list[str]
) -> ThreadId:
    """Starts a session on the shared server and sends the prompt; the turn goes on without us."""
    settings, _ = load_settings(paths.config_file())
    binary = find_codex(options.codex, settings.codex.executable)
    agent = await connect(binary, ServerFiles(paths.codex_home(), paths.state_dir()))
    try:
        if agent.info.transport != "socket":
            cause = "Codex cannot listen on a socket here, so a turn would end with this command."
            raise CodexUnavailable(Trouble("No shared Codex server", cause))
        variables, troubles = await workspaces.environment(record)
        notes += [f"{trouble.title}: {trouble.cause}" for trouble in troubles]
        trust = RepositoryTrust(record.path, record.repository, store)
        folder = Folder(record.path, trust)
        folder.config = session_config(variables)
        model = SettingsUpdate(model=options.model or None)
        first = FirstPrompt(options.prompt, replace(PLAN_MODE, model=model.model) if options.plan else model)

        async def send(opened: OpenedThread, allowed: Checked) -> None:
            if options.plan:
                store.keep_before_plan(opened.thread.id, permissions_of(opened.settings))
            notes.extend(allowed.remarks)
            update = allowed.update if allowed.update != SettingsUpdate() else None
            await agent.start_turn(opened.thread.id, options.prompt, f"new-{record.id}", update, opened.settings)

        thread_id = await start_session(agent, store, folder, first, await _models(agent), send)
        if trust.is_undecided:
            notes.append("Codex only reads here: decide on trust in a window first.")
        return thread_id
    finally:
        await agent.close()


# archive, restore


async def _archive(options: argparse.Namespace, say: Say) -> CommandResult:
    async with _opened() as (workspaces, _):
        await _ready(workspaces, say)
        record = _named(options.name, workspaces.records, archived=False)
        settings, _troubles = await asyncio.to_thread(workspaces.scripts.settings, record)
        wants = settings.git.delete_branch_on_archive if options.delete_branch is None else options.delete_branch
        delete_branch = wants and bool(record.made_branch)
        await _refuse_busy(options, record)
        losses = await workspaces.losses(record, delete_branch=delete_branch)
        sessions = await _sessions(options, workspaces, record, say) if options.json else ()
        said: dict[str, Any] = {"losses": texts.losses_object(losses)}
        if texts.would_lose(losses) and not options.yes:
            said |= {"is_archived": False, "workspace": texts.workspace_object(record, sessions)}
            say("Nothing was removed. With --yes it is archived all the same.")
            return CommandResult(WOULD_LOSE, _json(said) if options.json else texts.losses_text(losses))
        done = await workspaces.archive(
            record, losses.fingerprint, delete_branch=delete_branch, on_progress=lambda line: _say_step(line, say)
        )
        if isinstance(done, Changed):
            said = {
                "losses": texts.losses_object(done.losses),
                "is_archived": False,
                "workspace": texts.workspace_object(record, sessions),
            }
            say("Something changed meanwhile, so nothing was removed. This would be lost now:")
            return CommandResult(WOULD_LOSE, _json(said) if options.json else texts.losses_text(done.losses))
        for note in done.trouble.splitlines():
            say(visible_line(note))
        said |= {"is_archived": True, "workspace": texts.workspace_object(done, sessions)}
        name = visible_line(done.name)
        text = f"{texts.losses_text(losses)}\n{name} is archived. Bring it back: conductor-tui restore {name}"
        return CommandResult(DONE, _json(said) if options.json else text)


async def _refuse_busy(options: argparse.Namespace, record: WorkspaceRecord) -> None:
    """A turn that runs would write into a folder that goes."""
    files = ServerFiles(paths.codex_home(), paths.state_dir())
    if not await asyncio.to_thread(socket_answers, files.socket):
        return
    settings, _ = load_settings(paths.config_file())
    busy = (ThreadState.WORKING, ThreadState.NEEDS_APPROVAL, ThreadState.NEEDS_INPUT)
    try:
        threads = await list_sessions(find_codex(options.codex, settings.codex.executable), files, ())
    except AgentError as error:
        cause = f"Codex does not say whether a turn runs there: {error}"
        raise WorkspaceError(Trouble("Not archived", cause, ("Try again, or conductor-tui stop first.",))) from error
    for thread in threads:
        if thread.state in busy and texts.workspace_of(thread, [record]):
            steps = ("Interrupt it in a window, or wait.",)
            raise WorkspaceError(Trouble("A session is at work in this workspace", thread.title, steps))


async def _restore(options: argparse.Namespace, say: Say) -> CommandResult:
    async with _opened() as (workspaces, _):
        await _ready(workspaces, say)
        record = _named(options.name, workspaces.records, archived=True)
        done = await workspaces.restore(record, lambda line: _say_step(line, say))
        for note in done.trouble.splitlines():
            say(visible_line(note))
        if not options.json:
            return CommandResult(DONE, texts.workspace_text(done))
        return CommandResult(DONE, _json(texts.workspace_object(done, await _sessions(options, workspaces, done, say))))


def _named(word: str, everything: Sequence[WorkspaceRecord], *, archived: bool) -> WorkspaceRecord:
    """The one workspace that is meant; that of the current folder's repository goes before others."""
    records = [record for record in everything if record.is_archived is archived]
    found = found_by(word, records)
    if not found and found_by(word, everything):
        state = "is not archived" if archived else "is archived already"
        raise WrongUse(Trouble(f"{visible_line(word)} {state}"))
    if len(found) > 1:
        here = Path.cwd()
        near = [r for r in found if here.is_relative_to(r.repository) or here.is_relative_to(r.path)]
        found = near if len(near) == 1 else found
    if len(found) == 1:
        return found[0]
    if found:
        cause = ", ".join(f"{r.repository.name}/{r.name} ({r.id})" for r in found)
        raise WrongUse(Trouble(f"Several workspaces are called {visible_line(word)}", cause, ("Name one by its id.",)))
    known = ", ".join(sorted(r.name for r in records if not r.is_local)) or "none"
    raise WrongUse(Trouble(f"No workspace is called {visible_line(word)}", f"There is: {visible_line(known)}"))


def _say_step(line: str, say: Say) -> None:
    if not isinstance(line, SaidByGit):
        say(visible_line(line))


async def _sessions(
    options: argparse.Namespace, workspaces: Workspaces, record: WorkspaceRecord, say: Say
) -> Sequence[ThreadSummary]:
    """The sessions of a workspace that is there; Codex is asked for scripts only, which may start it."""
    settings, _ = load_settings(paths.config_file())
    files = ServerFiles(paths.codex_home(), paths.state_dir())
    try:
        threads = await list_sessions(find_codex(options.codex, settings.codex.executable), files, ())
    except AgentError as error:
        say(f"The sessions are not listed, because Codex cannot be asked: {visible_line(str(error))}")
        return ()
    records = [record, *(r for r in workspaces.records if r.id != record.id)]
    return [thread for thread in threads if texts.workspace_of(thread, records) is record]


def _json(value: object) -> str:
    """Bytes of paths that are no UTF-8 become JSON's escapes."""
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace").decode()
