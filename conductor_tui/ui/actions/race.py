"""Commands on races: start one, compare its entrants, keep one and archive the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from conductor_tui.domain.errors import AgentError, ConductorError, RepositoryError, WorkspaceError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age
from conductor_tui.domain.races import Entrant, Member, Race, field_of
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.workspaces import WorkingDiff, WorkspaceRecord, display_name
from conductor_tui.domain.worktrees import Changed, Losses
from conductor_tui.sessions.races import Races
from conductor_tui.ui.actions import workspace_endings
from conductor_tui.ui.actions import workspaces as of_workspaces
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import losses as present_losses
from conductor_tui.ui.presentation import race as present
from conductor_tui.ui.presentation.controls import model_name

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.screens.race import RaceScreen


def why_not_start(ctx: UiContext) -> str | None:
    """Why no race can begin."""
    if reason := of_workspaces.why_none(ctx):
        return reason
    if not ctx.manager.connection.is_open:
        return "Codex is not connected"
    if not ctx.manager.setup.catalogue.models:
        return "Codex has not listed its models"
    wants_decision = ctx.manager.here.trust.wants_decision
    return "decide first what Codex may do here: “Trust this repository”" if wants_decision else None


def why_not_compare(ctx: UiContext) -> str | None:
    """Why there is nothing to compare."""
    reason = of_workspaces.why_none(ctx)
    return reason or (None if _races(ctx).open else "no race is open")


def _races(ctx: UiContext) -> Races:
    assert ctx.workspaces.races is not None, "why_none says so"
    return ctx.workspaces.races


# The start


def start(ctx: UiContext, before: str = "") -> None:
    """Asks for the prompt and for the entrants, and starts them. `before`: a prompt that is written already."""
    from conductor_tui.ui.screens.ask import Ask

    desk, settings = ctx.workspaces, ctx.session.projection.settings
    repository = desk.here.repository if desk.here else desk.records[0].repository

    def given(prompt: str | None) -> None:
        from conductor_tui.ui.screens.race_entrants import RaceEntrants

        if not prompt:
            return
        field = field_of(ctx.manager.setup.catalogue.models, settings.model, settings.effort)

        def taken(entrants: list[Entrant] | None) -> None:
            if entrants:
                begin(ctx, repository, prompt, entrants)
            else:
                start(ctx, prompt)

        ctx.app.push_screen(RaceEntrants(prompt, field), taken)

    ctx.app.push_screen(Ask("What should every entrant do?", before), given)


def begin(ctx: UiContext, repository: Path, prompt: str, entrants: Sequence[Entrant]) -> None:
    """Makes the workspaces one after the other; each goes on by itself as soon as it is there."""
    desk, races = ctx.workspaces, _races(ctx)
    ctx.panes.prefer_side(Pane.TREE)  # where the entrants appear

    async def work() -> None:
        race, trouble = await races.begin(repository, prompt, ctx.tell)
        if trouble is not None:
            ctx.add_trouble(replace(trouble, title=f"The race begins without fetching: {trouble.title}"))
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
                _say_failed(ctx, f"{_choice(ctx, entrant)} does not take part", error)
                continue
            desk.created(record)
            running.add(record.id)
            once.ids.add(record.id)
            ctx.run(f"{record.name}: could not run", _run(ctx, race, record, entrant, ended))
        is_joining = False
        if not running:
            once.done()
        await races.end_start(race)
        started = len(entrants) - failed
        ctx.tell(f"{started} of {len(entrants)} entrants are there; “Compare race” shows them")

    ctx.run("The race was not started", work())


async def _run(
    ctx: UiContext, race: Race, record: WorkspaceRecord, entrant: Entrant, ended: Callable[[WorkspaceRecord], None]
) -> None:
    """The set-up of one entrant, then the prompt; what fails is said, and the others go on."""
    desk = ctx.workspaces
    try:
        desk.step(record.id, "setting up")
        await desk.set_up(record)
        desk.step(record.id, "sending the prompt")
        await _races(ctx).send(race, record, entrant, ctx.manager.folder(record.path, record.repository))
    except (AgentError, RepositoryError, WorkspaceError) as error:
        _say_failed(ctx, f"{record.name}: the prompt was not sent", error)
    finally:
        ended(record)
        desk.created(record)


def _say_failed(ctx: UiContext, what: str, error: ConductorError) -> None:
    trouble = getattr(error, "trouble", None) or Trouble(str(error))
    ctx.add_trouble(replace(trouble, title=f"{what}: {trouble.title}"))


def _choice(ctx: UiContext, entrant: Entrant) -> str:
    return present.model_and_effort(entrant, lambda model: model_name(ctx.manager.setup.catalogue, model))


# Comparing


def compare(ctx: UiContext) -> None:
    """Shows the race of the workspace on screen, the only one, or lists those that are open."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    races, here = _races(ctx), ctx.workspaces.here
    found, mine = races.open, races.of(here.id) if here else None
    if mine is not None or len(found) == 1:
        _show(ctx, (mine or found[0]).id)
        return
    now = ctx.manager.clock()
    choices = [
        Choice(r.id, visible_line(r.prompt), note=f"{len(r.members)} entrants · {age(now - r.made_at) or 'now'}")
        for r in found
    ]
    ctx.app.push_screen(Picker("Compare which race?", choices), lambda id_: _show(ctx, id_) if id_ else None)


