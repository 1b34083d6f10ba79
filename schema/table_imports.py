"""Import of the block tables from an uploaded file: what it did, or what is wrong on which line."""

from collections.abc import Iterable, Sequence
from typing import Annotated, TypeVar

import strawberry

from resolvers import table_imports
from resolvers.table_imports import ImportFile
from rules.block_tables import BlockType, Overridable
from rules.definition_import import DefinitionImportPlan, PlannedDefinition
from rules.description_import import DescriptionImportPlan, PlannedDescription
from rules.import_sheet import LineError as LineErrorValue
from rules.import_sheet import LineOutcome
from schema.block_descriptions import BlockDescription
from schema.blocked_action_codes import BlockedActionCode
from schema.context import Info
from schema.errors import InvalidInputError, UserError, Warned, warnings_from
from schema.fields import argument, command, field
from schema.ids import number_of

MOST_LINE_ERRORS = 100

S = TypeVar("S")


@strawberry.type(description="What is wrong on one line of an imported file.")
class LineError:
    line: int = field("The number of the line, as the person sees it; the first is 1.")
    column: str | None = field("The column; null for the line as a whole.")
    message: str = field("What is wrong, as a sentence.")

    @classmethod
    def of(cls, value: LineErrorValue) -> "LineError":
        return cls(line=value.line, column=value.column, message=value.sentence)


@strawberry.type(description="A description as the import leaves it.")
class BlockDescriptionImportRow:
    line: int | None = field("Its line; null where another line moves it or takes the default.")
    outcome: LineOutcome = field("What becomes of it.")
    code: str = field("Its code, by which it was found.")
    text: str = field("Its text.")
    is_enabled: bool = field("Whether it is offered for new blocks.")
    is_default: bool = field("Whether the list offers it first.")
    position: int = field("Its place in the list, from 0.")

    @classmethod
    def of(cls, row: PlannedDescription, outcome: LineOutcome) -> "BlockDescriptionImportRow":
        return cls(
            line=row.line,
            outcome=outcome,
            code=row.draft.code,
            text=row.draft.text,
            is_enabled=row.draft.is_enabled,
            is_default=row.draft.is_default,
            position=row.position,
        )


@strawberry.type(description="A definition as the import leaves it.")
class BlockDefinitionImportRow:
    line: int = field("Its line.")
    outcome: LineOutcome = field("What becomes of it.")
    row_id: str = field("Its ID column, by which it was found.")
    description: BlockDescription = field("The description it defines.")
    blocked_action: BlockedActionCode = field("The actions that its blocks stop.")
    block_type: BlockType = field("Its type.")
    overridable: Overridable = field("Who may override its blocks.")
    is_network_block: bool = field("Whether its blocks travel to linked accounts.")

    @classmethod
    def of(cls, row: PlannedDefinition, outcome: LineOutcome) -> "BlockDefinitionImportRow":
        return cls(
            line=row.line,
            outcome=outcome,
            row_id=row.draft.row_id,
            description=BlockDescription.of(row.draft.description),
            blocked_action=BlockedActionCode.of(row.draft.blocked_action),
            block_type=row.draft.block_type,
            overridable=row.draft.overridable,
            is_network_block=row.draft.is_network_block,
        )


@strawberry.type(description="What an import of descriptions does.")
class BlockDescriptionImportPlan:
    add_count: int = field("How many are added.")
    change_count: int = field("How many are changed, moved ones among them.")
    unchanged_count: int = field("How many lines say what is so already.")
    rows: list[BlockDescriptionImportRow] = field("Each of them, in the order of the list.")

    @classmethod
    def of(cls, plan: DescriptionImportPlan) -> "BlockDescriptionImportPlan":
        rows = [
            BlockDescriptionImportRow.of(row, outcome)
            for outcome, planned in _outcomes(plan.adds, plan.changes, plan.unchanged)
            for row in planned
        ]
        return cls(
            add_count=len(plan.adds),
            change_count=len(plan.changes),
            unchanged_count=len(plan.unchanged),
            rows=sorted(rows, key=lambda row: row.position),
        )


@strawberry.type(description="What an import of definitions does.")
class BlockDefinitionImportPlan:
    add_count: int = field("How many are added.")
    change_count: int = field("How many are changed.")
    unchanged_count: int = field("How many lines say what is so already.")
    rows: list[BlockDefinitionImportRow] = field("Each of them, in the order of the lines.")

    @classmethod
    def of(cls, plan: DefinitionImportPlan) -> "BlockDefinitionImportPlan":
        rows = [
            BlockDefinitionImportRow.of(row, outcome)
            for outcome, planned in _outcomes(plan.adds, plan.changes, plan.unchanged)
            for row in planned
        ]
        return cls(
            add_count=len(plan.adds),
            change_count=len(plan.changes),
            unchanged_count=len(plan.unchanged),
            rows=sorted(rows, key=lambda row: row.line),
        )


