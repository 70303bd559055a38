"""Checking a submitted visit: notes, overlays, results, whom it scores, release."""
