"""What a long-running process does once, after it has loaded everything."""

import gc

YOUNG = 20_000


def settle() -> None:
    """Takes the loaded program out of the garbage collector's sight: else every full collection walks through it all,
    in the middle of somebody's request. Call it before serving."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
