"""Assessors: testers, chief testers and inspectors, and what each is certified for."""
