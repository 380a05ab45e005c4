"""What the demo's model says and does: one small story with the invoice bug, then answers to the user's own words.

It never pretends to understand: whatever it does not recognise, it says that it is scripted and what may be typed.
"""

from __future__ import annotations

from dataclasses import replace

from conductor_tui.demo.requests import Request, ToolResult
from conductor_tui.demo.scripts import ByWord, Telling, tell
from conductor_tui.demo.shop import FIX
from conductor_tui.demo.steps import (
    ApplyPatch,
    ExecCommand,
    FunctionCall,
    HttpError,
    Message,
    Reply,
    SearchWeb,
    Think,
    UpdatePlan,
)

OPENING_PROMPT = "The invoice totals are off by a cent. Find out why and fix it."

_CHUNK, _DELAY = 6, 0.02
"""300 characters a second: quick, and still visibly a stream."""
_RUN_TESTS = ExecCommand("python3 -m unittest")
_BRANCH = "fix-invoice-cents"


def demo_script(request: Request) -> Reply:
    """The demo's script, streamed at a pleasant pace."""
    reply = tell(_plan, request) if request.is_plan_mode else _OWN_WORDS(request)
    return [
        replace(step, chunk=_CHUNK, delay=_DELAY) if isinstance(step, (Message, Think)) and not step.chunk else step
        for step in reply
    ]


def _checklist(done: int) -> UpdatePlan:
    steps = ("Reproduce the wrong total", "Find the cause", "Fix it on a branch", "Run the tests again")
    states = ("completed" if i < done else "in_progress" if i == done else "pending" for i in range(len(steps)))
    return UpdatePlan(tuple(zip(steps, states, strict=True)))


def _fix_invoices(request: Request) -> Telling:
    yield [
        Think("**Reading the task**\n\nTotals are wrong by one cent, so rounding is the first suspect."),
        Message("I will reproduce the wrong total first, then look for the cause.", phase="commentary"),
        _checklist(0),
        ExecCommand("cat billing/money.py billing/invoice.py"),
    ]
    (tests,) = yield [_RUN_TESTS]
    if tests.exit_code == 0:
        yield [Message("All tests pass and the totals are right: somebody has fixed this already. Nothing to do.")]
        return
    yield [
        Think("**Finding the cause**\n\n`int(19.99 * 100)` cuts 1998.9999999999998 down to 1998."),
        Message(_CAUSE, phase="commentary"),
        _checklist(2),
    ]
    (branch,) = yield [
        ExecCommand(
            f"git switch -c {_BRANCH}",
            escalated=True,
            justification="May I make a branch for the fix? The sandbox keeps .git read-only.",
            prefix_rule=("git", "switch"),
        )
    ]
    yield [Message(_about_branch(branch), phase="commentary"), ApplyPatch(FIX)]
    (tests,) = yield [_RUN_TESTS]
    yield [_checklist(4 if tests.exit_code == 0 else 3)]
    yield [Message(_summary(branch, tests), phase="final_answer")]


def _about_branch(result: ToolResult) -> str:
    if result.exit_code == 0:
        return f"The branch `{_BRANCH}` is there. Now the fix, with a test that covers every price below 100."
    if result.was_declined:
        return "Understood, no new branch. I make the fix where we are, with a test for every price below 100."
    return "The branch could not be made, so I stay where we are. Now the fix, with a test for every price below 100."


_CAUSE = """\
Found it. `to_cents` **cuts off** instead of rounding:

```python
>>> 19.99 * 100
1998.9999999999998
>>> int(19.99 * 100)
1998
```

Every price that has no exact binary form can lose a cent this way.
"""


def _summary(branch: ToolResult, tests: ToolResult) -> str:
    if tests.exit_code != 0:
        return (
            "The tests **do not pass** yet: the change was declined or did not fit the files.\n\n"
            "Send the same prompt again, and allow the change when you are asked."
        )
    where = f"on the branch `{_BRANCH}`, not committed" if branch.exit_code == 0 else "in your checkout, not committed"
    return f"""\
## The totals are right again

`to_cents` now rounds to the nearest cent; before, it cut the rest off.

| price | before | now |
| --- | ---: | ---: |
| 19.99 | 19.98 | **19.99** |
| 4.35 | 4.34 | **4.35** |
| 4.50 | 4.50 | 4.50 |

- **Changed:** `billing/money.py` rounds with `Decimal`, half a cent upwards.
- **Tested:** `tests/test_invoice.py` checks every price below 100; all tests pass.
- **Where:** {where}. The diff shows it.

That was the scripted part. The model here is *not a real one*: type `help` to see what it understands.
"""


_WORDS = """\
I am a **scripted model**, not a real one: Codex around me is real, my answers are written beforehand. Try:

| type | to see |
| --- | --- |
| `invoice` | the story from the start |
| `command` | a command that runs for a while: steer it, or interrupt it |
| `approval` | a command that asks first |
| `file` | a change of a file, in the diff |
| `table`, `code`, `long` | how answers look |
| `search` | a web search that never leaves this machine |
| `error` | a model server that refuses |
| `plan`, `question` | with Plan Mode on: a plan, or a question first |
"""

