"""Every SELECT on cards and runs: `cards` (what may be read), `sources` (what cards are made of), `runs`, `results`."""
