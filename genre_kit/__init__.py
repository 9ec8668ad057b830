"""The genre competition kit as a program: its command line, and the same jobs as Python functions."""
