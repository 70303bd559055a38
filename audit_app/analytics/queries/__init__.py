"""Every SELECT of analytics: `sources` (what the summary tables follow from), `scores`, `duties`, `overview`."""
