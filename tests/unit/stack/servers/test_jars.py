from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from riverline.errors import Fatal
from riverline_stack.servers.java.jars import Folder, fetch, maven_failure, module, write_reactor

ONE = Folder("one", ("org.example:one:1.0",), without=("org.other:logger",))
POM = "{http://maven.apache.org/POM/4.0.0}"

# In place of Maven: puts a jar where each module's project file says, and counts its runs.
FAKE_MAVEN = """#!/bin/sh
echo run >> "$RUNS"
for pom in */pom.xml; do
    folder=$(sed -n 's|.*<outputDirectory>\\(.*\\)</outputDirectory>.*|\\1|p' "$pom")
    [ -z "$folder" ] || touch "$folder/some.jar"
done
"""


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Maven of our own; the answer is the file that has a line for each of its runs."""
    runs = tmp_path / "runs"
    runs.touch()
    install_maven(tmp_path, FAKE_MAVEN, monkeypatch)
    monkeypatch.setenv("RUNS", str(runs))
    return runs


def install_maven(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "mvn").write_text(script)
    (folder / "bin" / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")


def silent(_: str) -> None:
    pass


def test_another_version_is_another_folder(tmp_path: Path) -> None:
    newer = Folder("one", ("org.example:one:2.0",), without=ONE.without)
    assert newer.path(tmp_path) != ONE.path(tmp_path)


def test_what_is_left_out_is_part_of_the_folders_name(tmp_path: Path) -> None:
    assert Folder("one", ONE.coordinates).path(tmp_path) != ONE.path(tmp_path)


def test_a_module_leaves_out_what_is_not_wanted(tmp_path: Path) -> None:
    project = ElementTree.fromstring(module(ONE, tmp_path))
    exclusion = project.find(f".//{POM}exclusion")
    assert exclusion is not None
    assert [child.text for child in exclusion] == ["org.other", "logger"]


def test_a_folder_with_a_strange_name_is_escaped(tmp_path: Path) -> None:
    project = ElementTree.fromstring(module(ONE, tmp_path / "a&b"))
    assert project.findtext(f".//{POM}outputDirectory") == str(tmp_path / "a&b")


def test_an_absent_parent_gets_an_empty_project_of_its_name(tmp_path: Path) -> None:
    write_reactor(tmp_path, [Folder("flux", ("g:flux-core:1",), absent=("g:flux:1",))], tmp_path)
    project = ElementTree.parse(tmp_path / "g-flux-1" / "pom.xml").getroot()
    assert project.findtext(f"{POM}artifactId") == "flux"


def test_several_folders_take_one_run_of_maven(maven: Path, tmp_path: Path) -> None:
    fetch([ONE, Folder("two", ("org.example:two:1.0",))], tmp_path, silent)
    assert maven.read_text() == "run\n"


def test_a_complete_folder_is_not_fetched_again(maven: Path, tmp_path: Path) -> None:
    fetch([ONE], tmp_path, silent)
    fetch([ONE], tmp_path, silent)
    assert maven.read_text() == "run\n"


def test_a_half_made_folder_is_made_anew(maven: Path, tmp_path: Path) -> None:
    ONE.path(tmp_path).mkdir(parents=True)
    (ONE.path(tmp_path) / "half.jar").touch()
    fetch([ONE], tmp_path, silent)
    assert [jar.name for jar in ONE.path(tmp_path).glob("*.jar")] == ["some.jar"]


def test_a_failure_of_maven_is_told_and_leaves_the_folder_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_maven(tmp_path, "#!/bin/sh\necho '[ERROR] Unknown host'\nexit 1\n", monkeypatch)
    with pytest.raises(Fatal, match="Unknown host"):
        fetch([ONE], tmp_path, silent)
    assert not ONE.complete(tmp_path)


def test_a_machine_without_maven_is_told_which_package_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Fatal, match="install the package maven"):
        fetch([ONE], tmp_path, silent)


def test_mavens_advice_and_colours_are_left_out_of_a_failure() -> None:
    output = "\x1b[0m[ERROR] No such artifact -> [Help 1]\n[ERROR] \n[ERROR] Re-run Maven using the -X switch\n"
    assert maven_failure(output).splitlines()[1:] == ["No such artifact"]
