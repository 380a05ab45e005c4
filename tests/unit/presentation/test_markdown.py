from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it.tree import SyntaxTreeNode

from conductor_tui.ui.presentation import markdown, tables
from conductor_tui.ui.presentation.lines import Line
from conductor_tui.ui.presentation.markdown import MarkdownDocument, last_code_block, markdown_lines


def texts(text: str, width: int = 60) -> list[str]:
    return [line.text.rstrip() for line in markdown_lines(text, width)]


def styles(text: str) -> dict[str, str]:
    return {t: s for line in markdown_lines(text, 80) for t, s in line.spans}


def test_headings_paragraphs_and_emphasis() -> None:
    assert texts("# One\n\nsome *it* and **bold** and `code`\n\n## Two") == [
        "One",
        "",
        "some it and bold and code",
        "",
        "Two",
    ]
    found = styles("# One\n\nsome *it* and **bold** and `code`")
    assert (found["One"], found["it"], found["bold"], found["code"]) == ("h1", "italic", "bold", "icode")


def test_nested_and_numbered_lists() -> None:
    assert texts("- a\n- b\n  - c\n\n9. x\n10. y") == ["• a", "• b", "  • c", "", " 9. x", "10. y"]


def test_task_lists() -> None:
    assert texts("- [ ] open\n- [x] done") == ["☐ open", "☑ done"]


def test_wrapped_list_items_hang() -> None:
    assert texts("- one two three four", 12) == ["• one two", "  three four"]


def test_code_is_highlighted_and_wrapped_without_loss() -> None:
    lines = markdown_lines("```python\ndef f(): return 'a long string here'\n```", 20)
    assert all(line.fill == "code" for line in lines)
    assert "".join(line.text[1:] for line in lines).replace(" ", "") == "deff():return'alongstringhere'"
    assert any("kw" in style for line in lines for _, style in line.spans)


def test_tables_fit_and_align() -> None:
    assert texts("| a | n |\n|---|--:|\n| one | 2 |") == ["a   │ n", "────┼──", "one │ 2"]
    narrow = texts("| name | what it does |\n|---|---|\n| alpha | does a long thing |", 22)
    assert all(len(row) <= 22 for row in narrow)
    assert "alpha" in narrow[2]


def test_a_table_that_cannot_fit_becomes_a_list() -> None:
    assert texts("| a | b | c | d |\n|---|---|---|---|\n| 1 | 2 | 3 | 4 |", 10) == ["a: 1", "b: 2", "c: 3", "d: 4"]


def test_quotes_rules_and_hard_breaks() -> None:
    assert texts("> a\n> b\n\n---\n\nx  \ny", 10) == ["▎ a b", "", "─" * 10, "", "x", "y"]


def test_links_show_where_they_go_and_only_web_addresses_are_links() -> None:
    assert texts("[docs](https://x.org/a)") == ["docs (https://x.org/a)"]
    assert texts("<https://x.org>") == ["https://x.org"]
    assert "link:https://x.org/a" in styles("[docs](https://x.org/a)")["docs"]
    assert "link:" not in styles("[bad](javascript:alert(1))").get("bad", "")


def test_html_is_text_and_markup_is_not_ours() -> None:
    assert texts("<b>x</b> [bold]y[/bold]") == ["<b>x</b> [bold]y[/bold]"]


def test_control_characters_are_visible() -> None:
    assert texts("a\x1b[31mb") == ["a␛[31mb"]


@pytest.mark.parametrize(
    ("entity", "name"), [("&#x202E;", "⟨U+202E⟩"), ("&shy;", "⟨U+00AD⟩"), ("&rlm;", "⟨U+200F⟩"), ("&#10;", "⏎")]
)
def test_what_entities_decode_to_is_visible_too(entity: str, name: str) -> None:
    for source in (
        f"run {entity}x",
        f"[a{entity}](http://x)",
        f"- a{entity}",
        f"| a{entity} |\n|-|\n",
    ):
        assert name in "".join(line.text for line in markdown_lines(source, 60)), source


def test_an_image_shows_its_path() -> None:
    assert texts("see ![plan](docs/plan.png) and ![](a.png)") == [
        "see [image: plan (docs/plan.png)] and [image: a.png]"
    ]


def test_the_last_code_block() -> None:
    assert last_code_block("```\none\n```\n\ntext\n\n```sh\ntwo\n```\nend") == "two"
    assert last_code_block("none") == ""


pieces = st.sampled_from(
    ["# h\n", "para ", "text\n", "\n", "- item\n", "  - sub\n", "1. n\n", "```py\n", "```\n", "x = 1\n", "| a | b |\n",
     "|---|---|\n", "| 1 | 2 |\n", "> q\n", "---\n", "===\n",
     "    code\n", "**b", "** ", "`c`", "<div>\n", "\t", "漢字 ", "[l](u) "]
)  # fmt: skip


