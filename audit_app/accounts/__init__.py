"""Who has an account, which roles in which places, and how somebody new comes in: the administrator's pages."""
