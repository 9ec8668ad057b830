"""What the kit's claims about speed and memory rest on; each module is a program that prints its table."""
