"""The demo's repository: a small program whose invoices are off by a cent, with a test that shows it."""

from __future__ import annotations

_README = """\
# shop

Invoices for a small shop.

    python3 -m unittest
"""

_MONEY = '''\
"""Amounts of money, in whole cents."""


def to_cents(amount: float) -> int:
    """An amount such as 19.99, in cents."""
    return int(amount * 100)


def as_text(cents: int) -> str:
    """Cents as people write them: 1999 is 19.99."""
    return f"{cents // 100}.{cents % 100:02d}"
'''

_INVOICE = '''\
"""An invoice and its total."""

from dataclasses import dataclass, field

from billing.money import to_cents


@dataclass
class Line:
    """Some pieces of one article."""

    article: str
    price: float
    quantity: int = 1


@dataclass
class Invoice:
    """What a customer has to pay."""

    lines: list[Line] = field(default_factory=list)

    def total(self) -> int:
        """The sum of all lines, in cents."""
        return sum(to_cents(line.price) * line.quantity for line in self.lines)
'''

_TEST = """\
import unittest

from billing.invoice import Invoice, Line
from billing.money import as_text


class InvoiceTest(unittest.TestCase):
    def test_round_prices(self):
        invoice = Invoice([Line("tea", 4.50, 2), Line("cup", 8.00)])
        self.assertEqual(as_text(invoice.total()), "17.00")

    def test_prices_with_cents(self):
        invoice = Invoice([Line("lamp", 19.99), Line("bulb", 1.10, 3)])
        self.assertEqual(as_text(invoice.total()), "23.29")

    def test_nothing_to_pay(self):
        self.assertEqual(Invoice().total(), 0)
"""

SHOP_FILES = {
    ".gitignore": "__pycache__/\n",
    "README.md": _README,
    "billing/__init__.py": "",
    "billing/money.py": _MONEY,
    "billing/invoice.py": _INVOICE,
    "tests/__init__.py": "",
    "tests/test_invoice.py": _TEST,
}
"""Path to text."""

FIX = """\
*** Begin Patch
*** Update File: billing/money.py
@@
 \"\"\"Amounts of money, in whole cents.\"\"\"
 
+from decimal import ROUND_HALF_UP, Decimal
+
 
 def to_cents(amount: float) -> int:
-    \"\"\"An amount such as 19.99, in cents.\"\"\"
-    return int(amount * 100)
+    \"\"\"An amount such as 19.99, in cents; half a cent is rounded up.\"\"\"
+    exact = Decimal(str(amount)) * 100
+    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
*** Update File: tests/test_invoice.py
@@
     def test_nothing_to_pay(self):
         self.assertEqual(Invoice().total(), 0)
+
+    def test_every_price_below_a_hundred_keeps_its_cents(self):
+        for cents in range(10_000):
+            self.assertEqual(Invoice([Line("any", cents / 100)]).total(), cents)
*** End Patch
"""
"""The change that mends the rounding, in Codex's patch format."""
