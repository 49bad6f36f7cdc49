"""Every error that a client can meet: its family (HTTP status), stable code, and what to do about it."""

from __future__ import annotations

from typing import Any


class BinderyError(Exception):
    """An error with a stable code and a remedy. The message is safe to show: no secrets, no document text."""

    code = "internal"
    status = 500
    title = "Something went wrong inside Bindery"
    remedy = "Try again; if it happens again, report the job's id to the operator."
    #: Whether the same job may succeed when it is tried again later.
    retryable = False

    def __init__(self, message: str | None = None, *, remedy: str | None = None, **details: Any) -> None:
        super().__init__(message or (self.__doc__ or self.title).strip().splitlines()[0])
        if remedy is not None:
            self.remedy = remedy
        #: Further members of the problem document, JSON values only (for example `problems`).
        self.details = details

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        return str(self)

    def as_record(self) -> dict[str, Any]:
        """The error as it stands in a job's public record."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy, "retryable": self.retryable}


class RequestError(BinderyError):
    """The request cannot be understood."""

    status = 400
    title = "Malformed request"
    code = "bad_request"
    remedy = "Correct the request; /openapi.json describes every route."


class MalformedMultipart(RequestError):
    """The body is not the multipart form that its header announces, or it ends too early."""

    code = "malformed_multipart"
    remedy = "Send the form again, completely, as `curl -F file=@document.pdf` does."


class UploadStalled(RequestError):
    """The request stopped coming in before its end."""

    status = 408
    title = "Request timeout"
    code = "upload_stalled"
    remedy = "Nothing was kept. Send the request again, over a connection that does not stand still."


class NotMultipart(RequestError):
    """Documents are submitted as multipart/form-data."""

    status = 415
    code = "not_multipart"
    remedy = "Send multipart/form-data with the document in the field 'file', as `curl -F file=@document.pdf` does."


class MalformedId(RequestError):
    """This is not an id."""

    code = "malformed_id"
    remedy = "Use the id as the submission answered it: a UUID."


class MethodNotAllowed(RequestError):
    """This address does not take this method."""

    status = 405
    title = "Method not allowed"
    code = "method_not_allowed"
    remedy = "The header Allow lists the methods that it takes."


class OptionsError(BinderyError):
    """Some fields of the request are wrong."""

    status = 422
    title = "Some fields are wrong"
    code = "invalid_options"
    remedy = "Correct the fields named in 'problems'; GET /v1/operations lists every option."


class MissingFile(OptionsError):
    """The request carries no file."""

    code = "missing_file"
    title = "No file"
    remedy = "Send at least one file in the multipart field 'file'."


class AuthenticationError(BinderyError):
    """The request carries no valid API key."""

    status = 401
    title = "Not authenticated"
    code = "unauthenticated"
    remedy = "Send 'Authorization: Bearer <key>' with a key that an operator made."


class AuthorizationError(BinderyError):
    """The API key does not allow this."""

    status = 403
    title = "Not allowed"
    code = "forbidden"
    remedy = "Ask the operator for a key with the scope that is needed."


class ForeignPage(AuthorizationError):
    """The request comes from a page of another site."""

    code = "foreign_page"
    remedy = "Send it from a program, or from a page of this server."


class ForeignHost(AuthorizationError):
    """The request calls this machine by a name that is not its own."""

    code = "foreign_host"
    remedy = "Use 127.0.0.1 or localhost; a gateway that asks for keys (BINDERY_REQUIRE_KEYS=true) has any name."


class NotFound(BinderyError):
    """There is nothing at this address."""

    status = 404
    title = "Not found"
    code = "not_found"
    remedy = "Check the address; GET /v1/operations and GET /v1/jobs list what exists."


class UnknownOperation(NotFound):
    """There is no such operation."""

    code = "unknown_operation"
    remedy = "GET /v1/operations lists the operations of this server."


class UnknownJob(NotFound):
    """There is no such job; it may have been deleted or have expired."""

    code = "unknown_job"
    remedy = "GET /v1/jobs lists the jobs that exist; submit the document again if its job has expired."


class UnknownBatch(NotFound):
    """There is no such batch."""

    code = "unknown_batch"
    remedy = "Use the batch_id that the submission answered."


class UnknownPipeline(NotFound):
    """There is no such pipeline."""

    code = "unknown_pipeline"
    remedy = "Use the id that the submission answered."


class UnknownInput(NotFound):
    """The job has no such input."""

    code = "unknown_input"
    remedy = "GET /v1/jobs/{id} lists the inputs of a job."


class UnknownOutput(NotFound):
    """The job has no output of this name."""

    code = "unknown_output"
    remedy = "The job's 'outputs' list the names."


class UnknownQueue(NotFound):
    """There is no such queue."""

    code = "unknown_queue"
    remedy = "GET /v1/queues lists the queues."


class ConflictError(BinderyError):
    """The job is in a state that does not allow this."""

    status = 409
    title = "Not in this state"
    code = "conflict"
    remedy = "Look at the job's status first."


class ResultNotReady(ConflictError):
    """The job has not completed, so that there is no result yet."""

    code = "result_not_ready"
    remedy = "Wait for status 'completed', for example with GET /v1/jobs/{id}?wait=30."


class TooLarge(BinderyError):
    """The upload is larger than this server accepts."""

    status = 413
    title = "Too large"
    code = "too_large"
    remedy = "Send smaller or fewer files, or ask the operator to raise the limit."


class TooManyFiles(TooLarge):
    """The request carries more files than this server accepts at once."""

    code = "too_many_files"
    remedy = "Send the files in several requests, or ask the operator to raise the limit."


class UnsupportedMediaType(BinderyError):
    """The file is of a kind that this operation does not take."""

    status = 415
    title = "Unsupported kind of file"
    code = "unsupported_media_type"
    remedy = "GET /v1/operations/{name} lists what the operation accepts."


class EmptyFile(UnsupportedMediaType):
    """The file is empty."""

    status = 422
    title = "Empty file"
    code = "empty_file"
    remedy = "Check that the file was saved and read completely, then send it again."


class RangeNotSatisfiable(BinderyError):
    """The range begins behind the end of the document."""

    status = 416
    title = "Range not satisfiable"
    code = "range_not_satisfiable"
    remedy = "Ask for bytes within the length that Content-Range names."


class RateLimited(BinderyError):
    """Too many requests. The detail `retry_after_s` says when to come again."""

    status = 429
    title = "Too many requests"
    code = "rate_limited"
    remedy = "Wait for the seconds that Retry-After names."
    retryable = True


class StorageFull(BinderyError):
    """The server's storage is full."""

    status = 507
    title = "Storage full"
    code = "storage_full"
    remedy = "Nothing was kept. Try again later; the operator must free space (see BINDERY_STORAGE_URL)."
    retryable = True


