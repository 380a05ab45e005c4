"""The main screen's own words: titles, hints, status line, the welcome of an empty session. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.cells import cell_len
from textual.content import Content

from conductor_tui.domain.controls import Account, SandboxKind, SessionSettings, plan_gaps
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.threads import ThreadState
from conductor_tui.services.sessions.connection import Link
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.sessions.session import Session
from conductor_tui.ui.commands.catalogue import COMMANDS, command, commands_of
from conductor_tui.ui.commands.keymap import first_key, key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation import trust
from conductor_tui.ui.presentation.controls import (
    ControlRow,
    is_fast,
    model_name,
    rows,
    server_rows,
    toolbox_rows,
    usage_rows,
)
from conductor_tui.ui.presentation.threads import SessionEntry
from conductor_tui.ui.presentation.wrapping import wrap_text

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


TITLE_LIMIT = 60
MIN_PLACE = 20
"""Cells that the place keeps in the status line, whatever else is there."""
SLOW_LINK = 0.05
"""Seconds of round trip to the terminal from which it is worth a word."""


def session_title(manager: SessionManager, session: Session) -> str:
    """The transcript's title."""
    projection = session.projection
    summary = manager.threads.get(session.thread_id) if session.thread_id else None
    name = visible_line(projection.name or (summary.title if summary else "new session"))
    name = name if len(name) <= TITLE_LIMIT else f"{name[: TITLE_LIMIT - 1]}…"
    if session.is_opening and projection.is_connected:
        return f"{name} · opening …"
    return f"{name} · not connected" if not projection.is_connected else name


def composer_hint(ctx: UiContext, session: Session) -> str:
    """What sending does now."""
    send = first_key(ctx.keys, "composer.send")
    if not session.projection.is_connected:
        return "Disconnected. Messages are queued until Codex is back"
    if session.projection.waiting_approvals:
        return f"Codex is waiting for your answer ({key_text(ctx.keys, 'session.next_waiting')})"
    if session.projection.running_turn:
        key = first_key(ctx.keys, "session.interrupt")
        return f"{send}: add to this turn · {key} {key}: interrupt"
    if ctx.manager.plans.waiting(session) is not None:
        return f"A plan is ready ({key_text(ctx.keys, 'session.next_waiting')})"
    if session.projection.settings.is_plan_mode:
        gaps = plan_gaps(session.projection.settings)
        outside = "MCP tools and hooks" if session.projection.mcp_servers else "hooks"
        if not gaps:
            return f"Plan Mode: commands cannot write, {outside} can"
        return f"Plan Mode: {', '.join([*gaps, outside])} can still write"
    return f"{send} to send · {first_key(ctx.keys, 'composer.newline')} for a new line"


def welcome(ctx: UiContext, width: int) -> str:
    """What an empty transcript shows on `width` cells: keys in two columns, or below each other."""
    send = first_key(ctx.keys, "composer.send")
    said = ("New session in this repository", f"Describe what Codex should do, then press {send}")
    rows = [row.text for text in said for row in wrap_text(text, width)] + [""]
    keyed = [(key, command(id_).title) for id_ in _WELCOME if (key := key_text(ctx.keys, id_))]
    columns = [f"{key:<9}  {title:<16}" for key, title in keyed]
    half = (len(keyed) + 1) // 2
    pairs = ["   ".join(columns[at::half]).rstrip() for at in range(half)]
    is_wide = max(map(len, pairs), default=0) <= width
    rows += pairs if is_wide else [column.rstrip() for column in columns]
    ignored = ctx.workspaces.folders.without_effect.get(ctx.manager.here.path, ())
    if ignored:
        text = "Settings of this repository that conductor-tui does not support yet:"
        rows += ["", *(row.text for row in wrap_text(text, width)), *ignored]
    return "\n".join(rows)


_WELCOME = ("control.model", "control.plan", "session.open", "view.diff", "app.palette", "app.help")


def control_groups(ctx: UiContext, session: Session, now: float) -> list[list[ControlRow]]:
    """The sidebar's groups: controls, what Codex works with, use, account and server."""
    manager, projection = ctx.manager, session.projection
    info, setup = manager.connection.info, manager.setup
    letters = {c.runs: key_text(ctx.keys, c) for c in commands_of(Pane.CONTROLS)}
    groups = [
        rows(projection, setup.catalogue, info, session.controls.scope.way_back),
        toolbox_rows(projection, session.folder.skills),
        usage_rows(projection, setup.limits, now),
        [
            *trust.rows(manager.here.trust),
            *_account_rows(setup.account),
            *_provider_rows(projection),
            *server_rows(info),
        ],
    ]
    return [[replace(row, key=letters.get(row.command, "")) for row in group] for group in groups]


