"""Every connection and permission that the declarations need, tried; nothing is sent or written at a vendor."""

from watchbill.doctor.checks import Check, Examination
from watchbill.doctor.examinations import examinations

__all__ = ["Check", "Examination", "examinations"]
