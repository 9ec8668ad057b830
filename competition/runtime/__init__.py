"""The process that the kit runs in: Keras and TensorFlow, memory, processors."""
