"""Pure scoring: (frozen sheet, effective answers) → result. Exact until the one rounding; imports nothing of a framework."""
