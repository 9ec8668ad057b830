"""What boards have said of runs: kept in each run, and in the folder of the runs."""
