"""Measurements: `audit-app bench NAME`."""
