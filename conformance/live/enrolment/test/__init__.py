"""Tests of the stages of enrolment."""
