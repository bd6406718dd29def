"""Asking, and writing down what is answered: the only part that calls anything. What is made is judged elsewhere."""
