"""The one door to Kaggle's own client, the package `kaggle`: what it is asked, and what its answers mean."""
