"""One folder per processing domain. Another `services` folder on PYTHONPATH adds its own beside these."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
