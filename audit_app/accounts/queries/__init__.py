"""Reading accounts as an administrator may see them."""