def _show(ctx: UiContext, race_id: str) -> None:
    from conductor_tui.ui.screens.race import RaceScreen

    race = _races(ctx).get(race_id)
    for member, _ in race.standing(ctx.workspaces.records) if race else ():
        if member.thread_id in ctx.manager.threads:  # its turns are read
            ctx.manager.open_session(ThreadId(member.thread_id))
    ctx.app.push_screen(RaceScreen(ctx, race_id))


def tell_when_over(ctx: UiContext) -> None:
    """Says once when all entrants of a race have ended."""
    races = ctx.workspaces.races
    if races is None:
        return
    states = {entry.thread_id: entry.state for entry in ctx.entries() if entry.thread_id is not None}
    for race, found in races.ended(states):
        failed = sum(state is ThreadState.FAILED for state in found)
        how = f"{len(found) - failed} of {len(found)} finished" if failed else f"all {len(found)} have finished"
        text = f"The race is over, {how}: “Compare race” shows them ({race.prompt[:40]})"
        ctx.tell(text, timeout=15.0, waits=True)


def lane(ctx: UiContext, member: Member, record: WorkspaceRecord, diff: WorkingDiff | None) -> present.Lane:
    """An entrant as it stands."""
    entry = next((e for e in ctx.entries() if e.thread_id and e.thread_id == member.thread_id), None)
    sign, style, word = "○", "$text-muted", "not started"
    if entry is not None:
        (sign, style), word = entry.sign, "done" if entry.word in ("", "new") else entry.word
    if step := ctx.workspaces.step_of(record):
        sign, style, word = "…", "$text-warning", step
    elif record.is_missing:
        sign, style, word = "✕", "$text-error", "folder is gone"
    session = ctx.manager.sessions.get(ThreadId(member.thread_id))
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
            took.append(max(0, int(ctx.manager.clock() - running.started_at)) * 1000)
        ms = sum(took) if took else None
    return present.Lane(
        name=visible_line(record.title or record.name),
        sign=sign,
        style=style,
        word=word,
        choice=_choice(ctx, entrant),
        changed=(diff.added, diff.deleted, len(diff.files)) if diff else None,
        ms=ms,
        tokens=tokens,
    )


def enter(ctx: UiContext, record: WorkspaceRecord, member: Member) -> None:
    """Goes to an entrant's session."""
    known = member.thread_id in ctx.manager.threads
    ctx.workspaces.enter(record, ThreadId(member.thread_id) if known else None)


# The end


def pick_winner(view: RaceScreen, winner: WorkspaceRecord) -> None:
    """Lists what archiving the others would lose; nothing happens before the user has agreed to that list."""
    ctx, race = view.ctx, view.race
    workspaces = ctx.workspaces.workspaces
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
            _ask(ctx, race, winner, listed)

    ctx.run("No winner was chosen", work())


def _ask(ctx: UiContext, race: Race, winner: WorkspaceRecord, listed: Sequence[tuple[WorkspaceRecord, Losses]]) -> None:
    from conductor_tui.ui.screens.confirm import ConfirmScreen

    home = str(Path.home())
    sheets = [
        present_losses.sheet(r, losses, workspace_endings.busy_in(ctx, r), home, branch_goes=False)
        for r, losses in listed
    ]
    title = present.title(winner.name, [record.name for record, _ in listed])

    def answered(key: str | None) -> None:
        if key is not None:
            _close(ctx)
            ctx.run("Not archived", _finish(ctx, race, winner, listed))

    question = present.question(winner.name, sheets)
    ctx.app.push_screen(ConfirmScreen(ctx, title, question, [("y", "archive the others")]), answered)


def _close(ctx: UiContext) -> None:
    from conductor_tui.ui.screens.race import RaceScreen

    if isinstance(ctx.app.screen, RaceScreen):
        ctx.app.screen.dismiss(None)


async def _finish(
    ctx: UiContext, race: Race, winner: WorkspaceRecord, listed: Sequence[tuple[WorkspaceRecord, Losses]]
) -> None:
    """Archives the losers, one after the other; what has changed since it was listed is listed again."""
    desk, workspaces = ctx.workspaces, ctx.workspaces.workspaces
    assert workspaces is not None, "there is a race"
    if ctx.manager.here.path in {record.path for record, _ in listed}:
        await desk.enter_now(winner)
    for at, (record, losses) in enumerate(listed):
        try:
            done = await workspaces.archive(
                record,
                losses.fingerprint,
                ask=workspace_endings.ask_go_on(ctx),
                on_progress=lambda line, id_=record.id: desk.step(id_, line),  # type: ignore[misc]
            )
        finally:
            desk.created(record)
        if isinstance(done, Changed):
            ctx.tell(f"something changed in {record.name} meanwhile; it was not removed", "warning")
            _ask(ctx, race, winner, [(record, done.losses), *listed[at + 1 :]])
            return
    await _races(ctx).decide(race, winner)
    ctx.tell(f"{display_name(winner)} is kept; “Restore workspace” brings the others back")


HANDLERS = {
    "race.start": Handler(start, why_not_start),
    "race.compare": Handler(compare, why_not_compare),
}
