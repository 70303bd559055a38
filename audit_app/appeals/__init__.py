"""A fair hearing: what was scored is contested by item, heard by a panel that the app finds, decided with a reason."""
