"""Statistics in plain Python: numbers in, numbers out.

Nothing here reads, writes, logs, draws random numbers or imports numpy and scipy; the tests compare with scipy instead.
Each function names the paper of its formula.
"""
