"""Bind these operations to their engines."""

from __future__ import annotations

from pathlib import Path, PurePath

from services.file_ops.contracts.pages import (
    CROP,
    DELETE_PAGES,
    N_UP,
    REMOVE_BLANK_PAGES,
    REORDER_PAGES,
    RESIZE,
    ROTATE,
    CropOptions,
    DeleteOptions,
    NUpOptions,
    RemoveBlankOptions,
    ReorderOptions,
    ResizeOptions,
    RotateOptions,
)
from services.file_ops.pages import blank, crop, n_up, resize, rotate
from services.file_ops.pages.selection import Selecting, without
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task
from shared.pdf.page_ranges import chosen_pages


def _target(task: Task, ending: str) -> Path:
    return task.output(f"{PurePath(task.input.name).stem}-{ending}.pdf", PDF)


@performs(ROTATE)
def rotate_pages(task: Task, options: RotateOptions) -> Result:
    """Turn pages of the one input of the task."""
    target = _target(task, "rotated")
    return rotate.rotate(task.input.path, target, options, password=task.password, report=task.report)


@performs(REORDER_PAGES)
def reorder_pages(task: Task, options: ReorderOptions) -> Result:
    """Put the pages of the one input of the task into another order."""

    def in_order(page_count: int) -> list[int]:
        pages = chosen_pages(options.pages, page_count)
        return pages + (without(pages, page_count) if options.append_rest else [])

    target = _target(task, "reordered")
    return Selecting(task.input.path, target, task.password, options.break_signature).write(in_order)


@performs(DELETE_PAGES)
def delete_pages(task: Task, options: DeleteOptions) -> Result:
    """Delete pages of the one input of the task."""

    def kept(page_count: int) -> list[int]:
        return without(chosen_pages(options.pages, page_count), page_count)

    target = _target(task, "shortened")
    return Selecting(task.input.path, target, task.password, options.break_signature).write(kept)


@performs(CROP)
def crop_pages(task: Task, options: CropOptions) -> Result:
    """Crop pages of the one input of the task."""
    target = _target(task, "cropped")
    return crop.crop(task.input.path, target, options, password=task.password, report=task.report)


@performs(RESIZE)
def resize_pages(task: Task, options: ResizeOptions) -> Result:
    """Resize pages of the one input of the task."""
    target = _target(task, "resized")
    return resize.resize(task.input.path, target, options, password=task.password, report=task.report)


@performs(N_UP)
def place_pages(task: Task, options: NUpOptions) -> Result:
    """Put the pages of the one input of the task on sheets."""
    target = _target(task, "sheets")
    return n_up.n_up(task.input.path, target, options, password=task.password, report=task.report)


@performs(REMOVE_BLANK_PAGES)
def remove_blank_pages(task: Task, options: RemoveBlankOptions) -> Result:
    """Remove the blank pages of the one input of the task."""
    target = _target(task, "without-blank-pages")
    return blank.remove_blank_pages(task.input.path, target, options, password=task.password, report=task.report)
