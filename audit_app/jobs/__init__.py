"""What packages declare as work behind the scenes, and the worker that does it."""
