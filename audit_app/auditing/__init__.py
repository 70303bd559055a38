"""The auditor's page: the trail searched, exported and verified. Reads all; owns only its own verifications."""
