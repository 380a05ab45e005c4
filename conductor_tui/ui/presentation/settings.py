"""The settings as rows: name, value, origin and meaning. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from textual.content import Content

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.text import from_home, visible, visible_line
from conductor_tui.settings.origins import Fact, SettingValue, ValueSource, value_text
from conductor_tui.settings.reference import AT_START
from conductor_tui.settings.schema import KEYS, keys_in, shown
from conductor_tui.settings.toml_read import Key
from conductor_tui.settings.user_file import UserFile
from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.keymap import keys_of, shown_keys
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.terminal import frame_interval, is_remote

NO_KEY = "no key"
_OWN = "$text-success"
_SHORT = 20
"""A longer value may be cut in its row, and is shown in full below the list."""


class SettingRow(Struct, frozen=True):
    """One setting, one command's keys, or one fact."""

    id: str
    group: str
    name: str
    value: str
    origin: str
    about: tuple[str, ...]
    """What it means, where its value comes from, when a change takes effect."""
    key: Key = ()
    """The way to it in the file; empty for a fact, which nobody can change here."""
    standing: SettingValue | None = None
    command: Command | None = None
    is_own: bool = False
    """Whether the user's file sets it."""


def rows(file: UserFile, standings: Sequence[SettingValue], facts: Sequence[Fact]) -> list[SettingRow]:
    """All that is in force: the settings by table, the keys by pane, and what the environment sets."""
    where = from_home(str(file.path), str(Path.home()))
    found = [_setting_row(s, where) for s in standings]
    for pane in Pane:
        found += [_key_row(c, file, where) for c in commands_of(pane)]
    return found + [
        SettingRow(f.name, "environment", f.name, f.value, f.origin, (f.value, f.meaning, _decided(f))) for f in facts
    ]


def _setting_row(standing: SettingValue, where: str) -> SettingRow:
    setting = standing.setting
    said = {
        ValueSource.DEFAULT: "The default.",
        ValueSource.USER: f"From {where}. Default: {shown(setting.default) or 'not set'}.",
        ValueSource.OPTION: "Set by --codex on the command line.",
    }
    about = [setting.meaning, standing.note, "Press Enter to use it." if standing.offered else ""]
    about.append(f"{value_text(standing)}:" if len(value_text(standing)) > _SHORT else "")
    about.append(said.get(standing.origin, standing.origin))
    about.append(f"A change takes effect {AT_START}." if setting.is_for_start else "")
    return SettingRow(
        setting.id,
        setting.table,
        setting.name,
        value_text(standing),
        standing.origin.value,
        tuple(filter(None, about)),
        setting.key,
        standing,
        is_own=standing.origin is ValueSource.USER,
    )


def _key_row(command: Command, file: UserFile, where: str) -> SettingRow:
    is_own = keys_in(file.says((KEYS, command.id))) is not None
    default = shown_keys(command.keys) or NO_KEY
    origin = f"From {where}. Default: {default}." if is_own else "The default."
    return SettingRow(
        f"{KEYS}.{command.id}",
        f"keys · {command.pane.value}",
        command.title,
        shown_keys(keys_of(command, file.settings.keys)) or NO_KEY,
        ValueSource.USER if is_own else ValueSource.DEFAULT,
        (command.help, f"{origin} In the file: {KEYS}.{command.id}."),
        (KEYS, command.id),
        command=command,
        is_own=is_own,
    )


def _decided(fact: Fact) -> str:
    if fact.origin == ValueSource.DEFAULT:
        return "The default."
    return f"Set by {'$' if fact.origin.isupper() else ''}{fact.origin}. It cannot be changed here."


def terminal_facts(environ: Mapping[str, str], *, colours: str | None, is_plain: bool) -> tuple[Fact, ...]:
    """How the terminal is used. `colours` is what Rich found, `is_plain` whether NO_COLOR was set at the start."""
    names = {"truecolor": "16 million", "256": "256", "standard": "16"}
    if is_plain:
        colour = Fact("colours", "none", "NO_COLOR", "Shades of grey. Nothing is shown by colour alone.")
    else:
        variable = "COLORTERM" if environ.get("COLORTERM") else "TERM"
        meaning = "As many as the terminal reports. NO_COLOR=1 turns them off."
        colour = Fact("colours", names.get(colours or "", "16 million"), variable, meaning)
    variable = next((n for n in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "MOSH_IP") if environ.get(n)), "")
    rate = f"at most {1 / frame_interval(environ):.0f} per second"
    meaning = "Fewer over SSH, and fewer still if it is slow." if is_remote(environ) else "Fewer over SSH."
    return colour, Fact("frames", rate, variable or ValueSource.DEFAULT.value, meaning)


def matching(found: Sequence[SettingRow], typed: str) -> list[SettingRow]:
    """The rows that contain every word typed."""
    words = typed.lower().split()
    return [r for r in found if all(w in f"{r.id} {r.group} {r.name} {r.value} {r.origin}".lower() for w in words)]


def line(row: SettingRow, width: int) -> Content:
    """A row on one line of so many cells: name, value, origin."""
    name_cells = min(27, width // 2 - 2)
    origin = visible_line(row.origin)
    room = width - name_cells - 2 - cell_len(origin) - 1
    if room < 10:
        origin, room = "", width - name_cells - 2
    return Content.assemble(
        (_cut(f"  {row.name}", name_cells), "" if row.key else "$text-muted"),
        ("  ", ""),
        (_cut(row.value, room), "bold" if row.is_own else "$text-muted" if row.value == NO_KEY else ""),
        (f" {origin}" if origin else "", _OWN if row.is_own else "$text-muted"),
    )


def _cut(text: str, cells: int) -> str:
    text = visible_line(text)
    return set_cell_size(text, cells) if cell_len(text) <= cells else f"{set_cell_size(text, cells - 1)}…"


def about(row: SettingRow | None, troubles: Sequence[Trouble], said: Content | None) -> Content:
    """The text under the list: what just happened, what is wrong with the file, and the highlighted row."""
    lines = [said] if said is not None else []
    for trouble in troubles if said is None else ():
        text = ": ".join(filter(None, (trouble.title, trouble.cause)))
        lines.append(Content.assemble(("! ", "$text-warning"), visible(text)))
    if row is not None and (said is None or not lines):
        first, *rest = row.about
        lines.append(Content(visible(first)))
        lines.append(Content.styled(visible(" ".join(rest)), "$text-muted"))
    return Content("\n").join(lines)
