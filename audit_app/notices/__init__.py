"""The inbox: one line per thing that somebody should know. Facts are stored, words are found when it is read."""
