"""`conductor-tui doctor`: looks at everything that must be right, changes nothing, and says what to do."""
