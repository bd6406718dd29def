"""Grading in the terminal: the session, what it asks, and what it draws."""
