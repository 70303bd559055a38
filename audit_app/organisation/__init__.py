"""Org units, touchpoints, staff, rosters and role grants; the one door for scope."""
