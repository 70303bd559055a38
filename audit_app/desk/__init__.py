"""Where a person begins: the home page per role and the menu. Reads all, owns no table."""
