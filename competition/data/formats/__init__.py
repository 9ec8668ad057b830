"""How files of songs and labels are written, and reading each form."""
