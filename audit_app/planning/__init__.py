"""Programmes, rounds and assignments."""
