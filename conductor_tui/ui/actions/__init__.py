"""What commands do: one function each, on the main screen, with a function beside it that says why it cannot."""
