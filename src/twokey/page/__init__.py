"""The review page: one self-contained file on which outputs are graded, and the server that it may come from."""
