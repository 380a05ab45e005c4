"""Commands on races: start one, compare its entrants, keep one and archive the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from conductor_tui.domain.errors import AgentError, ConductorError, RepositoryError, WorkspaceError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age
from conductor_tui.domain.races import Entrant, Member, Race, field_of
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.workspaces import WorkingDiff, WorkspaceRecord, display_name
from conductor_tui.domain.worktrees import Changed, Losses
from conductor_tui.sessions.races import Races
from conductor_tui.ui.actions import workspace_endings
from conductor_tui.ui.actions import workspaces as of_workspaces
from conductor_tui.ui.layout import Pane
from conductor_tui.ui.presentation import losses as present_losses
from conductor_tui.ui.presentation import race as present
from conductor_tui.ui.presentation.controls import model_name

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen
    from conductor_tui.ui.screens.race import RaceScreen


def why_not_start(main: MainScreen) -> str | None:
    """Why no race can begin."""
    if reason := of_workspaces.why_none(main):
        return reason
    if not main.manager.connection.is_open:
        return "Codex is not connected"
    if not main.manager.setup.catalogue.models:
        return "Codex has not listed its models"
    wants_decision = main.manager.here.trust.wants_decision
    return "decide first what Codex may do here: “Trust this repository”" if wants_decision else None


def why_not_compare(main: MainScreen) -> str | None:
    """Why there is nothing to compare."""
    reason = of_workspaces.why_none(main)
    return reason or (None if _races(main).open else "no race is open")


def _races(main: MainScreen) -> Races:
    assert main.workspaces.races is not None, "why_none says so"
    return main.workspaces.races


# The start


def start(main: MainScreen, before: str = "") -> None:
    """Asks for the prompt and for the entrants, and starts them. `before`: a prompt that is written already."""
    from conductor_tui.ui.screens.ask import Ask

    desk, settings = main.workspaces, main.session.projection.settings
    repository = desk.here.repository if desk.here else desk.records[0].repository

    def given(prompt: str | None) -> None:
        from conductor_tui.ui.screens.race_entrants import RaceEntrants

        if not prompt:
            return
        field = field_of(main.manager.setup.catalogue.models, settings.model, settings.effort)

        def taken(entrants: list[Entrant] | None) -> None:
            if entrants:
                begin(main, repository, prompt, entrants)
            else:
                start(main, prompt)

        main.app.push_screen(RaceEntrants(prompt, field), taken)

    main.app.push_screen(Ask("What should every entrant do?", before), given)


def begin(main: MainScreen, repository: Path, prompt: str, entrants: Sequence[Entrant]) -> None:
    """Makes the workspaces one after the other; each goes on by itself as soon as it is there."""
    desk, races = main.workspaces, _races(main)
    main.prefer_side(Pane.TREE)  # where the entrants appear

    async def work() -> None:
        race, trouble = await races.begin(repository, prompt, main.tell)
        if trouble is not None:
            main.add_trouble(replace(trouble, title=f"The race begins without fetching: {trouble.title}"))
        once = races.asks_once(repository)
        running: set[str] = set()

        def ended(record: WorkspaceRecord) -> None:
            running.discard(record.id)
            if not running and not is_joining:
                once.done()

        is_joining, failed = True, 0
        for entrant in entrants:
            try:
                record = await races.join(race, repository, entrant, desk.creating)
            except (RepositoryError, WorkspaceError) as error:
                failed += 1
                _say_failed(main, f"{_choice(main, entrant)} does not take part", error)
                continue
            desk.created(record)
            running.add(record.id)
            once.ids.add(record.id)
            main.manager.spawn(_run(main, race, record, entrant, ended))
        is_joining = False
        if not running:
            once.done()
        await races.end_start(race)
        started = len(entrants) - failed
        main.tell(f"{started} of {len(entrants)} entrants are there; “Compare race” shows them")

    desk.do(None, "The race was not started", work)


async def _run(
    main: MainScreen, race: Race, record: WorkspaceRecord, entrant: Entrant, ended: Callable[[WorkspaceRecord], None]
) -> None:
    """The set-up of one entrant, then the prompt; what fails is said, and the others go on."""
    desk = main.workspaces
    try:
        desk.step(record.id, "setting up")
        await desk.set_up(record)
        desk.step(record.id, "sending the prompt")
        await _races(main).send(race, record, entrant, main.manager.folder(record.path, record.repository))
    except (AgentError, RepositoryError, WorkspaceError) as error:
        _say_failed(main, f"{record.name}: the prompt was not sent", error)
    finally:
        ended(record)
        desk.created(record)


def _say_failed(main: MainScreen, what: str, error: ConductorError) -> None:
    trouble = getattr(error, "trouble", None) or Trouble(str(error))
    main.add_trouble(replace(trouble, title=f"{what}: {trouble.title}"))


def _choice(main: MainScreen, entrant: Entrant) -> str:
    return present.model_and_effort(entrant, lambda model: model_name(main.manager.setup.catalogue, model))


# Comparing


def compare(main: MainScreen) -> None:
    """Shows the race of the workspace on screen, the only one, or lists those that are open."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    races, here = _races(main), main.workspaces.here
    found, mine = races.open, races.of(here.id) if here else None
    if mine is not None or len(found) == 1:
        _show(main, (mine or found[0]).id)
        return
    now = main.manager.clock()
    choices = [
        Choice(r.id, visible_line(r.prompt), note=f"{len(r.members)} entrants · {age(now - r.made_at) or 'now'}")
        for r in found
    ]
    main.app.push_screen(Picker("Compare which race?", choices), lambda id_: _show(main, id_) if id_ else None)