class StorageUnavailable(BinderyError):
    """The server's storage cannot be reached."""

    status = 503
    title = "Storage unavailable"
    code = "storage_unavailable"
    remedy = "Try again in a moment; the operator finds the cause in the log."
    retryable = True


class DatabaseUnavailable(BinderyError):
    """The database cannot be reached."""

    status = 503
    title = "Database unavailable"
    code = "database_unavailable"
    remedy = "Nothing was kept. Try again in a moment; the operator must look at BINDERY_DATABASE_URL."
    retryable = True


class SubmissionUncertain(DatabaseUnavailable):
    """The database was lost while the job was saved: whether it exists is not known."""

    code = "submission_uncertain"
    remedy = "In a moment, look for the ids in 'job_ids' with GET /v1/jobs/{id}; submit again if they are not there."


class ExternalServiceError(BinderyError):
    """A service outside Bindery did not answer as it should."""

    status = 503
    title = "External service failed"
    code = "external_service"
    remedy = "Try again later; the operator must look at the service."
    retryable = True


class UrlError(BinderyError):
    """What the URL names cannot be had."""

    status = 422
    title = "The URL cannot be fetched"
    code = "url_failed"
    remedy = "Check that the URL opens in a browser without signing in, or send the document itself."


class UrlNotAllowed(UrlError):
    """This server does not connect to what the URL names."""

    title = "URL not allowed"
    code = "url_not_allowed"
    remedy = (
        "Use an http or https URL of a host on the public internet; an operator can allow others "
        "(BINDERY_ALLOWED_PRIVATE_NETWORKS, BINDERY_OUTBOUND_PORTS)."
    )


