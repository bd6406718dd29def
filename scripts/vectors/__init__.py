"""What scripts/make_vectors.py makes tests/vectors of: keys, a small world, what people say in it, and the cases."""
