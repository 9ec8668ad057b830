"""What a folder of files is: which file is which, what its columns are, and the edition that says so."""
