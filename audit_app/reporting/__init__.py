"""Facts to documents: scorecards as PDF, batches as ZIP."""