def _provider_rows(projection: SessionProjection) -> list[ControlRow]:
    name = visible_line(projection.settings.provider)
    return [ControlRow("Provider", name, command="control.provider")] if name else []


def _account_rows(account: Account | None) -> list[ControlRow]:
    who: list[ControlRow] = []
    if account is not None:
        if account.doubt:
            known = visible_line(account.email) or {"chatgpt": "ChatGPT", "apiKey": "API key"}.get(account.kind, "")
            who = (
                [ControlRow("Account", known), ControlRow("", "offline?")]
                if known
                else [ControlRow("Account", "unknown, offline?")]
            )
        elif account.kind == "chatgpt":
            who = [ControlRow("Account", visible_line(account.email or "ChatGPT"))]
            if account.plan:
                who.append(ControlRow("", f"ChatGPT {visible_line(account.plan)}"))
        elif account.kind:
            who = [ControlRow("Account", "API key, billed per token")]
        elif account.is_signed_out:
            who = [ControlRow("Account", "not signed in", is_alarming=True)]
        else:
            who = [ControlRow("Account", "no sign-in needed")]
    return who


def no_palette(keys: Mapping[str, Sequence[str]], back: str) -> str:
    """What a screen without the palette says to its key. `back`: the command that goes back to the main screen."""
    return f"The command palette is available on the main screen ({key_text(keys, back)})"


def close_key(ctx: UiContext) -> str:
    """The key that closes a problem above the composer; empty while it has another meaning."""
    means_else = ctx.reason("session.interrupt") is None
    return key_text(ctx.keys, "view.close_message") or ("" if means_else else key_text(ctx.keys, "session.interrupt"))


def troubles(ctx: UiContext) -> list[Trouble]:
    """What stands in the way, or soon will."""
    manager = ctx.manager
    found = list(manager.setup.notices.values())
    account = manager.setup.account
    is_read = "configWarning" not in manager.setup.notices  # else Codex answers for its defaults, not for this file
    if account is not None and account.is_signed_out and is_read and manager.connection.info:
        key = key_text(ctx.keys, "app.palette")
        found.append(Trouble(f"You're not signed in. Press {key} and choose Sign in (works over SSH)"))
    if manager.here.trust.wants_decision and manager.connection.info:
        found.append(trust.undecided(manager.here.trust, key_text(ctx.keys, "app.palette")))
    if manager.connection.trouble and manager.connection.link is Link.FAILED:
        found.append(manager.connection.trouble)
    if ctx.workspaces.checkout_trouble:
        found.append(ctx.workspaces.checkout_trouble)
    found.extend(ctx.workspaces.troubles)
    return found


def place(ctx: UiContext) -> str:
    """Where the session works: repository, workspace and branch; the folder outside a repository."""
    here, state = ctx.workspaces.here, ctx.workspaces.state_of(ctx.manager.here.path)
    if here is None or not ctx.workspaces.has_git:
        return visible_line(ctx.manager.here.path.name)
    known = ctx.workspaces.workspaces.repositories if ctx.workspaces.workspaces else ()
    repository = next((r.name for r in known if r.root == here.repository), here.repository.name)
    where = repository if here.is_local else f"{repository}/{here.name}"
    branch = state.label if state else here.branch
    return visible_line(where if branch in ("", here.name) else f"{where} · {branch}")


