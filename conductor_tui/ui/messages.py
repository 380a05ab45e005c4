"""Messages that several widgets send to the main screen."""

from __future__ import annotations

from textual.message import Message


class CommandWanted(Message):
    """The user wants a command of the table, by a key or a row of a widget; `then_write`: and then to go on writing."""

    def __init__(self, command: str, *, then_write: bool = False) -> None:
        super().__init__()
        self.command = command
        self.then_write = then_write


class CopyRequested(Message):
    """The user wants `text` on the clipboard; `what` names it."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what
