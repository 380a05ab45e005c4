"""Sessions: their state, controls, messages and approvals, whatever is on screen."""
