"""Benchmarks behind the kit's claims about scores, speed and memory; each module is a program that prints a table."""