class UrlUnreachable(UrlError):
    """The host of the URL cannot be reached."""

    code = "url_unreachable"
    remedy = "Check the URL, and that its host is up; then try again, or send the document itself."
    retryable = True


class UrlTimedOut(UrlError):
    """The host of the URL took too long."""

    code = "url_timed_out"
    remedy = "Try again, or send the document itself."
    retryable = True


class UrlRefused(UrlError):
    """The host of the URL answered, but not with a document."""

    code = "url_refused"


class UrlTooLarge(TooLarge):
    """What the URL names is larger than this server accepts."""

    code = "url_too_large"
    remedy = "Name a smaller document, or ask the operator to raise the limit."


class FileProcessingError(BinderyError):
    """The document could not be processed."""

    status = 422
    title = "The document could not be processed"
    code = "file_processing"
    remedy = "Check that the document opens in a viewer."


class DamagedFile(FileProcessingError):
    """The document is damaged beyond repair."""

    code = "file_damaged"
    remedy = "Check that the document opens in a viewer and was transferred completely."


class EncryptedPdf(FileProcessingError):
    """The PDF needs a password to open."""

    code = "pdf_encrypted"
    remedy = "Send the password in the field 'password'."


class WrongPassword(FileProcessingError):
    """The password does not open the PDF."""

    code = "wrong_password"
    remedy = "Send the right password in the field 'password'; letter case matters."


class SecretErased(FileProcessingError):
    """The job needs a password that was erased when the job ended the first time."""

    code = "secret_erased"
    remedy = "Submit the document again, with the password."


class NoPages(FileProcessingError):
    """The document has no pages."""

    code = "no_pages"
    remedy = "Send a document with at least one page."


class SignedPdf(FileProcessingError):
    """The PDF carries a digital signature, which any change would break."""

    code = "pdf_signed"
    remedy = "Send the option break_signature=true to accept losing the signature."


class TooComplex(FileProcessingError):
    """The document is beyond the limits of this server."""

    code = "too_complex"
    remedy = "Split the document or simplify it; the message names the limit that was met."


class TimeLimitExceeded(TooComplex):
    """The document took longer than the operation may run."""

    code = "time_limit"
    remedy = "Split the document, or ask the operator to raise the operation's time limit."


class OutOfMemory(TooComplex):
    """The document needed more memory than the operation may use."""

    code = "out_of_memory"
    remedy = "Split the document, or ask the operator to raise the service's memory limit."


class EngineCrashed(BinderyError):
    """The engine's process died while it worked on the document."""

    code = "engine_crashed"
    title = "The engine crashed"
    remedy = "The document may be damaged: check that it opens in a viewer. Report the job's id to the operator."
    retryable = True


class WorkerLost(BinderyError):
    """Each worker that took the job was lost while it ran."""

    code = "worker_lost"
    title = "The worker was lost"
    remedy = "The document may overwhelm its worker. Try it once more; report the job's id to the operator."


class QueueTimeExceeded(BinderyError):
    """No worker took the job within the time that a job may wait."""

    code = "queue_time_limit"
    status = 503
    title = "Waited too long"
    remedy = "Retry the job once its queue has a free worker; GET /v1/queues shows who consumes it."
    retryable = True


class ClaimLost(Exception):
    """Another attempt owns the job now, or it has ended: whatever this attempt did must be dropped."""
