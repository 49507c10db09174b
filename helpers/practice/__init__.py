"""What learners answer: predictions. Their words are in `data/practice/`, one folder a language."""
