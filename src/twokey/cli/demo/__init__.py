"""A whole round on a real model: the material that `twokey demo` works on."""
