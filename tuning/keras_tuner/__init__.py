"""The only code that uses Keras Tuner, including those of its private parts that the kit relies on."""
