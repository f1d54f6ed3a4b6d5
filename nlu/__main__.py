"""``python -m nlu train``, ``python -m nlu data validate``: Rasa's commands, without TensorFlow."""

from nlu import without_tensorflow

without_tensorflow.install()

from rasa.__main__ import main  # noqa: E402

main()
