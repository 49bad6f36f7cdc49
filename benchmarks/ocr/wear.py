"""Wears a clean page as scanners and cameras do; each condition says where the page lies in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np


@dataclass(frozen=True)
class Condition:
    """How a page is worn: resolution, tilt, blur, ink and paper, noise, JPEG quality, and how it lies."""

    dpi: int
    tilt_degrees: float = 0.0
    blur_px: float = 0.0
    ink: int = 0
    paper: int = 255
    noise: float = 0.0
    jpeg: int = 95
    #: Clockwise.
    turn_degrees: int = 0
    #: Taken by hand with a camera, in the light of one lamp.
    is_photo: bool = False


#: The figures of the scans are those that the targets were set with.
CONDITIONS = {
    "clean200": Condition(200),
    "scan200": Condition(200, 1.2, 0.7, 40, 235, 12, 50),
    "scan300": Condition(300, 1.2, 1.0, 40, 235, 12, 50),
    "noisy200": Condition(200, 1.8, 1.1, 60, 220, 25, 30),
    "turned90": Condition(200, 1.2, 0.7, 40, 235, 12, 50, turn_degrees=90),
    "turned180": Condition(200, 1.2, 0.7, 40, 235, 12, 50, turn_degrees=180),
    "turned270": Condition(200, 1.2, 0.7, 40, 235, 12, 50, turn_degrees=270),
    "photo": Condition(200, 0.0, 0.8, 35, 225, 6, 70, is_photo=True),
}
#: Rows, columns.
Gray = Any


@dataclass(frozen=True)
class Worn:
    """A picture, and the 3 x 3 matrix that leads from points of the page to pixels of the picture."""

    pixels: Gray
    places: Any


def worn(page: Gray, how: Condition, seed: int) -> Worn:
    """Wear a page that was drawn at the condition's resolution; one seed gives one set of pixels."""
    random = np.random.default_rng(seed)
    matrix = _photographed(page.shape, random) if how.is_photo else _tilted(page.shape, how.tilt_degrees, seed)
    rows, columns = page.shape
    around = 90 if how.is_photo else 255
    seen = cv2.warpPerspective(page, matrix, (columns, rows), flags=cv2.INTER_CUBIC, borderValue=around)
    if how.blur_px:
        seen = cv2.GaussianBlur(seen, (0, 0), how.blur_px)
    inked = how.ink + seen.astype(np.float32) * ((how.paper - how.ink) / 255)
    if how.is_photo:
        inked *= _light(page.shape, random)
    if how.noise:
        inked += random.normal(0, how.noise, page.shape)
    pixels = np.ascontiguousarray(np.rot90(inked.clip(0, 255).astype(np.uint8), -how.turn_degrees // 90))
    return Worn(pixels, _turn(how.turn_degrees, columns, rows) @ matrix @ np.diag([how.dpi / 72, how.dpi / 72, 1.0]))


def _tilted(shape: tuple[int, ...], degrees: float, seed: int) -> Any:
    # One half is tilted one way, one half the other.
    matrix = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), degrees if seed % 2 else -degrees, 1.0)
    return np.vstack([matrix, [0, 0, 1]])


def _photographed(shape: tuple[int, ...], random: np.random.Generator) -> Any:
    rows, columns = shape
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * random.uniform(0.01, 0.06, (4, 2)) * [columns, rows]
    return cv2.getPerspectiveTransform(corners, (corners + inwards).astype(np.float32)).astype(np.float64)


def _light(shape: tuple[int, ...], random: np.random.Generator) -> Any:
    """From full light at the lamp down to less than half at the far corner, with the soft shadow of a hand."""
    down, across = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j].astype(np.float32)
    lamp = random.uniform(0, 1, 2)
    distance = np.hypot(down - lamp[0], across - lamp[1])
    shadow = 1 / (1 + np.exp((across + 0.4 * down - random.uniform(0.9, 1.2)) * 25))
    return (1.05 - 0.45 * distance) * (0.75 + 0.25 * shadow)


def _turn(degrees: int, columns: int, rows: int) -> Any:
    return {
        0: np.eye(3),
        90: np.array([[0, -1, rows], [1, 0, 0], [0, 0, 1.0]]),
        180: np.array([[-1, 0, columns], [0, -1, rows], [0, 0, 1.0]]),
        270: np.array([[0, 1, 0], [-1, 0, columns], [0, 0, 1.0]]),
    }[degrees]
