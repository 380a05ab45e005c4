"""Commands without a window, and what they and the window are put together from."""
