"""``python -m nlu ...``: Rasa's own command line without TensorFlow, e.g. ``train`` or ``data validate``."""

from nlu import without_tensorflow

without_tensorflow.install()

from rasa.__main__ import main  # noqa: E402

main()