@pytest.mark.parametrize("kind", ["code", "list", "numbers", "table"])
def test_a_long_block_that_grows_costs_no_more_with_each_line(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opening = {"code": "```python\n", "table": "| n | what |\n|--:|---|\n"}.get(kind, "")
    rows = {"code": "\n\nvalue = 1  # {}", "list": "- item {}", "numbers": "{}. item", "table": "| {} | `row` *{}* |"}
    row, parsed, wrapped = rows[kind], 0, 0
    blocks, laid_out = markdown._blocks, tables._row

    def counted(text: str) -> list[tuple[int, SyntaxTreeNode]]:
        nonlocal parsed
        parsed += text.count("\n")
        return blocks(text)

    def counted_row(row: Sequence[tables.Cell], widths: Sequence[int]) -> list[Line]:
        nonlocal wrapped
        wrapped += 1
        return laid_out(row, widths)

    monkeypatch.setattr(markdown, "_blocks", counted)
    monkeypatch.setattr(tables, "_row", counted_row)
    monkeypatch.setattr(markdown, "LONG", 32)
    document, text, costs = MarkdownDocument(60), f"Before.\n\n{opening}", []
    for number in range(1000, 1400):
        text += row.format(number, number) + "\n"
        before = parsed
        lines = document.set_text(text)
        costs.append(parsed - before)
    assert max(costs[100:]) <= 3 * markdown.LONG
    assert sum(costs) <= 1.5 * markdown.LONG * len(costs)
    assert wrapped <= 1.5 * markdown.LONG * len(costs)
    monkeypatch.undo()
    assert lines == markdown_lines(text, 60)
    text += "```\n\nAfter.\n" if kind == "code" else "\nAfter.\n"
    assert document.set_text(text) == markdown_lines(text, 60)


@pytest.mark.parametrize("width", [12, 60])
def test_a_table_whose_columns_widen_as_it_grows_looks_as_if_it_had_come_at_once(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "LONG", 8)
    document, text = MarkdownDocument(width), "| a | b | c |\n|---|:-:|--:|\n"
    for number in range(90):
        text += f"| {'w' * (number // 3)} | {number} | {'漢' * (number % 40)} |\n"
        assert document.set_text(text) == markdown_lines(text, width)
    for end in ("no row\n", "| x", " |\n", "\n", "Behind ", "it.\n"):
        text += end
        assert document.set_text(text) == markdown_lines(text, width)


@pytest.mark.parametrize("kind", ["code", "table"])
def test_a_paragraph_behind_a_long_block_costs_only_itself(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    block = "```\n" + "x\n" * 400 + "```\n" if kind == "code" else "| a |\n|---|\n" + "| x |\n" * 400
    document, text, parsed = MarkdownDocument(60), block + "\nA", 0
    document.set_text(text)
    blocks = markdown._blocks

    def counted(text: str) -> list[tuple[int, SyntaxTreeNode]]:
        nonlocal parsed
        parsed += text.count("\n") + 1
        return blocks(text)

    monkeypatch.setattr(markdown, "_blocks", counted)
    for _ in range(50):
        text += " word"
        lines = document.set_text(text)
    assert parsed <= 100
    assert lines == markdown_lines(text, 60)


@settings(max_examples=150, deadline=None)
@given(st.lists(pieces, max_size=30), st.integers(20, 60))
def test_growing_text_ends_as_if_it_had_come_at_once(parts: list[str], width: int) -> None:
    document = MarkdownDocument(width)
    text = ""
    lines: list[Line] = []
    for part in parts:
        text += part
        lines = document.set_text(text)
    assert [ln.text for ln in lines] == [ln.text for ln in markdown_lines(text, width)]


rows = st.sampled_from(
    ["| 1 | two |\n", "| longer than before | 漢字 |\n", "|", " x | ", "`a\\|b` |\n", "\n", "text\n", "| 1 | 2 | 3 |\n",
     "|---|---|\n", "> q\n", "- i\n", "  ", "# h\n", "**b", "| a | b |\n|:--|--:|\n"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, max_size=40), st.integers(10, 40))
def test_a_table_grows_into_what_it_is_at_once(parts: list[str], width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "LONG", 4)
        document, text = MarkdownDocument(width), "| a | b |\n|---|--:|\n"
        for part in parts:
            text += part
            document.set_text(text)
        text += "\n\nEnd.\n"
        assert document.set_text(text) == markdown_lines(text, width)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.integers(1, 40))
def test_any_text_is_laid_out_within_its_width(text: str, width: int) -> None:
    for line in markdown_lines(text, width):
        assert line.cells <= max(8, width) + 2
        assert "\n" not in line.text
