"""The demonstration province in full size, over the small one. Every stage can be killed and taken up again."""
