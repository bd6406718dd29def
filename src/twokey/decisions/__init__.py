"""Signed decisions: the document, the people, the checkpoints, and the argument that a decision counts."""
