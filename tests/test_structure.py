"""How the project is built: what a reader may rely on in every file."""

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from schema.root import build_schema

TOP = Path(__file__).parent.parent
PACKAGES = ("rules", "storage", "tenancy", "resolvers", "schema", "workers", "service")
MOST_LINES = 300
NAMELESS = {"utils", "util", "helpers", "common", "base", "manager", "managers", "service", "misc"}

MODULES = [
    path.relative_to(TOP)
    for package in (*PACKAGES, "tests", "bench")
    for path in sorted((TOP / package).rglob("*.py"))
]


def test_no_installed_distribution_owns_one_of_our_names() -> None:
    """We are an application: nothing of ours lands in site-packages, and nothing there is taken
    for ours."""
    installed = packages_distributions()
    assert {
        name: installed[name] for name in (*PACKAGES, "tests", "bench") if name in installed
    } == {}


def test_every_module_opens_with_what_it_is_for() -> None:
    assert [str(m) for m in MODULES if not ast.get_docstring(_tree(m))] == []


def test_every_module_is_short_enough_to_read() -> None:
    ours = [module for module in MODULES if module.parts[0] != "tests"]
    lengths = {str(module): len((TOP / module).read_text().splitlines()) for module in ours}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_module_is_named_for_what_is_in_it() -> None:
    assert [str(module) for module in MODULES if module.stem in NAMELESS] == []


def test_nothing_is_mocked() -> None:
    mocking = {"unittest.mock", "mock", "pytest_mock"}
    assert [str(m) for m in MODULES if mocking & _imported(_tree(m))] == []


def test_the_same_noun_has_the_same_file_name_in_each_layer() -> None:
    """What the desk asks stands in resolvers/ under the name that schema/ has for it."""
    schema = {module.stem for module in MODULES if module.parts[0] == "schema"}
    resolvers = {module.stem for module in MODULES if module.parts[0] == "resolvers"}
    only_for_jobs = {"block_removal"}
    asked_elsewhere = NAMED_OTHERWISE.keys()
    assert resolvers - schema - only_for_jobs - asked_elsewhere == set()


NAMED_OTHERWISE: dict[str, str] = {
    "job_records": "clients read them with the job reports",
    "uploads": "files come in beside GraphQL",
}
"""Resolvers whose noun has another name in schema/, each with the reason."""


def test_everything_in_the_schema_has_a_description() -> None:
    schema = build_schema()._schema
    without = []
    for name, kind in schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        if not kind.description:
            without.append(name)
        match kind:
            case GraphQLObjectType() | GraphQLInterfaceType():
                for key, field in kind.fields.items():
                    without += [] if field.description else [f"{name}.{key}"]
                    without += [
                        f"{name}.{key}({argument}:)"
                        for argument, declared in field.args.items()
                        if not declared.description
                    ]
            case GraphQLInputObjectType():
                without += [f"{name}.{k}" for k, f in kind.fields.items() if not f.description]
            case GraphQLEnumType():
                without += [f"{name}.{k}" for k, v in kind.values.items() if not v.description]
    without += [
        f"@{directive.name}"
        for directive in schema.directives
        if not is_specified_directive(directive) and not directive.description
    ]
    assert without == []


def test_commands_are_a_noun_and_a_verb_with_one_input_and_a_payload_with_errors() -> None:
    mutation = build_schema()._schema.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        capital = name[0].upper() + name[1:]
        assert {key: str(argument.type) for key, argument in field.args.items()} == {
            "input": f"{capital}Input!"
        }
        assert str(field.type) == f"{capital}Payload!"
        payload = field.type.of_type
        answered = {key: str(member.type) for key, member in payload.fields.items()}
        assert answered.pop("userErrors") == "[UserError!]!"
        answered.pop("warnings", None)
        # A refused command answers nothing but its errors.
        assert [
            key for key, kind in answered.items() if not kind.startswith("[") and kind.endswith("!")
        ] == []


def _tree(module: Path) -> ast.Module:
    return ast.parse((TOP / module).read_text())


def _imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names
