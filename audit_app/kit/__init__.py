"""Tools without domain words: database, clock, ids, errors, forms, blobs, paging, state machine, language."""
