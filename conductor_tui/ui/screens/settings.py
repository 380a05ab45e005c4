"""The settings: every value with its origin, changed by Enter and reset by one key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from conductor_tui.domain.text import visible, visible_line
from conductor_tui.settings.origins import Fact, SettingValue, standings
from conductor_tui.settings.reference import AT_START
from conductor_tui.settings.schema import Kind, Setting, SettingError, shown
from conductor_tui.settings.toml_file import Edit, KeyConflict
from conductor_tui.settings.toml_read import TomlFileError, Value
from conductor_tui.settings.toml_text import NotEditable
from conductor_tui.settings.user_file import UserFile
from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.key_names import canonical
from conductor_tui.ui.commands.key_rules import why_not
from conductor_tui.ui.commands.keymap import keys_of, shown_keys
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.dialogs.input import Ask
from conductor_tui.ui.dialogs.key_capture import KeyCatcher
from conductor_tui.ui.dialogs.picker import Choice, Picker
from conductor_tui.ui.presentation import settings as present
from conductor_tui.ui.presentation.hanging import Hanging
from conductor_tui.ui.presentation.settings import SettingRow
from conductor_tui.ui.widgets.cursor_list import CursorList
from conductor_tui.ui.widgets.immediate_input import AheadInput

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


_WARNING = "$text-warning"
_NOT_CHANGED = "Could not change the setting"


class SettingsScreen(ModalScreen[None]):
    """Typing filters, Enter changes, `del` restores the default, escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "dismiss(None)", "Back", show=False, priority=True),
        Binding("delete,ctrl+d", "reset", "Default", show=False, priority=True),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "move(8)", "Page down", show=False, priority=True),
        Binding("pageup", "move(-8)", "Page up", show=False, priority=True),
    ]

    def __init__(self, ctx: UiContext, file: UserFile, facts: Sequence[Fact]) -> None:
        """`file`: what the user's file says now."""
        super().__init__()
        self._ctx = ctx
        self._file = file
        self._root = ctx.manager.here.path
        self._facts = facts
        self._rows: dict[str, SettingRow] = {}
        self._said: Content | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="settings"):
            yield Static(Content.styled("Settings", "bold"))
            yield AheadInput(take=self.edit, placeholder="type to filter", id="settings-filter")
            yield CursorList(id="settings-list", markup=False, compact=True)
            yield Static(id="settings-about")
            yield Static(Content.styled("Enter change · Del restore default · Esc close", "$text-muted"))

    def on_mount(self) -> None:
        self._take(self._file)

    def on_resize(self) -> None:
        """Rows are cut to the width."""
        self._fill()

    # What is shown

    def _take(self, file: UserFile) -> None:
        self._file = file
        found = standings(file, codex_option=self._ctx.preferences.origins.codex_option, root=self._root)
        self._rows = {row.id: row for row in present.rows(file, found, self._facts)}
        if self.is_attached:
            self._fill()

    def _fill(self) -> None:
        choices = self.query_one(OptionList)
        at = self._row.id if self._row else ""
        typed = self.query_one(Input).value
        found = present.matching(list(self._rows.values()), typed)
        width = choices.size.width - 1
        options: list[Option] = []
        group = ""
        for row in found:
            if row.group != group:
                group = row.group
                options.append(Option(Content.styled(group, "bold $text-primary"), disabled=True))
            options.append(Option(present.line(row, width), id=row.id))
        if not found:
            options.append(
                Option(Content.styled(f"  Nothing matches “{visible_line(typed)}”", "$text-muted"), disabled=True)
            )
        choices.set_options(options)
        ids = [o.id for o in options]
        choices.highlighted = ids.index(at) if at in ids else next((i for i, id_ in enumerate(ids) if id_), None)
        self._show_about()

    @property
    def _row(self) -> SettingRow | None:
        option = self.query_one(OptionList).highlighted_option
        return self._rows.get(option.id) if option is not None and option.id else None

    def _show_about(self) -> None:
        text = present.about(self._row, self._file.troubles, self._said)
        self.query_one("#settings-about", Static).update(Hanging(text))

    def _say(self, text: str, style: str = "bold $text-accent") -> None:
        """Says what happened; once the screen has closed, in the status line."""
        if not self.is_attached:
            self._ctx.tell(text, "warning" if style == _WARNING else "information")
            return
        self._said = Content.styled(visible(text), style)
        self._show_about()

    # Keys

    @on(Input.Changed)
    def filter(self) -> None:
        """Keeps the rows that hold every word typed."""
        self._said = None
        self._fill()

    @on(OptionList.OptionHighlighted)
    def moved(self) -> None:
        """Another row: what was said about the one before no longer applies."""
        self._show_about()

    @on(OptionList.OptionSelected)
    def clicked(self) -> None:
        """A click changes a setting."""
        self.edit()

    def on_key(self, event: events.Key) -> None:
        """A key that came before the filter had the focus."""
        field = self.query_one(Input)
        if self.focused is not field:
            self.set_focus(field)
            if event.is_printable and event.character:
                field.insert_text_at_cursor(event.character)
            elif event.key == "enter":
                self.edit()

    def action_move(self, step: int) -> None:
        """Moves the highlight while the filter keeps the focus."""
        self._said = None
        choices = self.query_one(OptionList)
        for _ in range(abs(step)):
            if step > 0:
                choices.action_cursor_down()
            else:
                choices.action_cursor_up()

    def action_reset(self) -> None:
        """Removes the highlighted setting from the file."""
        row = self._row
        if row is None or not row.key:
            self._say("The environment sets this. It cannot be changed here", _WARNING)
        elif self._file.says(row.key) is None:
            self._say("Already the default: your file does not set it")
        else:
            self._write(row, None)

    def edit(self) -> None:
        """Enter: changes the highlighted setting, each in its own way."""
        row = self._row
        if row is None:
            return
        if row.command is not None:
            self._ctx.run(_NOT_CHANGED, self._edit_keys(row, row.command))
        elif row.standing is None:
            self._say("The environment sets this. It cannot be changed here", _WARNING)
        elif row.standing.setting.kind is Kind.SWITCH:
            self._write(row, not row.standing.value)
        else:
            self._ctx.run(_NOT_CHANGED, self._edit_value(row, row.standing))

    # Values

    async def _edit_value(self, row: SettingRow, standing: SettingValue) -> None:
        setting = standing.setting
        if setting.kind is Kind.CHOICE:
            choices = [Choice(name, name, is_current=name == standing.value) for name in setting.choices]
            value = await self._ctx.ask(Picker(row.id, choices))
        else:
            value = await self._offered(row, standing.offered) if standing.offered else ""
            if value == "":
                said = self._file.says(row.key)
                text = shown(said if said is not None else setting.default)
                ask = Ask(
                    f"{row.id}: {setting.takes}", text, is_optional=setting.accepts(""), wrong=partial(_wrong, setting)
                )
                value = await self._ctx.ask(ask)
        if value is None:
            return
        if reason := _wrong(setting, value):
            self._say(reason, _WARNING)
        else:
            await self._change(row, setting.read(value))

    async def _offered(self, row: SettingRow, program: str) -> str | None:
        """The program that the repository asks for, empty for another one; None: back."""
        detail = "Only if you trust this repository. Applies to all repositories."
        choices = [Choice("take", f"Use {program}", detail=detail), Choice("type", "Enter another path")]
        choice = await self._ctx.ask(Picker(row.id, choices))
        return {"take": program, "type": ""}.get(choice or "")

    # Keys of commands

    async def _edit_keys(self, row: SettingRow, command: Command) -> None:
        now = keys_of(command, self._file.settings.keys)
        choices = [Choice("press", "Replace the key" if now else "Set a key")]
        if now:
            choices.append(Choice("add", "Add a key", detail=f"Keeps {shown_keys(now)}."))
            in_palette = "Still available in the palette." if command.pane is Pane.APP else ""
            choices.append(Choice("off", "Remove the key", detail=in_palette))
        if row.is_own:
            choices.append(Choice("default", f"Restore the default: {shown_keys(command.keys) or present.NO_KEY}"))
        choice = await self._ctx.ask(Picker(f"{command.title}: {shown_keys(now) or present.NO_KEY}", choices))
        if choice in ("off", "default"):
            await self._change(row, "" if choice == "off" else None)
            return
        key = await self._ctx.ask(KeyCatcher(command.title)) if choice is not None else None
        if key is None:
            return
        if (reason := why_not(key, command, self._file.settings.keys)) is not None:
            self._say(f"Not changed: {reason}", _WARNING)
            return
        keys = [*(k for k in now if choice == "add" and canonical(k) != key), key]
        await self._change(row, keys[0] if len(keys) == 1 else keys)

    # Writing

    def _write(self, row: SettingRow, value: Value) -> None:
        self._ctx.run(_NOT_CHANGED, self._change(row, value))

    async def _change(self, row: SettingRow, value: Value) -> None:
        """Writes a value; where another program changed the same setting, as the user decides."""
        seen = self._file.says(row.key)
        while True:
            try:
                file = await self._ctx.preferences.change([Edit(row.key, value, seen)])
            except KeyConflict as conflict:
                seen = conflict.theirs
                if not await self._overwrites(row, value, seen):
                    self._take(await self._ctx.preferences.read())
                    return
            except (TomlFileError, NotEditable) as error:
                self._say(f"{_NOT_CHANGED}: {error}", _WARNING)
                return
            else:
                self._take(file)
                self._say(self._told(self._rows[row.id]))
                return

    async def _overwrites(self, row: SettingRow, ours: Value, theirs: Value) -> bool:
        choices = [
            Choice("ours", f"Write {_named(ours)}", note="yours"),
            Choice("theirs", f"Keep {_named(theirs)}", note="written meanwhile by another program"),
        ]
        return await self._ctx.ask(Picker(f"{row.id} changed meanwhile", choices)) == "ours"

    def _told(self, row: SettingRow) -> str:
        state = f"{row.name} is {row.value}" if row.is_own else f"{row.name} is back to the default: {row.value}"
        is_for_start = row.standing is not None and row.standing.setting.is_for_start
        return f"{state}. Takes effect {AT_START}" if is_for_start else state


def _wrong(setting: Setting, text: str) -> str:
    """Why a setting cannot have a value; empty when it can."""
    try:
        setting.read(text)
    except SettingError as error:
        return visible_line(str(error))
    return ""


def _named(value: Value) -> str:
    return "the default" if value is None else shown(value) or present.NO_KEY
