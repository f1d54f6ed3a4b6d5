"""The manifests of deploy/: valid by their schemas, safe, and true to the code they run."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import promql_parser
import pytest
import yaml
from deployment import (
    COMPONENT,
    DEPLOY,
    KUSTOMIZATIONS,
    MANIFESTS,
    ROOT,
    container,
    documents,
    objects,
    pods,
    stages,
)

from bot.metrics import Metrics

BIN = Path(sys.executable).parent
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SCRIPTS = sorted(DEPLOY.rglob("*.sh"))
SETTING = re.compile(r"\bASSISTANT_[A-Z_]+\b")


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_manifest_is_valid_by_the_schema_of_kubernetes(path: Path) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, "1.32", strict=True)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_every_manifest_is_named_by_its_kustomization(path: Path) -> None:
    kustomization = yaml.safe_load(path.read_text("utf-8"))
    named = {name for name in kustomization["resources"] if name.endswith(".yml")}
    assert named == {each.name for each in path.parent.glob("*.yml")} - {path.name}
    for generated in kustomization.get("configMapGenerator", []):
        assert all((path.parent / name).is_file() for name in generated["files"])


def test_labels_are_not_put_into_the_selector_of_the_name_service() -> None:
    for path in KUSTOMIZATIONS:
        for labels in yaml.safe_load(path.read_text("utf-8")).get("labels", []):
            assert not labels.get("includeSelectors")


def test_kustomize_renders_both_where_it_is_there() -> None:
    if shutil.which("kubectl") is None:
        return
    for path in KUSTOMIZATIONS:
        done = subprocess.run(
            ["kubectl", "kustomize", str(path.parent)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        for document in yaml.safe_load_all(done.stdout):
            kubernetes_validate.validate(document, "1.32", strict=True)


@pytest.mark.parametrize("name", sorted(pods()))
def test_every_pod_is_without_root_and_rights_on_a_root_folder_nobody_writes(name: str) -> None:
    spec, only = pods()[name]["spec"], container(name)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in only["resources"]["limits"] and "cpu" in only["resources"]["requests"]


def test_the_users_of_pods_are_those_of_the_images() -> None:
    for name, image in (("app", "app"), ("prepare", "app"), ("engine", "engine")):
        user = pods()[name]["spec"]["securityContext"]["runAsUser"]
        assert stages()[image].last("USER").split(":")[0] == str(user)


def test_an_app_starts_when_it_can_answer_and_stays_in_service_without_its_engine() -> None:
    app = container("app")
    assert app["startupProbe"]["httpGet"]["path"] == "/readyz"
    assert app["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert app["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_the_engine_is_asked_for_its_health_where_its_channel_answers() -> None:
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container("engine")[probe]["httpGet"]["path"] == "/webhooks/gateway/health"
    channel = (ROOT / "nlu" / "channel.py").read_text("utf-8")
    assert '@routes.get("/health")' in channel and 'Blueprint("gateway")' in channel


def _mebibytes(quantity: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()  # type: ignore[union-attr]
    return float(number) * {"Mi": 1, "Gi": 1024}[unit]


@pytest.mark.parametrize("name", ["app", "engine"])
def test_memory_is_requested_as_it_was_measured(name: str) -> None:
    figures = (ROOT / "docs" / "performance.md").read_text("utf-8")
    (measured,) = re.findall(rf"^memory of the {name} +([\d.]+) MiB", figures, re.M)
    resources = container(name)["resources"]
    assert _mebibytes(resources["requests"]["memory"]) >= 1.1 * float(measured)
    assert _mebibytes(resources["limits"]["memory"]) >= 1.5 * float(measured)


def test_replicas_are_added_by_a_figure_that_the_app_gives() -> None:
    told = Metrics().text().decode()
    for name, scaler in objects("HorizontalPodAutoscaler").items():
        assert scaler["spec"]["scaleTargetRef"]["name"] == name
        assert name in objects("Deployment") and scaler["spec"]["minReplicas"] >= 2
        (metric,) = scaler["spec"]["metrics"]
        (source,) = (metric[kind] for kind in ("pods", "object") if kind in metric)
        assert f"\n{source['metric']['name']} " in told
        assert "replicas" not in objects("Deployment")[name]["spec"]


def test_a_disruption_leaves_one_app_and_one_engine() -> None:
    budgets = objects("PodDisruptionBudget")
    assert set(budgets) == set(objects("HorizontalPodAutoscaler")) == {"app", "engine"}
    for name, budget in budgets.items():
        assert budget["spec"]["selector"]["matchLabels"] == {COMPONENT: name}
        assert budget["spec"]["minAvailable"] == 1


def _ways(rules: list[Any], direction: str) -> set[tuple[str, int]]:
    return {
        (each["podSelector"]["matchLabels"][COMPONENT], port["port"])
        for rule in rules
        for each in rule[direction]
        for port in rule["ports"]
    }


def test_nothing_is_reachable_that_no_policy_allows() -> None:
    everything = objects("NetworkPolicy")["nothing-else"]["spec"]
    assert everything == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_the_engine_reaches_the_actions_and_the_stores_alone() -> None:
    engine = objects("NetworkPolicy")["engine"]["spec"]
    assert engine["podSelector"]["matchLabels"] == {COMPONENT: "engine"}
    assert _ways(engine["egress"], "to") == {("app", 5055), ("postgres", 5432), ("redis", 6379)}
    assert _ways(engine["ingress"], "from") == {("app", 5005)}


def test_the_actions_are_reached_by_the_engine_alone() -> None:
    rules = objects("NetworkPolicy")["app"]["spec"]["ingress"]
    actions = [rule for rule in rules if {"protocol": "TCP", "port": 5055} in rule["ports"]]
    assert _ways(actions, "from") == {("engine", 5055)}


def test_every_service_leads_to_a_port_of_its_pods() -> None:
    for name, service in objects("Service").items():
        target = container(service["spec"]["selector"][COMPONENT])
        ports = {port["name"]: port["containerPort"] for port in target["ports"]}
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports, name


def test_settings_name_services_and_ports_that_are_there() -> None:
    ports = {
        f"{name}:{port['port']}"
        for name, service in objects("Service").items()
        for port in service["spec"]["ports"]
    }
    for settings in objects("ConfigMap").values():
        for value in settings["data"].values():
            assert not value.startswith("http") or value.split("/")[2] in ports


def test_no_manifest_holds_a_secret() -> None:
    assert objects("Secret") == {}
    for settings in objects("ConfigMap").values():
        assert [name for name in settings["data"] if re.search("SECRET|PASSWORD|TOKEN", name)] == []
    for name in pods():
        for variable in container(name).get("env", []):
            assert "value" not in variable or "PASSWORD" not in variable["name"]


def test_every_setting_that_deployment_names_is_documented() -> None:
    known = set(SETTING.findall((ROOT / "docs" / "settings.md").read_text("utf-8")))
    files = [path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".lock"]
    named = {name for path in files for name in SETTING.findall(path.read_text("utf-8"))}
    assert named <= known


def test_the_compose_file_is_valid_by_its_schema() -> None:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, DEPLOY / "compose.yml"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_of_the_compose_file_is_without_root_and_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    user = service.get("user") or stages()[service["build"]["target"]].last("USER")
    assert int(user.split(":")[0]) > 0


def test_the_engine_of_the_compose_file_has_no_way_out() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("engine", "postgres", "redis", "prepare"):
        assert SERVICES[name]["networks"] == ["inside"] and "ports" not in SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["app"]["ports"])
    assert "env_file" not in SERVICES["engine"]


def test_the_compose_file_takes_every_secret_from_its_env_file() -> None:
    text = (DEPLOY / "compose.yml").read_text("utf-8")
    example = (DEPLOY / "example.env").read_text("utf-8")
    wanted = set(re.findall(r"\$\{(\w+):\?", text))
    assert wanted == set(re.findall(r"^(\w+)=$", example, re.M))
    assert set(re.findall(r"\$\{(\w+)", text)) == wanted


def test_images_run_without_root_and_copy_what_is_there_and_not_ignored() -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = [line.removeprefix("!") for line in ignore if line.startswith("!")]
    for stage in stages().values():
        for source, _ in stage.copied():
            assert (ROOT / source).exists(), source
            assert any(source == each or source.startswith(f"{each}/") for each in let_in), source
    for name in ("app", "engine"):
        assert int(stages()[name].last("USER").split(":")[0]) > 0


def _pins(lock: str) -> dict[str, str]:
    text = (DEPLOY / "requirements" / lock).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", text, re.M))


def test_the_image_of_the_app_holds_what_was_tested_and_no_test_tools() -> None:
    run, tested = _pins("app-run.lock"), _pins("app.lock")
    assert run.items() <= tested.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    name = re.compile(r"[A-Za-z0-9._-]+")
    wanted = {name.match(each).group() for each in project["dependencies"]}  # type: ignore[union-attr]
    assert wanted <= set(run)
    tools = {name.match(each).group() for each in project["optional-dependencies"]["test"]}  # type: ignore[union-attr]
    assert tools & set(run) == set()


def _unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(path, "utf-8")
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_runs_a_program_of_the_project_without_root(path: Path) -> None:
    service = _unit(path)["Service"]
    assert service["User"].startswith("assistant")
    assert service["NoNewPrivileges"] == "yes" and service["ProtectSystem"] == "strict"
    program = service["ExecStart"].split()[0].removeprefix("/opt/assistant/")
    assert program == ".venv/bin/assistant" or (ROOT / program).is_file()


def test_the_units_are_sound_by_systemd_itself_where_it_is_there(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        return
    for path in [*UNITS, *(DEPLOY / "systemd").glob("*.timer")]:
        text = path.read_text("utf-8").replace("/opt/assistant", str(ROOT))
        (tmp_path / path.name).write_text(text, "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_shell_script_is_sound(path: Path) -> None:
    done = subprocess.run([BIN / "shellcheck", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def _queries() -> list[str]:
    board = json.loads((DEPLOY / "monitoring" / "grafana.json").read_text("utf-8"))
    shown = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    rules = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text("utf-8"))
    alarms = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    return [query.replace("$__rate_interval", "5m") for query in shown + alarms]


@pytest.mark.parametrize("query", sorted(set(_queries())))
def test_every_query_can_be_asked_and_asks_for_a_figure_that_the_app_gives(query: str) -> None:
    promql_parser.parse(query)
    told = set(re.findall(r"^# TYPE (\w+)", Metrics().text().decode(), re.M))
    for name in set(re.findall(r"\bassistant_\w+", query)):
        assert name in told or name.removesuffix("_bucket") in told, name


def test_every_alarm_is_explained() -> None:
    page = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    rules = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text("utf-8"))
    names = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    assert [name for name in names if f"`{name}`" not in page] == []
