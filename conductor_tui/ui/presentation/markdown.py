"""Markdown as lines: parsed block by block, so that text which still grows costs only its last block.

CommonMark with tables and strikethrough, by markdown-it, which is imported at the first use. HTML stays text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from conductor_tui.domain.text import visible, visible_line
from conductor_tui.ui.presentation.highlight import highlighted
from conductor_tui.ui.presentation.lines import BLANK, Line, Span, joined, prefixed
from conductor_tui.ui.presentation.tables import Cell, Table, table_lines
from conductor_tui.ui.presentation.wrapping import PROSE_CELLS, wrap

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode


LONG = 128
"""Source lines from which a block that grows is laid out in parts."""
_BLANK_ROW = re.compile(r"^[^\S\n]*\n", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(?:`{3,}[^`\n]*|~{3,}[^\n]*)(?=\n)")


class MarkdownDocument:
    """A text laid out at one width. Text that extends the text before is parsed from its last block on."""

    def __init__(self, width: int) -> None:
        self.width = max(8, width)
        self._text = ""
        self._done: list[Line] = []
        self._tail = 0
        """Where the first block begins that may still grow or turn into another kind."""
        self._lines: list[Line] = []
        self._long = _LongBlock()

    def set_text(self, text: str) -> list[Line]:
        """The lines of the text."""
        if text == self._text and self._lines:
            return self._lines
        if not text.startswith(self._text):
            self._done, self._tail, self._long = [], 0, _LongBlock()
        self._text = text
        rest = text[self._tail :]
        if (grown := self._long.lines(rest, self.width)) is not None:
            self._lines = [*self._done, *([BLANK] if self._done else []), *grown]
            return self._lines
        blocks = _blocks(rest)
        first_open = len(blocks) - (1 if rest.endswith("\n") or _is_apart(blocks, rest) else 2)
        done: list[Line] = list(self._done)
        for number, (start, node) in enumerate(blocks):
            if number == first_open and number > 0:
                self._done = list(done)
                self._tail += _offset(rest, start)
                self._long = _LongBlock()
            if done:
                done.append(BLANK)
            done.extend(_block(node, self.width))
        self._lines = done
        return done


def _is_apart(blocks: list[tuple[int, SyntaxTreeNode]], rest: str) -> bool:
    """Whether the last line, which has no end yet, is surely no part of the block above, whatever it becomes."""
    if len(blocks) < 2 or blocks[-2][1].type not in ("fence", "table"):
        return False
    above = rest[: _offset(rest, blocks[-1][0])].split("\n")
    return len(above) > 1 and not above[-2].strip()


class _LongBlock:
    """The open block of a text that grows: the finished part of a long code block, list or table is laid out only once.

    What a line far above means for a later one (a string over many lines, a list whose items come apart) shows when
    the block ends and is laid out whole.
    """

    def __init__(self) -> None:
        self._opening = ""
        """The line that opens a code block; a table's header and the line below it."""
        self._table: Table | None = None
        """The table that the block is, with its finished rows."""
        self._at = 0
        """Where the part begins that is laid out each time."""
        self._lines: list[Line] = []

    def lines(self, rest: str, width: int) -> list[Line] | None:
        """The lines of the block that `rest` is; None where it is not long, has ended, or is of another kind."""
        if rest.count("\n", self._at) < LONG and not self._at:
            return None
        if not self._at:
            found = _FENCE.match(rest)
            self._opening, self._table = found[0] + "\n" if found else "", None
        while (node := self._open(rest)) is not None:
            if node.type == "table" and self._table is None:
                self._opening, self._table = rest[: _offset(rest, 2)], Table(width)
            cut = self._cut(node, rest)
            if not cut:
                return self._laid_out(node, width)
            if not self._put_aside(node, rest, cut, width):
                break
        self._at, self._lines, self._table = 0, [], None
        return None

    def _start(self) -> int:
        """Where what is behind the opening and not put aside begins."""
        return max(self._at, len(self._opening))

    def _laid_out(self, node: SyntaxTreeNode, width: int) -> list[Line]:
        """All lines, those of the part that is laid out each time at the end."""
        if self._table is not None:
            return self._table.lines(_rows(node)[1 if self._at else 0 :])
        return [*self._lines, *self._gap(node), *_block(node, width)]

    def _put_aside(self, node: SyntaxTreeNode, rest: str, cut: int, width: int) -> bool:
        """What is above `cut` is finished; False where it is no block by itself."""
        start = self._start()
        if self._table is not None:
            self._table.keep(_rows(node)[1 if self._at else 0 : 1 + rest.count("\n", start, cut)])
        else:
            finished = _blocks(self._opening + rest[start:cut])
            if len(finished) != 1:
                return False
            part = finished[0][1]
            if self._opening:
                self._lines += _code(part.content, part.info, width, goes_on=True)
            else:
                self._lines += [*self._gap(part), *_block(part, width)]
        self._at = cut
        return True

    def _open(self, rest: str) -> SyntaxTreeNode | None:
        """The part that is laid out each time, if it still is one block of a kind that is known here."""
        part = self._opening + rest[self._start() :]
        if self._table is not None:
            kinds: tuple[str, ...] = ("table",)
            if _BLANK_ROW.search(part):
                return None
        elif self._opening:
            kinds = ("fence",)
            if _closes(self._opening, part):
                return None
        else:
            kinds = ("bullet_list", "ordered_list") if self._at else ("bullet_list", "ordered_list", "table")
        blocks = _blocks(part)
        return blocks[0][1] if len(blocks) == 1 and blocks[0][1].type in kinds else None

    def _cut(self, node: SyntaxTreeNode, rest: str) -> int:
        """Up to where the part is finished and long enough to be put aside; 0 where it is not."""
        start = self._start()
        rows_left = rest.count("\n", start)
        if rows_left < LONG:
            return 0
        if self._opening:
            return start + _offset(rest[start:], rows_left - LONG // 2)
        rows = [item.map[0] for item in node.children if item.map]
        row = next((row for row in reversed(rows[:-1]) if row >= LONG // 2), 0)
        return start + _offset(rest[start:], row) if row else 0

    def _gap(self, node: SyntaxTreeNode) -> list[Line]:
        return [BLANK] if self._lines and not self._opening and _is_loose(node) else []


def _closes(opening: str, part: str) -> bool:
    """Whether a code block's last line stands in a text that begins with its first."""
    fence = opening.strip()
    mark = fence[: len(fence) - len(fence.lstrip(fence[0]))]
    rows = part.split("\n")[1:]
    return any(row.strip().startswith(mark) and not row.strip().strip(mark[0]) for row in rows)


def markdown_lines(text: str, width: int) -> list[Line]:
    """A whole text at a width."""
    return MarkdownDocument(width).set_text(text)


class Part(Struct, frozen=True):
    """A top-level block, or an item of a top-level list with all that belongs to it."""

    text: str
    """Its Markdown, as it was written."""
    node: SyntaxTreeNode
    mark: str = ""
    """What stands before an item of a list."""
    is_loose: bool = False
    """Whether the items of its list stand apart."""
    is_first: bool = True
    """Whether it begins its block: a blank line stands before it."""

    def lines(self, width: int) -> list[Line]:
        """The part laid out by itself."""
        width = max(8, width)
        return (
            _list_item(self.node, self.mark, width, is_loose=self.is_loose) if self.mark else _block(self.node, width)
        )


def parts(text: str) -> list[Part]:
    """A text cut where a reader would put a remark: at headings, paragraphs, blocks, and items of top-level lists."""
    rows = visible(text).split("\n")
    found: list[Part] = []
    for _, node in _blocks(text):
        if node.type in ("bullet_list", "ordered_list"):
            is_loose = _is_loose(node)
            for at, (mark, item) in enumerate(zip(_marks(node), node.children, strict=True)):
                found.append(Part(_source(rows, item), item, mark, is_loose, at == 0 or is_loose))
        else:
            found.append(Part(_source(rows, node), node))
    return found


def _source(rows: list[str], node: SyntaxTreeNode) -> str:
    start, end = node.map or (0, 0)
    return "\n".join(rows[start:end]).rstrip()


def last_code_block(text: str) -> str:
    """The content of the last code block; empty when there is none."""
    tokens = _parser().parse(text)
    return next((t.content.rstrip("\n") for t in reversed(tokens) if t.type in ("fence", "code_block")), "")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _blocks(text: str) -> list[tuple[int, SyntaxTreeNode]]:
    """The top-level blocks, each with the line it begins on."""
    from markdown_it.tree import SyntaxTreeNode

    tokens = _parser().parse(visible(text))
    for token in tokens:
        _filter(token)
    tree = SyntaxTreeNode(tokens)
    return [(node.map[0] if node.map else 0, node) for node in tree.children]


def _filter(token: Token) -> None:
    """What entities and escapes decoded to (`&#x202E;`, `&#10;`) is text from outside like all else."""
    if token.info:
        token.info = visible_line(token.info)
    for name, value in token.attrs.items():
        if isinstance(value, str):
            token.attrs[name] = visible_line(value)
    for child in token.children or ():
        child.content = visible_line(child.content)
        _filter(child)


def _offset(text: str, row: int) -> int:
    """Where a line begins in the text."""
    at = 0
    for _ in range(row):
        at = text.index("\n", at) + 1
    return at


def _block(node: SyntaxTreeNode, width: int) -> list[Line]:
    match node.type:
        case "paragraph":
            return _inline_lines(node, width)
        case "heading":
            return _inline_lines(node, width, "h1" if node.tag == "h1" else "h2" if node.tag == "h2" else "h3")
        case "fence" | "code_block":
            return _code(node.content, node.info if node.type == "fence" else "", width)
        case "bullet_list" | "ordered_list":
            return _list(node, width)
        case "blockquote":
            bar = ("▎ ", "quote")
            return prefixed(bar, bar, _children(node, width - 2))
        case "hr":
            return [Line((("─" * width, "muted"),))]
        case "table":
            return table_lines(_rows(node), width)
        case "html_block":
            return [ln for row in node.content.rstrip("\n").split("\n") for ln in wrap([(row, "muted")], width)]
    return _children(node, width) if node.children else wrap([(node.content, "")], width)


def _children(node: SyntaxTreeNode, width: int) -> list[Line]:
    lines: list[Line] = []
    for child in node.children:
        if lines:
            lines.append(BLANK)
        lines.extend(_block(child, width))
    return lines


def _code(code: str, info: str, width: int, *, goes_on: bool = False) -> list[Line]:
    """`goes_on`: blank rows at the end are not the block's end."""
    lines: list[Line] = []
    for spans in highlighted(code.removesuffix("\n") if goes_on else code.rstrip("\n"), info):
        wrapped = wrap(spans, width - 2)
        lines.extend(Line(((" ", "code"), *ln.spans), "code") for ln in wrapped)
    return lines


def _list(node: SyntaxTreeNode, width: int) -> list[Line]:
    lines: list[Line] = []
    is_loose = _is_loose(node)
    for mark, item in zip(_marks(node), node.children, strict=True):
        if lines and is_loose:
            lines.append(BLANK)
        lines.extend(_list_item(item, mark, width, is_loose=is_loose))
    return lines


def _is_loose(node: SyntaxTreeNode) -> bool:
    """Whether blank lines stand between the items of a list."""
    return any(not c.hidden for item in node.children for c in item.children if c.type == "paragraph")


def _marks(node: SyntaxTreeNode) -> list[str]:
    """What stands before each item of a list; numbers are as wide as the last one."""
    if node.type == "bullet_list":
        return ["• "] * len(node.children)
    start = int(node.attrs.get("start", 1))
    last = start + len(node.children) - 1
    return [f"{number}. ".rjust(len(str(last)) + 2) for number in range(start, last + 1)]


def _list_item(item: SyntaxTreeNode, mark: str, width: int, *, is_loose: bool) -> list[Line]:
    body: list[Line] = []
    for child in item.children:
        if body and is_loose and child.type not in ("bullet_list", "ordered_list"):
            body.append(BLANK)
        body.extend(_block(child, max(4, width - len(mark))))
    task = body[0].text[:4].lower() if body else ""
    if body and task in ("[ ] ", "[x] "):
        body[0] = _without(body[0], 4)
        mark = "☐ " if task == "[ ] " else "☑ "
    return prefixed((mark, "mark"), (" " * len(mark), ""), body or [BLANK])


def _without(line: Line, count: int) -> Line:
    """The line without its first `count` characters."""
    spans: list[Span] = []
    for text, style in line.spans:
        cut = min(count, len(text))
        count -= cut
        if text[cut:]:
            spans.append((text[cut:], style))
    return Line(tuple(spans), line.fill, line.fill_from)


def _rows(node: SyntaxTreeNode) -> list[list[Cell]]:
    """A table's rows, the header first."""
    return [
        [Cell(_inline(c, "bold" if c.type == "th" else ""), _side(c)) for c in row.children]
        for section in node.children
        for row in section.children
    ]


def _side(cell: SyntaxTreeNode) -> str:
    style = str(cell.attrs.get("style", ""))
    return "right" if "right" in style else "center" if "center" in style else "left"


def _inline_lines(node: SyntaxTreeNode, width: int, style: str = "") -> list[Line]:
    rows: list[list[Span]] = [[]]
    for text, look in _inline(node, style):
        if text == "\n":
            rows.append([])
        else:
            rows[-1].append((text, look))
    return [ln for row in rows for ln in wrap(row, min(width, PROSE_CELLS))]


def _inline(node: SyntaxTreeNode, style: str) -> list[Span]:
    """The spans of inline content; a hard break is a span of its own, a newline."""
    spans: list[Span] = []
    for child in node.children:
        match child.type:
            case "text" | "html_inline":
                spans.append((child.content, style))
            case "softbreak":
                spans.append((" ", style))
            case "hardbreak":
                spans.append(("\n", style))
            case "code_inline":
                spans.append((child.content, joined(style, "icode")))
            case "strong":
                spans.extend(_inline(child, joined(style, "bold")))
            case "em":
                spans.extend(_inline(child, joined(style, "italic")))
            case "s":
                spans.extend(_inline(child, joined(style, "strike")))
            case "link":
                spans.extend(_link(child, style))
            case "image":
                spans.append((f"[image: {_image(child)}]", joined(style, "muted")))
            case _:
                spans.extend(_inline(child, style))
    return spans


def _image(node: SyntaxTreeNode) -> str:
    """What an image is said to be, and where it is."""
    path = str(node.attrs.get("src", ""))
    return f"{node.content} ({path})" if node.content and path else node.content or path


def _link(node: SyntaxTreeNode, style: str) -> list[Span]:
    """Only web addresses become links of the terminal; the address is shown, for a link must not hide where it goes."""
    url = str(node.attrs.get("href", ""))
    look = joined(style, "link", f"link:{url}" if url.startswith(("https://", "http://")) and " " not in url else "")
    spans = _inline(node, look)
    if url and "".join(t for t, _ in spans) not in (url, url.removeprefix("mailto:")):
        spans.append((f" ({url})", joined(style, "muted")))
    return spans
