"""One item of every kind and state, as Codex sends them."""

from __future__ import annotations

from conductor_tui.domain import items as it
from conductor_tui.domain.ids import ItemId
from conductor_tui.domain.items import ItemStatus
from tests.builders import TURN, a_command, a_message, a_patch, a_prompt

MARKDOWN = """\
# The totals are right again

`to_cents` now rounds to the **nearest** cent; *before*, it ~~rounded~~ cut the rest off. See
[the docs](https://docs.python.org/3/library/decimal.html) for why 19.99 has no exact binary form, which is the whole of
the trouble.

## What changed

| price | before | now | remark |
| --- | ---: | ---: | --- |
| 19.99 | 19.98 | **19.99** | the one from the report, which led to all this |
| 4.50 | 4.50 | 4.50 | `as before` |

1. Read the price as text.
2. Round it once.
   - half a cent upwards
   - never twice
10. Add whole cents.

- [x] tests
- [ ] changelog

> Money is counted in whole cents, never in fractions.
> > So it is.

```python
def to_cents(amount: float) -> int:
    \"\"\"An amount, in cents.\"\"\"
    return int(Decimal(str(amount)) * 100)  # 日本語 and a comment that is long enough to be wrapped at eighty columns
```

---

Wide characters: 漢字かな交じり文, e\u0301, 👩‍👩‍👧, and <b>html</b> stays text.
"""

_FAILED = "\n".join(f"line {n}" for n in range(1, 40)) + "\nFAILED (failures=1)\n"


def _with(item: it.Item, **changes: object) -> it.Item:
    from msgspec.structs import replace

    return replace(item, **changes)


KINDS: dict[str, it.Item] = {
    "user message": a_prompt("The invoice totals are off by a cent. Find out why and fix it.\n\nSecond paragraph."),
    "user message with attachments": _with(a_prompt("see"), attachments=("shot.png",)),
    "message": a_message(MARKDOWN),
    "growing message": a_message("Half a sentence that", is_open=True),
    "reasoning": it.Reasoning(ItemId("r"), TURN, summary=("**Looking around**\n\nFirst the files.",)),
    "plan": it.PlanText(ItemId("p"), TURN, text="# Round once\n\n1. `money.py`\n2. a test\n"),
    "command": a_command("pytest -q", output="3 passed\n"),
    "failed command": a_command("pytest -q", status=ItemStatus.FAILED, output=_FAILED, exit_code=1),
    "running command": a_command("sleep 30", status=ItemStatus.IN_PROGRESS, output="so far\n", exit_code=None),
    "declined command": a_command("rm -rf /", status=ItemStatus.DECLINED, exit_code=None),
    "interrupted command": a_command("sleep 30", status=ItemStatus.INTERRUPTED, exit_code=None),
    "command over several lines": a_command("for i in 1 2; do\n  echo $i\ndone", output="1\n2\n"),
    "file change": a_patch(),
    "refused file change": a_patch(status=ItemStatus.FAILED),
    "tool call": it.ToolCall(
        ItemId("t"), TURN, server="docs", tool="search", arguments='{"q": "half up"}', result="3 hits", duration_ms=80
    ),
    "failed tool call": it.ToolCall(
        ItemId("t"), TURN, ItemStatus.FAILED, server="docs", tool="search", error="no such index"
    ),
    "web search": it.WebSearch(ItemId("w"), TURN, detail="half up or half even"),
    "sub-agent": it.SubAgentActivity(ItemId("s"), TURN, action="spawn", agent="reviewer", detail="Look at the diff."),
    "review": it.ReviewMark(ItemId("v"), TURN, is_start=False, text="No findings."),
    "compaction": it.Compaction(ItemId("k"), TURN),
    "checklist": it.Checklist(
        ItemId("l"),
        TURN,
        explanation="Now the fix.",
        steps=(
            it.ChecklistStep("Reproduce", "completed"),
            it.ChecklistStep("Fix", "inProgress"),
            it.ChecklistStep("Test", "pending"),
        ),
    ),
    "activity": it.Activity(ItemId("a"), TURN, label="looked at an image", detail="shot.png"),
    "information": it.Notice(ItemId("i"), TURN, text="The model was changed", detail="to gpt-5.6-luna"),
    "error": it.Notice(
        ItemId("e"),
        TURN,
        severity=it.Severity.ERROR,
        text="The model refused",
        detail="401 Unauthorized",
        steps=("Sign in.", "Send again."),
    ),
    "unknown": it.UnknownItem(ItemId("x"), TURN, kind="hologram", raw='{"type":"hologram","depth":3}'),
}
