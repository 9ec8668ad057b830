"""What every kind of model shares: the contract of cross-fitting, scaling, predicting in pieces."""
