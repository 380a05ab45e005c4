"""A program's output cut into text, control characters and control sequences (ECMA-48, as xterm reads them).

Strings for the terminal itself (OSC, DCS, APC, PM, SOS: titles, clipboard, images) are dropped here, however long.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

TEXT, CONTROL, CSI, ESCAPE = range(4)
Token = tuple[int, str, str]
"""Kind; the text, the control character, the final of a sequence with its intermediates; a CSI's parameters."""

_TOKEN = re.compile(
    r"([^\x00-\x1f\x7f-\x9f]+)"
    r"|([\x00-\x1a\x1c-\x1f\x7f-\x9f])"
    r"|\x1b\[([0-?]*)([ -/]*[@-~])"
    r"|\x1b([ -/]*[0-OQ-WYZ\\`-~])"
)
_BEGINS_STRING = re.compile(r"\x1b[P\]X^_]")
_ENDS_STRING = re.compile("\x07|\x1b\\\\|\x18|\x1a|\x9c")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[ -/]*)\Z")
_LONGEST = 256
"""Characters after which a sequence without an end is none."""


class Tokens:
    """Cuts what comes in pieces; a sequence over two pieces is one token."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._is_in_string = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is begun that the next piece goes on with."""
        return not self._rest and not self._is_in_string and not self._decoder.getstate()[0]

    def cut(self, data: bytes) -> Iterator[Token]:
        """The tokens that are complete with this piece; bytes that are no UTF-8 become U+FFFD."""
        text = self._rest + self._decoder.decode(data)
        self._rest = ""
        at, end = 0, len(text)
        match_at = _TOKEN.match
        while at < end:
            if self._is_in_string:
                at = self._after_string(text, at)
                continue
            match = match_at(text, at)
            if match is None:
                at = self._odd(text, at)
                continue
            at = match.end()
            kind = match.lastindex
            if kind == 1:
                yield TEXT, match[1], ""
            elif kind == 2:
                yield CONTROL, match[2], ""
            elif kind == 4:
                yield CSI, match[4], match[3]
            else:
                yield ESCAPE, match[5], ""

    def _after_string(self, text: str, at: int) -> int:
        """Where the string ends; all of it when its end is yet to come."""
        found = _ENDS_STRING.search(text, at)
        if found is not None:
            self._is_in_string = False
            return found.end()
        if text.endswith("\x1b"):
            self._rest = "\x1b"
        return len(text)

    def _odd(self, text: str, at: int) -> int:
        """An escape that is no whole sequence: the begin of a string, of more to come, or of nothing."""
        if _BEGINS_STRING.match(text, at):
            self._is_in_string = True
            return at + 2
        if len(text) - at < _LONGEST and _UNFINISHED.match(text, at):
            self._rest = text[at:]
            return len(text)
        return at + (2 if text.startswith("\x1b[", at) else 1)
