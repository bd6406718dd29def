"""The shell: one file per command, and the only place that prints, prompts, reads the environment or exits."""

from twokey.cli.boundary import main

__all__ = ["main"]
