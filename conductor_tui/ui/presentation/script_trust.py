"""The question whether to run a script: exactly what would run, where, and what has changed since it was trusted."""

from __future__ import annotations

import difflib
import shlex

from textual.content import Content

from conductor_tui.domain.scripts import ScriptKind
from conductor_tui.domain.text import from_home, visible, visible_line
from conductor_tui.services.scripts.trust import TrustQuestion

_SIGNS = {"+": "$text-success", "-": "$text-error", "?": ""}


def title(question: TrustQuestion) -> str:
    """The question."""
    script = question.script
    if script.kind is ScriptKind.ENVIRONMENT:
        changed = " They have changed since you trusted them." if question.before is not None else ""
        return f"Set this repository's variables in sessions and terminals?{changed}"
    name = f" “{visible_line(script.id)}”" if script.kind is ScriptKind.RUN else ""
    changed = " It has changed since you trusted it." if question.before is not None else ""
    return f"Run this repository's {script.kind.value} script{name}?{changed}"


def facts(question: TrustQuestion, home: str) -> Content:
    """Where it would run and with what."""
    script = question.script
    rows = [("folder", from_home(question.folder, home)), ("from", script.origin or "the repository's settings")]
    if script.args:
        rows.append(("arguments", shlex.join(script.args)))
    names = [name for name, _ in (*question.place.environment, *script.variables)]
    if names:
        rows.append(("variables", ", ".join(dict.fromkeys(names))))
    if script.files:
        rows.append(("env files", ", ".join(script.files)))
    return Content("\n").join(
        Content.assemble((f"{label:<11}", "$text-muted"), visible_line(value)) for label, value in rows
    )


def text(question: TrustQuestion) -> Content:
    """The exact text; after a change, the whole text as a diff."""
    script = question.script
    if question.before is None:
        is_text = script.kind is not ScriptKind.ENVIRONMENT
        shown = script.text.rstrip("\n").split("\n") if is_text else list(filter(None, script.content.lines))
        return Content("\n").join(Content(_shown(row)) for row in shown)
    rows = difflib.ndiff(list(question.before.lines), list(script.content.lines))
    return Content("\n").join(
        Content.styled(f"{row[0]} {_shown(row[2:])}", _SIGNS.get(row[0], "")) for row in rows if not row.startswith("?")
    )


def _shown(row: str) -> str:
    """One line of the script, with every character made visible."""
    return visible(row).replace("\t", "    ") or " "


def note(question: TrustQuestion) -> str:
    """The consequence."""
    if question.script.kind is ScriptKind.ENVIRONMENT:
        return "Variables can change which programs run. Files that git does not track may change without a question."
    return "Runs with your permissions. Files it calls are not checked."


def keys(question: TrustQuestion) -> str:
    """The keys that answer."""
    if question.script.kind is ScriptKind.ENVIRONMENT:
        return "y trust and set · o set in this window only · n don't set · ↑↓ scroll"
    return "y trust and run · o run once · n don't run · ↑↓ scroll"
