"""What a program's output looks like: a terminal without a terminal, from bytes to lines of styled text.

Nothing of the program's control sequences leaves this package: lines hold text and names of styles.
"""
