"""What tests read of the folder deploy/: manifests, stages of the Containerfile, shell scripts."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
KUSTOMIZATIONS = sorted((DEPLOY / "kubernetes").glob("*/kustomization.yml"))
MANIFESTS = sorted(set((DEPLOY / "kubernetes").glob("*/*.yml")) - set(KUSTOMIZATIONS))
COMPONENT = "app.kubernetes.io/component"
Json = dict[str, Any]


def documents(path: Path) -> list[Json]:
    """The YAML documents of a file."""
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def objects(kind: str) -> dict[str, Json]:
    """All objects of a kind in the manifests, by name."""
    found = [document for path in MANIFESTS for document in documents(path)]
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def pods() -> dict[str, Json]:
    """The pod of everything that runs, by its name."""
    running = [objects(kind) for kind in ("Deployment", "StatefulSet", "Job")]
    return {name: each["spec"]["template"] for kind in running for name, each in kind.items()}


def container(name: str) -> Json:
    """The one container of a pod."""
    (only,) = pods()[name]["spec"]["containers"]
    found: Json = only
    return found


@dataclass
class Stage:
    """One stage of the Containerfile with its instructions, in order."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def copied(self) -> Iterator[tuple[str, str]]:
        """What is copied from the checkout: source and target, as written."""
        for word, rest in self.instructions:
            if word == "COPY" and not rest.startswith("--from"):
                *sources, target = rest.split()
                yield from ((source, target) for source in sources)

    def environment(self) -> dict[str, str]:
        """The variables the stage sets itself."""
        given = " ".join(rest for word, rest in self.instructions if word == "ENV").split()
        return dict(pair.split("=", 1) for pair in given)

    def last(self, word: str) -> str:
        """The last instruction of that word."""
        return [rest for told, rest in self.instructions if told == word][-1]


def stages() -> dict[str, Stage]:
    """The stages of the Containerfile by name."""
    found: list[Stage] = []
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.split()
            found.append(Stage(name, base))
        elif word and not word.startswith("#"):
            found[-1].instructions.append((word, " ".join(rest.split())))
    return {stage.name: stage for stage in found}


def laid_out(stage: Stage, folder: Path) -> Path:
    """A folder with the files of the checkout that an image of ``stage`` holds, and no others."""
    for source, target in stage.copied():
        origin, place = ROOT / source, folder / target
        if origin.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(origin, place, dirs_exist_ok=True, ignore=ignored)
        else:
            place = place / origin.name if target.endswith("/") else place
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, place)
    return folder