_HELLO = f"You said something that I have no answer for.\n\n{_WORDS}"

_TABLE = """\
| effort | thinks | good for |
| --- | --- | --- |
| low | briefly | renames, small fixes, questions |
| medium | as needed | most work |
| high | thoroughly | refactorings, hard bugs |

Tables wrap within their columns when the window is narrow.
"""

_CODE = """\
Three languages, highlighted:

```python
def to_cents(amount: float) -> int:
    exact = Decimal(str(amount)) * 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
```

```sql
SELECT customer, SUM(cents) AS total
FROM lines GROUP BY customer HAVING SUM(cents) > 10000;
```

```diff
-    return int(amount * 100)
+    return round(amount * 100)
```
"""

_LONG = "\n\n".join(
    f"### Part {i}\n\nMoney is counted in whole cents, never in fractions. A sum of *rounded* amounts can differ from "
    f"the rounded sum, so the place where one rounds is a decision, not a detail.\n\n"
    f"1. Read the price as text.\n2. Round it once.\n3. Add whole cents: `total += {i}`."
    for i in range(1, 31)
)

_NOTES = """\
*** Begin Patch
*** Add File: NOTES.md
+# Rounding
+
+- Prices are rounded once, to whole cents, half a cent upwards.
+- Sums are sums of whole cents.
*** End Patch
"""

_PLAN_IS_OFF = "Plan Mode is off, so I would start at once. Turn it on (`shift+tab`) and send this again."
_REFUSAL = {"error": {"message": "The scripted model refuses, because you asked for an error.", "type": "server_error"}}


def _command(request: Request) -> Telling:
    (result,) = yield [
        Message("This takes ten seconds. Steer me meanwhile, or press `esc` twice.", phase="commentary"),
        ExecCommand('for i in 1 2 3 4 5 6 7 8 9 10; do echo "step $i of 10"; sleep 1; done', yield_ms=20_000),
    ]
    yield [Message("The command has ended." if result.exit_code == 0 else "The command did not come to its end.")]


def _approval(request: Request) -> Telling:
    (result,) = yield [
        ExecCommand(
            "git gc --quiet",
            escalated=True,
            justification="May I tidy up the repository? The sandbox keeps .git read-only.",
            prefix_rule=("git", "gc"),
        )
    ]
    yield [Message("You said no, so I leave it." if result.was_declined else "Allowed, and done.")]


def _file(request: Request) -> Telling:
    (result,) = yield [ApplyPatch(_NOTES)]
    yield [Message("`NOTES.md` is written; look at the diff." if result.was_patched else "Nothing was written.")]


def _search(request: Request) -> Telling:
    yield [SearchWeb("half up or half even rounding of money"), Message("Most shops round half a cent **up**.")]


_OWN_WORDS = ByWord(
    {
        "invoice": _fix_invoices,
        "implement the plan": _fix_invoices,
        "command": _command,
        "approval": _approval,
        "file": _file,
        "search": _search,
        "table": [Message(_TABLE)],
        "code": [Message(_CODE)],
        "long": [Message(_LONG, chunk=30, delay=_DELAY)],
        "error": [HttpError(500, _REFUSAL)],
        "plan": [Message(_PLAN_IS_OFF)],
        "question": [Message(_PLAN_IS_OFF)],
        "help": [Message(_WORDS)],
    },
    default=[Message(_HELLO)],
)

_QUESTION = {
    "id": "rounding",
    "header": "Rounding",
    "question": "How should half a cent be rounded?",
    "options": [
        {"label": "Half up (Recommended)", "description": "0.5 becomes 1: what customers expect."},
        {"label": "Half even", "description": "0.5 becomes 0, 1.5 becomes 2: what banks like."},
    ],
}


def _plan(request: Request) -> Telling:
    thinking = Think("**Planning**\n\nThe fix is small; the plan names what could break.")
    if "question" in request.user_text.lower():
        (answer,) = yield [thinking, FunctionCall("request_user_input", {"questions": [_QUESTION]})]
        way = "half to even" if "even" in answer.text else "half a cent upwards"
    else:
        way = "half a cent upwards"
        yield [thinking, ExecCommand("cat billing/money.py")]
    yield [Message(f"Here is what I would do.\n\n<proposed_plan>\n{_PROPOSAL.format(way=way)}</proposed_plan>\n")]


_PROPOSAL = """\
# Round invoice amounts once

1. **`billing/money.py`**: convert with `Decimal` and round {way}.
2. **`tests/test_invoice.py`**: add a test that walks through every price below 100.
3. Run `python3 -m unittest`.

**Not touched:** `as_text`, and how lines are added up.
"""
