"""`twokey seeds`: sealed known-bad items, made and opened by a protected job."""
