"""twokey: two keys to ship an AI change: the evidence, and a name.

Start reading at `twokey.pipeline`. Nothing is re-exported here, so that importing the package costs nothing.
"""

__version__ = "0.1.0"
