"""Migration: a running instance goes on with another version of its procedure. Pure: (old definition, new definition,
plan, state) → new state + effects, or the obstacles.

`plans` says which element becomes which; `movement` moves one stored state; the verbs are in `engine.migrations`.
"""

from engine.migration.movement import Moved, Mover
from engine.migration.obstacles import Obstacle
from engine.migration.plans import Plan, automatic_plan, plan_with

__all__ = ["Moved", "Mover", "Obstacle", "Plan", "automatic_plan", "plan_with"]
