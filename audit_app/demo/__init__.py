"""The demonstration province: deterministic from a seed, anchored at the day it is loaded."""
