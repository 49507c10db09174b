"""What all tests share."""

import helpers  # noqa: F401  (puts TensorFlow's settings in force, as in a lesson)
