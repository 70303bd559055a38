"""Reading a person's own results, one module per noun."""
