"""How copied text reaches the terminal."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from conductor_tui.ui.clipboard import copy

OSC_52 = f"\x1b]52;c;{base64.b64encode('grüße'.encode()).decode()}\x07"


@pytest.mark.parametrize(("environ", "wanted"), [({}, OSC_52), ({"STY": "1234.pts-0.host"}, f"\x1bP{OSC_52}\x1b\\")])
async def test_gnu_screen_gets_it_wrapped_and_hands_it_on(environ: dict[str, str], wanted: str, tmp_path: Path) -> None:
    written: list[str] = []
    said = await copy("grüße", environ=environ, write=written.append, folder=tmp_path)
    assert written == [wanted]
    assert "OSC 52" in said