def status(ctx: UiContext, listed: list[SessionEntry], note: str) -> Content:
    """The left part of the status line: the connection, who needs the user, and what is in force, where.

    On a narrow screen the standing `note` goes first, then what may be edited and the model; the place is cut last.
    """
    manager, width = ctx.manager, ctx.app.size.width
    news: list[Content] = []
    if manager.connection.link is not Link.CONNECTED:
        words = {Link.CONNECTING: "starting Codex …", Link.LOST: "reconnecting …", Link.FAILED: "disconnected"}[
            manager.connection.link
        ]
        news.append(Content.styled(words, "$text-warning"))
    waiting = sum(e.needs_user for e in listed)
    working = sum(e.state is ThreadState.WORKING for e in listed)
    if waiting:
        news.append(Content.styled(f"◆ {waiting} waiting for you", "bold $text-accent"))
    if working:
        news.append(Content.styled(f"◐ {working} working", "$text-primary"))
    unread = sum(e.is_unread for e in listed)
    if unread:
        news.append(Content.styled(f"● {unread} new", "$text-success"))
    running = len(ctx.dock.runner.alive_scripts) if ctx.dock is not None else 0
    if running:
        news.append(Content.styled(f"● {running} script{'s' if running != 1 else ''}", "$text-primary"))
    if ctx.session.projection.settings.is_plan_mode:
        news.append(Content.styled("PLAN", "bold $text-warning"))
    share = 3 if ctx.panes.focused is Pane.COMPOSER else 2.5  # the others have keys of their own to tell
    room = int(width * share / 5) - 1 - sum(part.cell_length + 2 for part in news)
    if told := next((n for n in (note, note.partition(":")[0]) if n and cell_len(n) + 2 + MIN_PLACE <= room), ""):
        news.insert(0, Content.styled(told, "$text-accent"))
        room -= cell_len(told) + 2
    in_force = _in_force(ctx, room)
    if (trip := ctx.app.pace.round_trip) and trip >= SLOW_LINK:
        link = Content.styled(f"link {round(trip * 100) * 10} ms", "$text-muted")
        if link.cell_length + 2 + in_force.cell_length <= room:  # it takes nobody's place
            news.append(link)
    return Content(" ").join([Content(""), Content("  ").join([*news, in_force])])


def _in_force(ctx: UiContext, room: int) -> Content:
    """Model, place, and what commands may touch: as much as there is room for, the place in any case."""
    settings, where = ctx.session.projection.settings, Content(place(ctx))
    model = access = Content("")
    if settings.model:
        words = [model_name(ctx.manager.setup.catalogue, settings.model)]
        words += [visible_line(settings.effort)] if settings.effort else []
        words += ["fast"] if is_fast(settings) else []
        model, access = Content(" ".join(words)), Content(_ACCESS.get(_kind(settings), ""))
    is_open = _kind(settings) is SandboxKind.FULL_ACCESS
    if is_open:
        access = access.stylize("$text-warning")
    for parts in ((model, where, access), (where, access) if is_open else (model, where), (where,)):
        line = Content(" · ").join([part for part in parts if part])
        if line.cell_length <= room:
            return line
    return where.truncate(max(MIN_PLACE, room), ellipsis=True)


def _kind(settings: SessionSettings) -> SandboxKind:
    return settings.sandbox.kind if settings.sandbox else SandboxKind.UNKNOWN


_ACCESS = {
    SandboxKind.READ_ONLY: "read-only",
    SandboxKind.WORKSPACE_WRITE: "can edit files",
    SandboxKind.FULL_ACCESS: "full access",
    SandboxKind.EXTERNAL: "external sandbox",
}


def window_name(ctx: UiContext, listed: list[SessionEntry]) -> str:
    """The title of the terminal's window: how many sessions need the user or have news, and where this is."""
    waiting, unread = sum(e.needs_user for e in listed), sum(e.is_unread for e in listed)
    return f"{f'◆{waiting} ' if waiting else ''}{f'●{unread} ' if unread else ''}{place(ctx)} · conductor-tui"


def hints(ctx: UiContext) -> tuple[tuple[str, str], ...]:
    """Keys for the status line: those of the focused pane first, then the most useful others."""
    app = [c for c in COMMANDS if c.pane is Pane.APP and c.hint and ctx.reason(c.id) is None]
    app.sort(key=lambda c: _HINT_ORDER.index(c.id))
    if ctx.panes.is_furnished and ctx.panes.dock.is_typing:
        return own_hints(ctx)
    return (*own_hints(ctx), *((key_text(ctx.keys, c), c.hint) for c in app if key_text(ctx.keys, c)))


def own_hints(ctx: UiContext) -> tuple[tuple[str, str], ...]:
    """The keys of the focused pane."""
    pane = ctx.panes.focused
    if ctx.panes.is_furnished and ctx.panes.dock.is_typing:
        return ((key_text(ctx.keys, "dock.leave"), "stop typing"),)
    own = [c for c in COMMANDS if c.pane is pane and c.hint and pane is not Pane.COMPOSER]
    return tuple((key_text(ctx.keys, c), c.hint) for c in own if key_text(ctx.keys, c))


_HINT_ORDER = (
    "view.diff", "view.dock", "control.model", "session.open", "view.controls", "control.plan", "control.effort",
    "attention.show", "app.palette", "app.help",
)  # fmt: skip
