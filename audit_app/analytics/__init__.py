"""Figures over many visits: summary tables kept by jobs, and the overview read from them. Changes nothing else."""
