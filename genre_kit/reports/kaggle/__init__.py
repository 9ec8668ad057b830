"""The lines about what comes from Kaggle, what goes there, and what boards have said."""
