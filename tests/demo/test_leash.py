import subprocess
import sys

from daemon.demo.leash import leashed


def test_the_command_line_keeps_the_working_directory_out_of_the_search_path() -> None:
    assert leashed("daemon", "till")[-4:] == ("-P", "-m", "daemon", "till")


def test_a_program_whose_parent_is_gone_already_is_not_started() -> None:
    leash = (sys.executable, "-P", "-m", "daemon.demo.leash")
    assert subprocess.run([*leash, "0", "/bin/false"], check=False, timeout=60).returncode == 0
