"""A file that grows past its limit holds two nouns; a function that does has two jobs."""

from tests.tidy.tree import functions, line_count, python_files

FILE_LINES_MAX = 400
TEST_FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70


def test_no_source_file_is_longer_than_its_limit() -> None:
    long = {str(path): line_count(path) for path in python_files("daemon") if line_count(path) > FILE_LINES_MAX}
    assert not long


def test_no_test_file_is_longer_than_its_limit() -> None:
    long = {str(path): line_count(path) for path in python_files("tests") if line_count(path) > TEST_FILE_LINES_MAX}
    assert not long


def test_no_function_is_longer_than_its_limit() -> None:
    long = {
        f"{path}:{function.lineno} {function.name}": length
        for path in python_files("daemon", "tests")
        for function in functions(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert not long
