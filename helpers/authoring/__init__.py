"""For those who maintain the course: make the data, record, run and translate the lessons."""
