"""The append-only audit trail: who did what to which thing and when, chained and signed behind the acts' backs."""
