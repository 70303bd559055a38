"""Reading the trail as an auditor may."""
