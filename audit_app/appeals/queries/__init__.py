"""Reading appeals, one module per noun."""
