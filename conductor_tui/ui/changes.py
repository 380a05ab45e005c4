"""Who draws what: a widget or screen subscribes to the kinds of change that it shows, as long as it is there."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from weakref import WeakKeyDictionary

from textual.dom import DOMNode


class Shown(Enum):
    """What was drawn anew on the main screen."""

    SESSION = auto()
    """All there is to the session on screen, apart from its transcript."""
    LISTS = auto()
    """States, names, approvals, workspaces, use: of any session."""
    TIME = auto()
    """Once a second, while the user looks: elapsed times."""


class Changes:
    """Subscriptions by node. A callback runs at once, in the frame of the change."""

    def __init__(self) -> None:
        self._callbacks: WeakKeyDictionary[DOMNode, list[tuple[Shown, Callable[[], None]]]] = WeakKeyDictionary()

    def subscribe(self, node: DOMNode, kind: Shown, callback: Callable[[], None]) -> None:
        """Calls `callback` after each such change while `node` is mounted."""
        self._callbacks.setdefault(node, []).append((kind, callback))

    def publish(self, kind: Shown) -> None:
        """Something of this kind was drawn."""
        for node, callbacks in list(self._callbacks.items()):
            if not node.is_attached:
                del self._callbacks[node]
                continue
            for wanted, callback in callbacks:
                if wanted is kind:
                    callback()
