"""The person who is scored: own results, how they came about, who saw them, and a question to somebody who answers."""