@strawberry.input(description="A file of block descriptions.")
class BlockDescriptionsImportInput:
    upload: strawberry.ID = field(
        "The id that POST /uploads answered for a CSV or XLSX file with the columns code and "
        "description, and if wanted default, enabled and order (from 0)."
    )
    dry_run: bool = field("Only check, and say what it would do.", default=False)


@strawberry.input(description="A file of block definitions.")
class BlockDefinitionsImportInput:
    upload: strawberry.ID = field(
        "The id that POST /uploads answered for a CSV or XLSX file with the columns id, "
        "description_code, type, blocked_action and overridable, and if wanted network_block."
    )
    dry_run: bool = field("Only check, and say what it would do.", default=False)


@strawberry.type(description="What came of importing descriptions: all of the file, or nothing.")
class BlockDescriptionsImportPayload:
    plan: BlockDescriptionImportPlan | None = field(
        "What was done, or would be by a dry run; null if refused."
    )
    line_errors: list[LineError] = field("What is wrong, line by line; at most the first 100.")
    warnings: list[Warned] = field("What to know about single lines.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of importing definitions: all of the file, or nothing.")
class BlockDefinitionsImportPayload:
    plan: BlockDefinitionImportPlan | None = field(
        "What was done, or would be by a dry run; null if refused."
    )
    line_errors: list[LineError] = field("What is wrong, line by line; at most the first 100.")
    warnings: list[Warned] = field("What to know about single lines.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class TableImportMutations:
    @command("Fills the list of block descriptions from an uploaded file: all of it or nothing.")
    def block_descriptions_import(
        self, info: Info, input: Annotated[BlockDescriptionsImportInput, argument("What file.")]
    ) -> BlockDescriptionsImportPayload:
        file = _file(input.upload, dry_run=input.dry_run)
        answer = table_imports.import_descriptions(info.context.writing(), file)
        if isinstance(answer, tuple):
            return BlockDescriptionsImportPayload(
                plan=None,
                line_errors=_shown(answer),
                warnings=[],
                user_errors=[_refusal(answer)],
            )
        return BlockDescriptionsImportPayload(
            plan=BlockDescriptionImportPlan.of(answer.plan),
            line_errors=[],
            warnings=warnings_from(answer.notices),
            user_errors=[],
        )

    @command("Fills the table of block definitions from an uploaded file: all of it or nothing.")
    def block_definitions_import(
        self, info: Info, input: Annotated[BlockDefinitionsImportInput, argument("What file.")]
    ) -> BlockDefinitionsImportPayload:
        file = _file(input.upload, dry_run=input.dry_run)
        answer = table_imports.import_definitions(info.context.writing(), file)
        if isinstance(answer, tuple):
            return BlockDefinitionsImportPayload(
                plan=None,
                line_errors=_shown(answer),
                warnings=[],
                user_errors=[_refusal(answer)],
            )
        return BlockDefinitionsImportPayload(
            plan=BlockDefinitionImportPlan.of(answer.plan),
            line_errors=[],
            warnings=warnings_from(answer.notices),
            user_errors=[],
        )


def _file(upload: strawberry.ID, *, dry_run: bool) -> ImportFile:
    number = number_of(upload, "Upload")
    if number is None:
        raise table_imports.unknown_upload()
    return ImportFile(upload_id=number, is_dry_run=dry_run)


def _outcomes(
    adds: Sequence[S], changes: Sequence[S], unchanged: Sequence[S]
) -> Iterable[tuple[LineOutcome, Sequence[S]]]:
    return zip(LineOutcome, (adds, changes, unchanged), strict=True)


def _shown(errors: tuple[LineErrorValue, ...]) -> list[LineError]:
    return [LineError.of(error) for error in errors[:MOST_LINE_ERRORS]]


def _refusal(errors: tuple[LineErrorValue, ...]) -> UserError:
    """One error for the file; what is wrong with it stands in the errors of the lines."""
    found = "1 error" if len(errors) == 1 else f"{len(errors):,} errors"
    shown = f" The first {MOST_LINE_ERRORS} are listed." if len(errors) > MOST_LINE_ERRORS else ""
    message = f"The file has {found}; nothing was imported.{shown}"
    return InvalidInputError(message=message, path=["input", "upload"])
