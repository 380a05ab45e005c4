"""Colours and attributes of output (SGR) as line styles: words such as `bold fg:1 bg:#102030`.

`fg:N` and `bg:N` are colours of the terminal's palette, 0 to 255; `#rrggbb` are exact ones.
"""

from __future__ import annotations

_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike", 21: "underline"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}
_CACHE_LIMIT = 4096


class CharacterPen:
    """The style in force."""

    def __init__(self) -> None:
        self.style = ""
        self._cache: dict[tuple[str, str], str] = {}

    def select(self, parameters: str) -> None:
        """Applies an SGR sequence's parameters; what is not known changes nothing."""
        key = (self.style, parameters)
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) > _CACHE_LIMIT:
                self._cache.clear()
            found = self._cache[key] = selected(*key)
        self.style = found


def selected(style: str, parameters: str) -> str:
    """A style after SGR parameters, which `;` or `:` separates."""
    words = dict.fromkeys(style.split())
    numbers = _numbers(parameters)
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            words.clear()
        elif number in _ON:
            words[_ON[number]] = None
        elif number in _OFF:
            for word in _OFF[number]:
                words.pop(word, None)
        elif number in (38, 48):
            _set(words, "fg:" if number == 38 else "bg:", _extended(numbers))
        elif 30 <= number <= 37 or 90 <= number <= 97:
            _set(words, "fg:", str(number - 30 if number < 90 else number - 82))
        elif 40 <= number <= 47 or 100 <= number <= 107:
            _set(words, "bg:", str(number - 40 if number < 100 else number - 92))
        elif number in (39, 49):
            _set(words, "fg:" if number == 39 else "bg:", "")
    return " ".join(words)


def _numbers(parameters: str) -> list[int]:
    numbers: list[int] = []
    for part in parameters.split(";"):
        if part == "4:0":  # no underline
            numbers.append(24)
        elif part.startswith("4:"):  # curly, dotted and dashed are plain here
            numbers.append(4)
        else:
            fields = part.split(":")
            if len(fields) == 6 and fields[1] == "2":  # 38:2:colour space:r:g:b
                del fields[2]
            numbers.extend(int(f) if f.isdecimal() and len(f) < 6 else 0 for f in fields)
    return numbers


def _extended(numbers: list[int]) -> str | None:
    """The colour behind 38 or 48: `5;N` or `2;R;G;B`; None when there is none."""
    if len(numbers) >= 2 and numbers[0] == 5:
        colour = numbers[1]
        del numbers[:2]
        return str(colour) if colour < 256 else None
    if len(numbers) >= 4 and numbers[0] == 2:
        red, green, blue = (min(255, n) for n in numbers[1:4])
        del numbers[:4]
        return f"#{red:02x}{green:02x}{blue:02x}"
    numbers.clear()
    return None


def _set(words: dict[str, None], prefix: str, colour: str | None) -> None:
    if colour is None:
        return
    for word in [w for w in words if w.startswith(prefix)]:
        del words[word]
    if colour:
        words[prefix + colour] = None


def background(style: str) -> str:
    """What erasing paints: of a style, the background."""
    return next((word for word in style.split() if word.startswith("bg:")), "") if "bg:" in style else ""
