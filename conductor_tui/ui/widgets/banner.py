"""Problems in the user's words, above the composer: what happened, why, what to do. Closed by key or mouse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from textual import events
from textual.widgets import Static

from conductor_tui.domain.problems import Trouble
from conductor_tui.ui.presentation.banners import CLOSE_CELLS, BannerRows, BannerText, banner_rows, notices


def row_limit(height: int, *, is_low: bool) -> int:
    """Rows that problems may have on a screen of so many rows; `is_low`: an approval needs the room."""
    return max(1, height // 12) if is_low else max(2, height // 5)


class Banner(Static):
    """Hidden while there is nothing to say; never more than a fifth of the screen, less beside an approval."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._troubles: tuple[Trouble, ...] = ()
        self._dismissed: Counter[Trouble] = Counter()
        """How often each problem had been said when the user closed it."""
        self._key = ""
        self._is_low = False
        self._drawn: tuple[object, ...] = ()
        self._rows: BannerRows | None = None

    @property
    def notices(self) -> list[BannerText]:
        """The problems that nobody has closed."""
        return notices(self._troubles, self._dismissed)

    def show(self, troubles: Sequence[Trouble], *, key: str, is_low: bool) -> None:
        """Shows the problems, each once; those that are over may be said again. `key` closes the first.

        `is_low`: an approval needs the room.
        """
        self._troubles, self._key, self._is_low = tuple(troubles), key, is_low
        said = Counter(troubles)
        self._dismissed = Counter({t: n for t, n in self._dismissed.items() if said[t] >= n})
        self._lay_out()

    def close(self, trouble: Trouble | None = None) -> None:
        """Closes a problem, the first one if none is named; it comes back when it is said again."""
        found = self.notices
        gone = trouble or (found[0].trouble if found else None)
        if gone is not None:
            self._dismissed[gone] = self._troubles.count(gone)
            self._lay_out()

    def on_resize(self) -> None:
        """Lines are wrapped for the width, after it is in force: another height asked for meanwhile would be lost."""
        self.call_after_refresh(self._lay_out)

    def on_click(self, event: events.Click) -> None:
        """A click on a cross closes its problem."""
        at = event.get_content_offset(self)
        if at is not None and self._rows is not None and at.x >= self.content_size.width - CLOSE_CELLS:
            trouble = self._rows.closes.get(at.y)
            if trouble is not None:
                event.stop()
                self.close(trouble)

    def _lay_out(self) -> None:
        found = self.notices
        self.display = bool(found)
        height = self.app.size.height
        rows = row_limit(height, is_low=self._is_low)
        width = self.content_size.width
        drawn = (tuple(found), width, rows, self._key)
        if found and width and drawn != self._drawn:
            self._drawn = drawn
            self._rows = banner_rows(found, width, rows, self._key)
            self.update(self._rows.content)
