"""What commands do with sound files."""
