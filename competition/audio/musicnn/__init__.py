"""MSD_musicnn, a music tagger of Pons and Serra (2019), as far as it is needed to describe songs."""
