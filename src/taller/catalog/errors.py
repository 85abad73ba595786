"""What can be wrong with a course."""


class CatalogError(Exception):
    """A manifest that does not say what it has to; the message names the file and the entry."""


class CourseNotFound(CatalogError):
    """No checkout of the course here or above."""


class LessonNotFound(CatalogError):
    """No lesson, or more than one, goes by that name."""