def _show(main: MainScreen, race_id: str) -> None:
    from conductor_tui.ui.screens.race import RaceScreen

    race = _races(main).get(race_id)
    for member, _ in race.standing(main.workspaces.records) if race else ():
        if member.thread_id in main.manager.threads:  # its turns are read
            main.manager.open_session(ThreadId(member.thread_id))
    main.app.push_screen(RaceScreen(main, race_id))


def lane(main: MainScreen, member: Member, record: WorkspaceRecord, diff: WorkingDiff | None) -> present.Lane:
    """An entrant as it stands."""
    entry = next((e for e in main.entries() if e.thread_id and e.thread_id == member.thread_id), None)
    sign, style, word = "○", "$text-muted", "not started"
    if entry is not None:
        (sign, style), word = entry.sign, "done" if entry.word in ("", "new") else entry.word
    if step := main.workspaces.step_of(record):
        sign, style, word = "…", "$text-warning", step
    elif record.is_missing:
        sign, style, word = "✕", "$text-error", "folder is gone"
    session = main.manager.sessions.get(ThreadId(member.thread_id))
    entrant, tokens, ms = member.entrant, 0, None
    if session is not None:
        projection = session.projection
        in_force = projection.settings
        if in_force.model:
            entrant = Entrant(in_force.model, in_force.effort)
        tokens = projection.usage.total
        took = [t.duration_ms for t in projection.turns.values() if t.duration_ms is not None]
        running = projection.running_turn
        if running is not None and running.started_at:
            took.append(max(0, int(main.manager.clock() - running.started_at)) * 1000)
        ms = sum(took) if took else None
    return present.Lane(
        name=visible_line(record.title or record.name),
        sign=sign,
        style=style,
        word=word,
        choice=_choice(main, entrant),
        changed=(diff.added, diff.deleted, len(diff.files)) if diff else None,
        ms=ms,
        tokens=tokens,
    )


def enter(main: MainScreen, record: WorkspaceRecord, member: Member) -> None:
    """Goes to an entrant's session."""
    known = member.thread_id in main.manager.threads
    main.workspaces.enter(record, ThreadId(member.thread_id) if known else None)


def copy(view: RaceScreen, text: str, what: str) -> None:
    """Copies text and says by which way."""
    from conductor_tui.ui import clipboard

    async def work() -> None:
        app = view.main.app
        said = await clipboard.copy(text, environ=os.environ, write=app.write_to_terminal, folder=app.state_folder)  # type: ignore[attr-defined]
        view.tell(f"{what} {said}")

    view.run_worker(work())


# The end


def pick_winner(view: RaceScreen, winner: WorkspaceRecord) -> None:
    """Lists what archiving the others would lose; nothing happens before the user has agreed to that list."""
    main, race = view.main, view.race
    desk, workspaces = main.workspaces, main.workspaces.workspaces
    assert workspaces is not None, "there is a race"
    losers = [record for _, record in view.standing if record.id != winner.id]

    async def work() -> None:
        view.tell("Looking at what would be lost …")
        try:
            listed = [(record, await workspaces.losses(record)) for record in losers]
        except (RepositoryError, WorkspaceError) as error:
            view.tell(f"It cannot be said what would be lost, so nothing was removed: {error.trouble.title}", "warning")
            return
        view.tell("")
        if view.is_current:
            _ask(main, race, winner, listed)

    desk.do(None, "No winner was chosen", work)


def _ask(
    main: MainScreen, race: Race, winner: WorkspaceRecord, listed: Sequence[tuple[WorkspaceRecord, Losses]]
) -> None:
    from conductor_tui.ui.screens.confirm import ConfirmScreen

    home = str(Path.home())
    sheets = [
        present_losses.sheet(r, losses, workspace_endings.busy_in(main, r), home, branch_goes=False)
        for r, losses in listed
    ]
    title = present.title(winner.name, [record.name for record, _ in listed])

    def answered(key: str | None) -> None:
        if key is not None:
            _close(main)
            # From the main screen: questions on the way would be answered to the one that closes.
            main.call_next(main.workspaces.do, None, "Not archived", lambda: _finish(main, race, winner, listed))

    question = present.question(winner.name, sheets)
    main.app.push_screen(ConfirmScreen(main, title, question, [("y", "archive the others")]), answered)


def _close(main: MainScreen) -> None:
    from conductor_tui.ui.screens.race import RaceScreen

    if isinstance(main.app.screen, RaceScreen):
        main.app.screen.dismiss(None)


async def _finish(
    main: MainScreen, race: Race, winner: WorkspaceRecord, listed: Sequence[tuple[WorkspaceRecord, Losses]]
) -> None:
    """Archives the losers, one after the other; what has changed since it was listed is listed again."""
    desk, workspaces = main.workspaces, main.workspaces.workspaces
    assert workspaces is not None, "there is a race"
    if main.manager.here.path in {record.path for record, _ in listed}:
        await desk.enter_now(winner)
    for at, (record, losses) in enumerate(listed):
        try:
            done = await workspaces.archive(
                record,
                losses.fingerprint,
                ask=workspace_endings.ask_go_on(main),
                on_progress=lambda line, id_=record.id: desk.step(id_, line),  # type: ignore[misc]
            )
        finally:
            desk.created(record)
        if isinstance(done, Changed):
            main.tell(f"something changed in {record.name} meanwhile; it was not removed", "warning")
            _ask(main, race, winner, [(record, done.losses), *listed[at + 1 :]])
            return
    await _races(main).decide(race, winner)
    main.tell(f"{display_name(winner)} is kept; “Restore workspace” brings the others back")
