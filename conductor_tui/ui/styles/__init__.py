"""One style file per widget module, loaded in this order."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent
_ORDER = (
    "main", "line_view", "composer", "approval_panel", "banner", "status_line", "controls_pane", "workspace_tree",
    "picker", "reading", "plan", "dock", "script_trust", "settings", "race",
)  # fmt: skip

FILES = [_FOLDER / f"{name}.tcss" for name in _ORDER]
