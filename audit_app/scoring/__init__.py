"""Pure scoring: (frozen sheet, effective answers) → result. Exact until the one rounding; no framework in it."""
