"""Doing a visit: answers, evidence and submission, in a hall or on a call."""
