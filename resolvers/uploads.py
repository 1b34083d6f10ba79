"""Files that somebody sends, for a mutation that uses them."""

from uuid import UUID

from rules.text import NAME_LIMIT, TextProblem, clean
from storage.uploads import Upload, insert_upload
from tenancy.scopes import WritingScope


def keep_upload(scope: WritingScope, file_name: str, content: bytes) -> UUID:
    """Keep a file for the person who sent it; the answer is its id. The name is for people to
    read, so one that cannot be kept is left out."""
    name = clean(file_name[-NAME_LIMIT:], limit=NAME_LIMIT)
    upload = Upload(
        id=scope.new_id(),
        uploaded_by=scope.principal.label,
        uploaded_at=scope.now,
        file_name="" if isinstance(name, TextProblem) else name,
        content=content,
    )
    insert_upload(scope.db, upload)
    return upload.id
