"""What commands do, as functions that return results and print nothing."""
