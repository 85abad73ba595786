"""The API: HTTP on one side, files in a store on the other."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from lesson03_middleware_logging.problems import Problem
from lesson09_file_storage.files import Files
from lesson09_file_storage.forms import FIELD, uploaded_file
from lesson09_file_storage.models import Kept, Offer, StoredFile, UploadDraft
from lesson09_file_storage.uploads import Uploads

Responses = dict[int | str, dict[str, Any]]

REFUSALS: Responses = {
    400: {"model": Problem, "description": "No file, an empty one, or no form"},
    413: {"model": Problem, "description": "Too large"},
    415: {"model": Problem, "description": "No type that is kept here"},
}
UNAVAILABLE: Responses = {503: {"model": Problem, "description": "The store is out of reach"}}
NOT_FOUND: Responses = {404: {"model": Problem, "description": "No such upload"}}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
UPLOAD_PATH = "/api/upload"
LISTED = "/api/files"

router = APIRouter()


async def files_of(request: Request) -> Files:
    """The files that the composition root gave to the app."""
    files: Files = request.app.state.files
    return files


async def uploads_of(request: Request) -> Uploads:
    """The uploads under way that the composition root gave to the app."""
    uploads: Uploads = request.app.state.uploads
    return uploads


TheFiles = Annotated[Files, Depends(files_of)]
TheUploads = Annotated[Uploads, Depends(uploads_of)]


@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    return {"status": "ok"}


@router.post(UPLOAD_PATH, status_code=201, responses=REFUSALS | UNAVAILABLE, openapi_extra=FORM)
async def upload(request: Request, files: TheFiles) -> Kept:
    """Keep the file of a form."""
    async with uploaded_file(request) as file:
        return Kept(file=await run_in_threadpool(files.keep, file.file, file.filename or ""))


@router.get(LISTED, responses=UNAVAILABLE)
async def list_files(
    files: TheFiles,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str, Query(max_length=100)] = "",
) -> list[StoredFile]:
    """One page of the files, the oldest first; the header Link leads to the next (RFC 8288)."""
    # TODO list: Find them again
    raise NotImplementedError("list")


@router.post("/api/uploads", status_code=201)
async def offer_upload(draft: UploadDraft, uploads: TheUploads, response: Response) -> Offer:
    """Say where and how a client may send a file by itself."""
    # TODO direct: Let clients send to the store themselves
    raise NotImplementedError("direct")


@router.post("/api/uploads/{upload_id}", status_code=201, responses=REFUSALS | NOT_FOUND | UNAVAILABLE)
async def complete_upload(upload_id: str, uploads: TheUploads) -> Kept:
    """Keep what a client has sent to the store."""
    # TODO direct: Let clients send to the store themselves
    raise NotImplementedError("direct")
