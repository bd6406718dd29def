"""Statistics in plain Python: numbers in, numbers out.

Nothing here reads, writes, logs, uses a clock or chance, or imports numpy and scipy; the tests compare with scipy
instead. Even the bootstrap draws the same numbers everywhere.
Each function names the paper of its formula.
"""
