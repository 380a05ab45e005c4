from __future__ import annotations

import random
import tomllib

import pytest

from conductor_tui.settings.toml_read import TomlError, parsed, value_at
from conductor_tui.settings.toml_text import NotEditable, changed, dotted, split
from tests.unit.settings.random_edits import CONFIG, difference, expected, filled, random_edit


@pytest.mark.parametrize("eol", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("seed", range(4))
def test_a_config_of_300_lines_loses_nothing_under_a_hundred_random_edits(seed: int, eol: str) -> None:
    source = random.Random(seed)
    text = CONFIG.replace("\n", eol)
    assert text.count(eol) >= 300
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    for number in range(100):
        data = parsed(text)
        key, value = random_edit(source, data, number)
        after = changed(text, key, value)
        assert filled(tomllib.loads(after)) == filled(expected(data, key, value)), key
        gone, came = difference(text, after)
        assert len(gone) <= 1, (key, gone)
        if gone and came and "#" in gone[0] and "#" not in repr(value_at(data, key)):
            assert came[0].endswith(gone[0][gone[0].rindex("#") :]), (key, came)
        assert [line for line in after.splitlines() if line.lstrip().startswith("#")] == comments
        assert after.count("\n") == after.count(eol)
        text = after


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("", "a", 1, "a = 1\n"),
        ("", "a.b", 1, "[a]\nb = 1\n"),
        ("a = 1", "b", 2, "a = 1\nb = 2\n"),
        ("a = 'x' # why\n", "a", "y", "a = 'y' # why\n"),
        ("a = 'x'\n", "a", "it's", 'a = "it\'s"\n'),
        ("  a = 1\n", "b", 2, "  a = 1\n  b = 2\n"),
        ("[t]\na = 1\n\n# next\n[u]\n", "t.b", 2, "[t]\na = 1\nb = 2\n\n# next\n[u]\n"),
        ("# top\n\n# about t\n[t]\n", "a", 1, "# top\n\na = 1\n\n# about t\n[t]\n"),
        ("[t]\n# nothing yet\n", "t.a", 1, "[t]\na = 1\n# nothing yet\n"),
        ("x = { a = 1, b = 2 } # c\n", "x.b", 3, "x = { a = 1, b = 3 } # c\n"),
        ("x = { a = 1, b = 2 } # c\n", "x.c", 3, "x = { a = 1, b = 2, c = 3 } # c\n"),
        ("x = { a = 1, b = 2 } # c\n", "x.a", None, "x = { b = 2 } # c\n"),
        ("x = { a = 1, b = 2 } # c\n", "x.b", None, "x = { a = 1 } # c\n"),
        ("x = { a = { y = 1 } }\n", "x.a.y", 2, "x = { a = { y = 2 } }\n"),
        ("x = {}\n", "x.a", 1, "x = { a = 1 }\n"),
        ("[m]\ns.c = 1\nz = 2\n", "m.s.d", 3, "[m]\ns.c = 1\ns.d = 3\nz = 2\n"),
        ("[m]\ns.c = 1\n", "m.s.t.u", 3, "[m]\ns.c = 1\ns.t.u = 3\n"),
        ("[a.b]\nx = 1\n\n[z]\n", "a.c.y", 2, "[a.b]\nx = 1\n\n[a.c]\ny = 2\n\n[z]\n"),
        ("[a.b]\nx = 1\n", "a.y", 2, "[a.b]\nx = 1\n\n[a]\ny = 2\n"),
        ("[a.b]\nx = 1 # gone\ny = 2\n", "a.b.x", None, "[a.b]\ny = 2\n"),
        ('s = """\n[a]\nx = 1\n"""\n[a]\nx = 2\n', "a.x", 3, 's = """\n[a]\nx = 1\n"""\n[a]\nx = 3\n'),
        ("a = [\n 1, # one\n]\nb = 1\n", "b", 2, "a = [\n 1, # one\n]\nb = 2\n"),
        ("\"a b\".'c' = 1\n", '"a b".c', 2, "\"a b\".'c' = 2\n"),
        ("d = 2026-01-01 07:00:00 # day\ne = 1\n", "d", "x", 'd = "x" # day\ne = 1\n'),
        ("[[l]]\na = 1\n\n[t]\n", "t.a", 2, "[[l]]\na = 1\n\n[t]\na = 2\n"),
    ],
)
def test_a_change_is_where_a_person_would_make_it(before: str, key: str, value: object, after: str) -> None:
    assert changed(before, split(key), value) == after


@pytest.mark.parametrize(
    ("text", "key", "value"), [("a = 1\n", "a.b", 2), ("[a]\nb = 1\n", "a", 2), ("[[a]]\nb = 1\n", "a.b", 2)]
)
def test_a_change_that_would_cost_something_else_is_refused(text: str, key: str, value: object) -> None:
    with pytest.raises(NotEditable):
        changed(text, split(key), value)


def test_broken_text_is_named_by_line_and_column() -> None:
    with pytest.raises(TomlError) as caught:
        changed("a = 1\nb = = 2\n", ("a",), 2)
    assert (caught.value.line, caught.value.column) == (2, 5)


def test_keys_are_written_as_toml_writes_them() -> None:
    key = ("projects", "/work/a b", "trust_level")
    assert dotted(key) == 'projects."/work/a b".trust_level'
    assert split(dotted(key)) == key
    for wrong in ("", "a b", "a = 1\nb", "a.", "[a]"):
        with pytest.raises(TomlError):
            split(wrong)


@pytest.mark.parametrize("other", ["b = nan", "b = [1.0, nan]", "b = { c = -nan }", "[[t]]\nb = nan"])
def test_a_file_with_a_value_that_differs_from_itself_can_be_changed(other: str) -> None:
    assert changed(f"a = 1\n{other}\n", ("a",), 2) == f"a = 2\n{other}\n"


def test_an_inline_table_of_dotted_keys_is_not_taken_out_as_one() -> None:
    with pytest.raises(NotEditable):
        changed("x = {b.c = 1, b.d = 2, e = 3}\n", ("x", "b"), None)
