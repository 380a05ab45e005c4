"""The settings: every value with its origin, changed by Enter and reset by one key. It writes through Preferences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from conductor_tui.settings.declared import Kind, Setting, SettingError, shown
from conductor_tui.settings.origins import Fact, standings
from conductor_tui.settings.reference import AT_START
from conductor_tui.settings.toml_file import Edit, KeyConflict
from conductor_tui.settings.toml_read import TomlFileError, Value
from conductor_tui.settings.toml_text import NotEditable
from conductor_tui.settings.user_file import UserFile
from conductor_tui.ui.commands.key_names import canonical
from conductor_tui.ui.commands.key_rules import why_not
from conductor_tui.ui.commands.keymap import keys_of, shown_keys
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation import settings as present
from conductor_tui.ui.presentation.hanging import Hanging
from conductor_tui.ui.presentation.settings import Row
from conductor_tui.ui.screens.ask import Ask
from conductor_tui.ui.screens.key_catcher import KeyCatcher
from conductor_tui.ui.screens.picker import Choice, Picker
from conductor_tui.ui.widgets.ahead_input import AheadInput
from conductor_tui.ui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from pathlib import Path

    from conductor_tui.ui.preferences import Preferences


class SettingsScreen(ModalScreen[None]):
    """Typing filters, Enter changes, `del` goes back to the default, escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "dismiss(None)", "Back", show=False, priority=True),
        Binding("delete,ctrl+d", "reset", "Default", show=False, priority=True),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "move(8)", "Page down", show=False, priority=True),
        Binding("pageup", "move(-8)", "Page up", show=False, priority=True),
    ]

    def __init__(self, preferences: Preferences, file: UserFile, root: Path, facts: Sequence[Fact]) -> None:
        """`file`: what the user's file says now; `root`: the repository, which may ask for settings too."""
        super().__init__()
        self._preferences = preferences
        self._file = file
        self._root = root
        self._facts = facts
        self._rows: dict[str, Row] = {}
        self._said: Content | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="settings"):
            yield Static(Content.styled("Settings", "bold"))
            yield AheadInput(take=self.edit, placeholder="type to filter", id="settings-filter")
            yield CursorList(id="settings-list", markup=False, compact=True)
            yield Static(id="settings-about")
            yield Static(Content.styled("Enter changes   del default   esc back", "$text-muted"))

    def on_mount(self) -> None:
        self._take(self._file)

    def on_resize(self) -> None:
        """Rows are cut to the width."""
        self._fill()

    # What is shown

    def _take(self, file: UserFile) -> None:
        self._file = file
        found = standings(file, codex_option=self._preferences.origins.codex_option, root=self._root)
        self._rows = {row.id: row for row in present.rows(file, found, self._facts)}
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
    def _row(self) -> Row | None:
        option = self.query_one(OptionList).highlighted_option
        return self._rows.get(option.id) if option is not None and option.id else None

    def _show_about(self) -> None:
        text = present.about(self._row, self._file.troubles, self._said)
        self.query_one("#settings-about", Static).update(Hanging(text))

    def _say(self, text: str, style: str = "bold $text-accent") -> None:
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
        """Another row: what was said about the one before is over."""
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
        """Takes the highlighted setting out of the file."""
        row = self._row
        if row is None or not row.key:
            self._say("The environment decides this.", "$text-warning")
        elif self._file.says(row.key) is None:
            self._say("Your file does not name it: it is the default already.")
        else:
            self._write(row, None)

    def edit(self) -> None:
        """Enter: changes the highlighted setting, each in its own way."""
        row = self._row
        if row is None:
            return
        if row.command is not None:
            self._edit_keys(row)
        elif row.standing is None:
            self._say("The environment decides this; it cannot be changed here.", "$text-warning")
        elif row.standing.setting.kind is Kind.SWITCH:
            self._write(row, not row.standing.value)
        elif row.standing.setting.kind is Kind.CHOICE:
            self._choose(row, row.standing.setting)
        elif row.standing.offered:
            self._offer(row, row.standing.offered)
        else:
            self._ask(row, self._said_text(row))

    # Values

    def _said_text(self, row: Row) -> str:
        said = self._file.says(row.key)
        return shown(said) if said is not None else shown(row.standing.setting.default if row.standing else "")

    def _choose(self, row: Row, setting: Setting) -> None:
        assert row.standing is not None
        choices = [Choice(name, name, is_current=name == row.standing.value) for name in setting.choices]
        self.app.push_screen(Picker(row.id, choices), partial(self._write_if, row))

    def _ask(self, row: Row, text: str) -> None:
        assert row.standing is not None
        setting = row.standing.setting

        def wrong(text: str) -> str:
            try:
                setting.read(text)
            except SettingError as error:
                return visible_line(str(error))
            return ""

        def typed(text: str | None) -> None:
            if text is not None:
                self._write(row, setting.read(text))

        ask = Ask(f"{row.id}: {setting.takes}", text, is_optional=setting.accepts(""), wrong=wrong)
        self.app.push_screen(ask, typed)

    def _offer(self, row: Row, program: str) -> None:
        choices = [
            Choice(
                "take", f"Take over {program}", detail="Only if you trust this repository. It holds for all of them."
            ),
            Choice("type", "Type another path"),
        ]

        def taken(choice: str | None) -> None:
            if choice == "take":
                self._check_and_write(row, program)
            elif choice == "type":
                self._ask(row, self._said_text(row))

        self.app.push_screen(Picker(row.id, choices), taken)

    def _check_and_write(self, row: Row, text: str) -> None:
        assert row.standing is not None
        try:
            self._write(row, row.standing.setting.read(text))
        except SettingError as error:
            self._say(str(error), "$text-warning")

    # Keys of commands

    def _edit_keys(self, row: Row) -> None:
        assert row.command is not None
        command, now = row.command, keys_of(row.command, self._file.settings.keys)
        choices = [Choice("press", "Press another key" if now else "Press a key")]
        if now:
            choices.append(Choice("add", f"Another key beside {shown_keys(now)}"))
            in_palette = "The palette still has it." if command.pane is Pane.APP else ""
            choices.append(Choice("off", "No key", detail=in_palette))
        if row.is_own:
            choices.append(Choice("default", f"The default: {shown_keys(command.keys) or present.NO_KEY}"))

        def taken(choice: str | None) -> None:
            match choice:
                case "press" | "add":
                    before = list(now) if choice == "add" else []
                    self.app.push_screen(KeyCatcher(command.title), partial(self._pressed, row, before))
                case "off":
                    self._write(row, "")
                case "default":
                    self._write(row, None)

        self.app.push_screen(Picker(f"{command.title}: {shown_keys(now) or present.NO_KEY}", choices), taken)

    def _pressed(self, row: Row, before: list[str], key: str | None) -> None:
        assert row.command is not None
        if key is None:
            return
        if (reason := why_not(key, row.command, self._file.settings.keys)) is not None:
            self._say(f"Not changed: {reason}.", "$text-warning")
            return
        keys = [*(k for k in before if canonical(k) != key), key]
        self._write(row, keys[0] if len(keys) == 1 else keys)

    # Writing

    def _write_if(self, row: Row, value: Value) -> None:
        if value is not None:
            self._write(row, value)

    def _write(self, row: Row, value: Value) -> None:
        self.run_worker(self._change(row, Edit(row.key, value, self._file.says(row.key))))

    async def _change(self, row: Row, edit: Edit) -> None:
        try:
            file = await self._preferences.change([edit])
        except KeyConflict as conflict:
            self._ask_again(row, edit, conflict.theirs)
        except TomlFileError as error:
            self._say(f"Nothing was written. {error}", "$text-warning")
        except NotEditable as error:
            self._say(f"Nothing was written: {error}", "$text-warning")
        else:
            self._take(file)
            self._say(self._told(self._rows[row.id]))

    def _told(self, row: Row) -> str:
        state = f"{row.name} is {row.value}" if row.is_own else f"{row.name} is the default again: {row.value}"
        standing = row.standing
        if standing is not None and standing.setting.is_for_start:
            return f"{state}; it takes effect {AT_START}."
        return f"{state}; from now on."

    def _ask_again(self, row: Row, edit: Edit, theirs: Value) -> None:
        """Somebody else changed the same setting: both values, and the user's word."""
        choices = [
            Choice("mine", f"Write {_named(edit.value)}", note="yours"),
            Choice("theirs", f"Leave {_named(theirs)}", note="written meanwhile by somebody else"),
        ]
        again = Edit(edit.key, edit.value, theirs)

        def taken(choice: str | None) -> None:
            work: Callable[[], object] = partial(self._change, row, again) if choice == "mine" else self._read_again
            self.run_worker(work())  # type: ignore[arg-type]

        self.app.push_screen(Picker(f"{row.id} was changed meanwhile", choices), taken)

    async def _read_again(self) -> None:
        self._take(await self._preferences.read())


def _named(value: Value) -> str:
    return "the default" if value is None else shown(value) or present.NO_KEY
