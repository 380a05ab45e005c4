"""Messages that several widgets send to the main screen."""

from __future__ import annotations

from textual.message import Message


class CommandWanted(Message):
    """The user wants a command of the table, by a key or a row of a widget."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command


class CopyRequested(Message):
    """The user wants `text` on the clipboard; `what` names it."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what
