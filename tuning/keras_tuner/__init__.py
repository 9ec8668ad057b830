"""The one door to Keras Tuner, and to the private parts of it that the kit relies on."""
