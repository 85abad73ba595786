"""What lessons there are, what each asks for, and where its files lie."""

from taller.catalog.course import Course
from taller.catalog.errors import CatalogError, CourseNotFound, LessonNotFound
from taller.catalog.lesson import Lesson, Step

__all__ = ["CatalogError", "Course", "CourseNotFound", "Lesson", "LessonNotFound", "Step"]
