"""The one way text from Codex, tools, files, git and configuration reaches the screen.

Such text is data: it must not move the cursor, set a title, reorder what is beside it or pass as our own UI.
"""

from __future__ import annotations

import re
from unicodedata import category

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_JOINER = "\u200d"
_SGR = re.compile(r"\x1b\[[0-9;:]*m")
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)


def _name(match: re.Match[str]) -> str:
    char = match.group()
    if char == _JOINER and _joins_emoji(match.string, match.start()):
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\u27e8U+{code:04X}\u27e9"


def _joins_emoji(text: str, at: int) -> bool:
    """Whether a joiner stands between two emoji; elsewhere it hides the letter behind it."""
    if not 0 < at < len(text) - 1:
        return False
    before, after = text[at - 1], text[at + 1]
    return (
        (before == "\ufe0f" or category(before) in ("So", "Sk"))
        and not after.isascii()
        and category(after) in ("So", "Sm")
    )


def visible(text: str) -> str:
    """The text with control, bidirectional and invisible characters made visible.

    Newlines and tabs stay; CR LF becomes a newline; everything else that could act on a terminal or deceive a
    reader is replaced: C0 by its control picture, the rest by its code point as `\u27e8U+202E\u27e9`.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_name, text.replace("\r\n", "\n"))


def visible_line(text: str) -> str:
    """Like `visible`, on one line: newlines and tabs become visible too."""
    return visible(text).replace("\n", "\u23ce").replace("\t", " ")


def plain_output(text: str) -> str:
    """What a command printed, without colours and terminal control, for reading.

    Escape sequences are dropped, a carriage return overwrites its line as a terminal would, the rest goes through
    `visible`.
    """
    if "\x1b" in text:
        text = _ESCAPES.sub("", _SGR.sub("", text))
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            text = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
    return visible(text)


def from_home(path: str, home: str) -> str:
    """A path as people write it: `~` for their home folder."""
    home = home.rstrip("/")
    if home and (path == home or path.startswith(f"{home}/")):
        return f"~{path[len(home) :]}"
    return path
